"""School days: terms, the national calendar with its swapped weekends, an area's own exceptions."""

from __future__ import annotations

from datetime import date

from shared.localisation.school_days import AreaCalendar, nearest

AUTUMN, SPRING = (date(2025, 9, 1), date(2026, 1, 23)), (date(2026, 3, 2), date(2026, 7, 3))
COUNTY = AreaCalendar(terms=(AUTUMN, SPRING))


def test_a_workday_in_term_is_taught_and_a_weekend_is_not() -> None:
    monday, sunday = COUNTY.on(date(2026, 3, 9)), COUNTY.on(date(2026, 3, 8))
    assert (monday.worked, monday.in_term, monday.taught, monday.basis) == (True, True, True, "calendar")
    assert (sunday.worked, sunday.in_term, sunday.taught) == (False, True, False)


def test_a_swapped_saturday_is_taught_and_a_national_holiday_in_term_is_not() -> None:
    assert COUNTY.on(date(2025, 10, 11)).taught is True
    assert COUNTY.on(date(2025, 10, 1)).taught is False


def test_between_two_terms_it_is_holidays_and_long_after_the_last_nobody_knows() -> None:
    assert COUNTY.on(date(2026, 2, 10)).in_term is False
    assert COUNTY.on(date(2026, 2, 10)).taught is False
    assert COUNTY.in_term(date(2026, 8, 1)) is False
    assert COUNTY.in_term(date(2026, 12, 1)) is None
    assert COUNTY.in_term(date(2025, 8, 1)) is None


def test_what_an_area_says_of_a_day_goes_before_the_calendar() -> None:
    snow = date(2026, 3, 9)
    closed = AreaCalendar(terms=(SPRING,), taught={snow: False}).on(snow)
    assert (closed.worked, closed.taught) == (True, False)
    worked = AreaCalendar(terms=(SPRING,), worked={date(2026, 3, 8): True}).on(date(2026, 3, 8))
    assert (worked.worked, worked.basis, worked.taught) == (True, "override", True)


def test_the_nearest_area_goes_first_and_the_one_above_fills_in() -> None:
    late = (date(2026, 3, 16), date(2026, 7, 10))
    snow = date(2026, 4, 1)
    both = nearest(
        [AreaCalendar(terms=(late,), taught={snow: False}), AreaCalendar((AUTUMN, SPRING), {}, {snow: True})]
    )
    assert both.terms == (AUTUMN, late)
    assert both.on(snow).taught is False
    assert both.in_term(date(2026, 3, 9)) is False
