"""An area's calendar: its school terms, and the days on which it works or teaches otherwise than is published."""

from __future__ import annotations

from datetime import date

from services.registry.domain.authority_codes import SchoolHalf
from services.registry.domain.events import DaySet, TermSet
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Ref
from shared.kernel.refusals import Refusal

LONGEST = 210
"""Days: a term that is longer has a year mistyped."""
Term = tuple[date, date]


def calendar_id(division: str) -> str:
    """The id of the calendar of a division: each has one of its own, and what it leaves out its parent's says."""
    return derived_id(division, "registry.calendar")


class Calendar(Aggregate):
    """The calendar of one division."""

    service, kind = "registry", "calendar"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.terms: dict[tuple[int, SchoolHalf], Term] = {}
        self.days: dict[date, tuple[bool | None, bool | None]] = {}

    def set_term(self, division: str, year: int, half: SchoolHalf, first: date, last: date) -> None:
        """Set a term, or put it right.

        Refuses `registry.term_impossible` (ends before it begins, longer than 210 days, or begins in neither year of
        the school year) and `registry.term_overlaps` another of the area.
        """
        if not first < last or (last - first).days > LONGEST or first.year not in (year, year + 1):
            raise Refusal("registry.term_impossible", first=first, last=last, year=year)
        others = [term for key, term in self.terms.items() if key != (year, half)]
        if any(first <= end and begin <= last for begin, end in others):
            raise Refusal("registry.term_overlaps", first=first, last=last)
        if self.terms.get((year, half)) != (first, last):
            self.record(
                TermSet(calendar=Ref(self.id), division=Ref(division), year=year, half=half, first=first, last=last)
            )

    def set_day(self, division: str, day: date, *, worked: bool | None, taught: bool | None) -> None:
        """Say how a day is; both None takes back what was said."""
        if self.days.get(day, (None, None)) != (worked, taught):
            self.record(DaySet(calendar=Ref(self.id), division=Ref(division), day=day, worked=worked, taught=taught))

    def _apply_term_set(self, it: TermSet) -> None:
        self.terms[it.year, it.half] = (it.first, it.last)

    def _apply_day_set(self, it: DaySet) -> None:
        self.days[it.day] = (it.worked, it.taught)
