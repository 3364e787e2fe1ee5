"""Identity numbers of GB 11643-1999: eighteen characters whose last one checks the rest.

The checksum is ISO 7064 MOD 11-2. The first six digits name the place of first registration; places have been
renamed and merged for decades, so an unknown one is a warning and never a reason to refuse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shared.localisation.text import plain

Sex = Literal["male", "female"]

LENGTH = 18
_WEIGHTS = tuple(2**power % 11 for power in range(17, 0, -1))
_CHECKS = "10X98765432"
_EXPONENT = re.compile(r"^\d(?:\.\d+)?[eE]\+?1[4-8]$")
_PLAIN_FLOAT = re.compile(r"^\d{15,18}\.0*$")
_PROVINCES = frozenset(
    str(number)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for number in range(first, last + 1)
)
_NO_PREFECTURE = "99"
_FIRST_YEAR = 1880


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A number that passed every check: upper case, half width, with what it says of its bearer.

    `warnings` holds codes of what is odd but possible: `area_unknown`.
    """

    number: str
    born: date
    sex: Sex
    warnings: tuple[str, ...] = ()


class IdentityProblem(ValueError):
    """Why a text is no identity number. `code` is one of `CODES`; `facts` never hold the number itself."""

    CODES = ("identity_spreadsheet_number", "identity_length", "identity_characters", "identity_date", "identity_check")

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def check_identity(text: str, *, today: date | None = None) -> IdentityNumber:
    """The identity number in `text`, or `IdentityProblem` with the first thing that is wrong with it.

    Full-width digits, blanks, hyphens and a lower-case x are put right. `today` refuses a birth date after it.

    - `identity_spreadsheet_number`: a spreadsheet made it a number (`4.30626E+17`); its last digits are lost.
    - `identity_length` with `length`: not eighteen characters; seventeen or nineteen are slips, fifteen the form
      that ended in 2013.
    - `identity_characters`: something other than digits with X at the end.
    - `identity_date`: the eight digits of birth are no date, or a date to come.
    - `identity_check`: the last character does not check the others.
    """
    number = re.sub(r"[\s\-'‘’`]", "", plain(text)).upper()
    if _EXPONENT.match(number) or _PLAIN_FLOAT.match(number):
        raise IdentityProblem("identity_spreadsheet_number")
    if len(number) != LENGTH:
        raise IdentityProblem("identity_length", length=len(number))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise IdentityProblem("identity_characters")
    born = _born(number, today)
    if check_character(number[:17]) != number[17]:
        raise IdentityProblem("identity_check")
    return IdentityNumber(
        number=number,
        born=born,
        sex="male" if int(number[16]) % 2 else "female",
        warnings=() if number[:2] in _PROVINCES else ("area_unknown",),
    )


def check_character(digits: str) -> str:
    """The eighteenth character for the first seventeen digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return _CHECKS[total % 11]


def is_reserved_area(area: str) -> bool:
    """Whether six digits name a place that cannot exist: a province with the prefecture 99, which none has."""
    return bool(re.fullmatch(r"[0-9]{6}", area)) and area[:2] in _PROVINCES and area[2:4] == _NO_PREFECTURE


def make_identity(area: str, born: date, serial: int, sex: Sex) -> str:
    """A number that passes every check and belongs to nobody, for demonstrations and tests.

    `area` must be reserved (`is_reserved_area`); `serial` from 0 to 499 tells people of one day and sex apart.
    Raises ValueError otherwise.
    """
    if not is_reserved_area(area):
        raise ValueError(f"not a reserved area: {area!r}")
    if not 0 <= serial < 500:
        raise ValueError(f"not a serial from 0 to 499: {serial}")
    digits = f"{area}{born:%Y%m%d}{serial * 2 + (sex == 'male'):03}"
    return digits + check_character(digits)


def masked_identity(text: str) -> str:
    """The number with its birth date and serial hidden: enough to find the cell again, not enough to use."""
    number = plain(text)
    if len(number) <= 8:
        return "*" * len(number)
    return number[:4] + "*" * (len(number) - 6) + number[-2:]


def _born(number: str, today: date | None) -> date:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise IdentityProblem("identity_date") from error
    if born.year < _FIRST_YEAR or (today is not None and born > today):
        raise IdentityProblem("identity_date")
    return born
