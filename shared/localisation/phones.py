"""Telephone numbers as people write them in the mainland, in one form, and masked for those who may not see them."""

from __future__ import annotations

import re
from typing import Any

from shared.localisation.text import plain

_MOBILE = re.compile(r"^(?:\+?86|0086)?0?(1[3-9]\d{9})$")
_LANDLINE = re.compile(r"^(?:(?:\+?86|0086)0?|0)(10|2\d|[3-9]\d{2})([2-8]\d{6,7})(?:[#x,转](\d{1,6}))?$")
_LOCAL = re.compile(r"^([2-8]\d{6,7})(?:[#x,转](\d{1,6}))?$")
_ABROAD = re.compile(r"^(?:\+|00)([1-9]\d{6,14})$")
_BETWEEN = re.compile(r"[/、,，;；|\n]|或者?|\s{2,}")


class PhoneProblem(ValueError):
    """Why a text is no telephone number: `phone_unreadable`, `phone_area_missing` or `phone_spreadsheet_number`."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def normal_phone(text: str, *, area: str | None = None) -> str:
    """One form for a number: `13912345678`, `0730-1234567`, `0730-1234567-12` (extension), `+85212345678`.

    `area` (`0730`) is put before a local number that lacks one. Raises `PhoneProblem`.
    """
    number = plain(text)
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", number):
        raise PhoneProblem("phone_spreadsheet_number")
    number = re.sub(r"\.0$", "", number)
    number = re.sub(r"[\s\-—–.()·']", "", number).lower()
    if mobile := _MOBILE.match(number):
        return mobile[1]
    if landline := _LANDLINE.match(number):
        return "0" + "-".join(part for part in landline.groups() if part)
    if local := _LOCAL.match(number):
        if area is None:
            raise PhoneProblem("phone_area_missing")
        return "-".join(part for part in (area, *local.groups()) if part)
    if (abroad := _ABROAD.match(number)) and not abroad[1].startswith("86"):
        return f"+{abroad[1]}"
    raise PhoneProblem("phone_unreadable", digits=sum(character.isdigit() for character in number))


def phones_in(text: str, *, area: str | None = None) -> tuple[str, ...]:
    """All numbers in a cell that may hold several (`139…/0730-…`), in order, once each. Raises `PhoneProblem`."""
    parts = [part for part in _BETWEEN.split(plain(text)) if part.strip()]
    return tuple(dict.fromkeys(normal_phone(part, area=area) for part in parts))


def masked(phone: str) -> str:
    """The number with its middle hidden: `139****5678`, `0730-****567`. Short or strange ones are hidden whole."""
    digits = [index for index, character in enumerate(phone) if character.isdigit()]
    if len(digits) < 7:
        return "*" * len(phone)
    first, last = (4, 3) if phone.startswith("0") else (3, 4)
    hidden = set(digits[first:-last])
    return "".join("*" if index in hidden else character for index, character in enumerate(phone))
