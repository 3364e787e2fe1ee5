"""Workdays: the State Council's calendar with its swapped weekends, the county's own exceptions, and honest guesses.

The calendar of a year is published in the autumn before. Beyond what the library knows the answer is an estimate
from weekdays and computed festivals, and says so; it never fails.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

Basis = Literal["override", "calendar", "estimate"]


@dataclass(frozen=True, slots=True)
class DayKind:
    """Whether a day is worked, and on what the answer rests.

    `override`: the county said so. `calendar`: the published calendar. `estimate`: no calendar for that year yet.
    """

    day: date
    worked: bool
    basis: Basis


def kind_of(day: date, overrides: Mapping[date, bool] | None = None) -> DayKind:
    """What kind of day it is. `overrides` maps days to True (worked) or False (free) and wins over everything."""
    if overrides and day in overrides:
        return DayKind(day, overrides[day], "override")
    # Imported here: the table of days is read only by who asks for one.
    import chinese_calendar

    try:
        return DayKind(day, bool(chinese_calendar.is_workday(day)), "calendar")
    except NotImplementedError:
        return DayKind(day, day.weekday() < 5 and day not in _festivals(day.year), "estimate")


def is_workday(day: date, overrides: Mapping[date, bool] | None = None) -> bool:
    """Whether a day is worked. Never raises; `kind_of` says what the answer rests on."""
    return kind_of(day, overrides).worked


def workday_after(day: date, count: int, overrides: Mapping[date, bool] | None = None) -> date:
    """The day that is `count` workdays after `day`, which is not counted itself. `count` is 1 or more."""
    if count < 1:
        raise ValueError(f"not a number of days ahead: {count}")
    while count:
        day += timedelta(days=1)
        count -= is_workday(day, overrides)
    return day


@lru_cache(maxsize=16)
def _festivals(year: int) -> Container[date]:
    # A quarter of a second to import, and needed for years without a published calendar only.
    import holidays

    try:
        return frozenset(holidays.country_holidays("CN", years=year))
    except (NotImplementedError, ValueError, KeyError):
        return frozenset()
