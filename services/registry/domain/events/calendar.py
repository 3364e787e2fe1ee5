"""School terms, and days that an area works or teaches otherwise than the national calendar says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.registry.domain.authority_codes import SchoolHalf
from shared.kernel.messages import Event, Ref, event


@event("registry.term_set", version=1)
@dataclass(frozen=True, kw_only=True)
class TermSet(Event):
    """The term of an area: its first and last day. `year` is the calendar year in which the school year begins."""

    calendar: Ref
    division: Ref
    year: int
    half: SchoolHalf
    first: date
    last: date


@event("registry.day_set", version=1)
@dataclass(frozen=True, kw_only=True)
class DaySet(Event):
    """A day of an area: whether it is worked, whether school is taught; None for as the calendar has it."""

    calendar: Ref
    division: Ref
    day: date
    worked: bool | None
    taught: bool | None
