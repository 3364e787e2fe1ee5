"""What is asked about an area's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.registry.domain.authority_codes import SchoolHalf


@dataclass(frozen=True, kw_only=True)
class SetTerm:
    """Set the first and the last day of a term of an area; `year` is the one in which the school year begins."""

    division: str
    year: int
    half: SchoolHalf
    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class SetDay:
    """Say of a day whether an area works and whether it teaches; None: as the calendar has it."""

    division: str
    day: date
    worked: bool | None = None
    taught: bool | None = None
