"""School days: what the terms of an area, its own exceptions and the national calendar together say of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.localisation.workdays import Basis, kind_of

Term = tuple[date, date]


@dataclass(frozen=True, slots=True)
class SchoolDay:
    """A day: whether it is worked, whether it lies in a term (None: no term is known near it), whether it is taught."""

    day: date
    worked: bool
    basis: Basis
    in_term: bool | None
    taught: bool


@dataclass(frozen=True, slots=True)
class AreaCalendar:
    """What holds for an area. `worked` and `taught` are its exceptions: a day to True or False."""

    terms: tuple[Term, ...] = ()
    worked: Mapping[date, bool] = field(default_factory=dict)
    taught: Mapping[date, bool] = field(default_factory=dict)

    def on(self, day: date) -> SchoolDay:
        """What it says of a day. Never raises.

        A swapped weekend is taught like the workday that it replaces (the State Council's yearly notice), unless the
        area says otherwise. Where no term is known school is taught on workdays, as far as anybody knows.
        """
        kind = kind_of(day, self.worked)
        in_term = self.in_term(day)
        taught = self.taught.get(day, kind.worked and in_term is not False)
        return SchoolDay(day, kind.worked, kind.basis, in_term, taught)

    def in_term(self, day: date) -> bool | None:
        """Whether a day lies in a term; None before the first term that is known and long after the last."""
        if any(first <= day <= last for first, last in self.terms):
            return True
        begun = [last for first, last in self.terms if first <= day]
        return False if begun and (day - max(begun)).days <= LONGEST_HOLIDAY else None


LONGEST_HOLIDAY = 75
"""Days after a term's end for which it is holidays, where nobody has set the next term yet."""


def nearest(calendars: Iterable[AreaCalendar]) -> AreaCalendar:
    """One calendar out of several, the nearest area first: what it says goes before what the others say."""
    terms: list[Term] = []
    worked: dict[date, bool] = {}
    taught: dict[date, bool] = {}
    for one in calendars:
        terms += [term for term in one.terms if not any(term[0] <= last and first <= term[1] for first, last in terms)]
        worked = dict(one.worked) | worked
        taught = dict(one.taught) | taught
    return AreaCalendar(tuple(sorted(terms)), worked, taught)
