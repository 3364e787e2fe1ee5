"""Days in every form that rosters have: real dates, serial numbers, 2014.5.6, 2014年5月6日, 20140506, 二〇一四年…"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal

from services.registry.rosters.sheets import Cell
from shared.localisation.text import plain

_EPOCH = date(1899, 12, 30)
_SERIALS = range(18_264, 73_051)
"""Serial numbers that can be someone's birth date: 1950 to 2099."""
_PARTED = re.compile(r"^(\d{4}|\d{2})\s*[年./\\\-、,]\s*(\d{1,2})\s*[月./\\\-、,]\s*(\d{1,2})\s*[日号]?\s*(?:出?生)?$")
_MONTH_ONLY = re.compile(r"^\d{4}\s*[年./\\\-]\s*\d{1,2}\s*月?$|^\d{6}$")
_SOLID = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_CLOCK = re.compile(r"[ tT]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_NUMERALS = {"〇": "0", "零": "0", "○": "0", **{one: str(n) for n, one in enumerate("一二三四五六七八九", start=1)}}
_TENS = re.compile(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)")


class Unreadable(ValueError):
    """A text that is no day: `impossible` (30 February), `incomplete` (no day given) or `unreadable`."""

    def __init__(self, why: Literal["impossible", "incomplete", "unreadable"]) -> None:
        super().__init__(why)
        self.why = why


def day_in(cell: Cell) -> date | None:
    """The day in a cell; None when it is empty. Raises `Unreadable`."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return day_in_text(str(int(cell)))
    if isinstance(cell, str):
        text = plain(cell).strip("'\"")
        return day_in_text(text) if text and text not in {"-", "—", "/", "无"} else None
    raise Unreadable("unreadable")


def day_in_text(text: str) -> date:
    """The day that a text writes. Years of two digits up to 49 are 20xx. Raises `Unreadable`."""
    text = _CLOCK.sub("", _arabic(plain(text)))
    match = _PARTED.match(text) or _SOLID.match(text)
    if match is None:
        if text.isdigit() and len(text) == 5 and int(text) in _SERIALS:
            return _EPOCH + timedelta(days=int(text))
        raise Unreadable("incomplete" if _MONTH_ONLY.match(text) else "unreadable")
    year = int(match[1])
    if len(match[1]) == 2:
        year += 2000 if year < 50 else 1900
    try:
        return date(year, int(match[2]), int(match[3]))
    except ValueError as error:
        raise Unreadable("impossible") from error


def _arabic(text: str) -> str:
    """Chinese numerals in a date as digits: 二〇一四年十一月二十日 → 2014年11月20日."""
    if not re.search("[〇零○一二三四五六七八九十]", text):
        return text
    text = _TENS.sub(lambda match: (match[1] or "1") + (match[2] or "0"), text)
    # 十 between digits of its own is written out above; what is left stands for one digit each.
    return "".join(_NUMERALS.get(character, character) for character in text)
