"""An area's calendar: terms that do not overlap, and days that are otherwise than published."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.registry.domain.authority_codes import SchoolHalf
from services.registry.domain.calendar import Calendar, calendar_id
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Refusal

AREA = derived_id("c", "township")
FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)


def with_a_term() -> Calendar:
    it = Calendar(calendar_id(AREA))
    it.set_term(AREA, 2026, SchoolHalf.AUTUMN, FIRST, LAST)
    return it


def test_a_term_is_set_put_right_and_the_same_again_changes_nothing() -> None:
    it = with_a_term()
    it.set_term(AREA, 2026, SchoolHalf.AUTUMN, FIRST, LAST)
    assert len(it.recorded) == 1
    it.set_term(AREA, 2026, SchoolHalf.AUTUMN, FIRST, date(2027, 1, 29))
    assert it.terms == {(2026, SchoolHalf.AUTUMN): (FIRST, date(2027, 1, 29))}


@pytest.mark.parametrize(
    ("first", "last"), [(LAST, FIRST), (FIRST, FIRST), (FIRST, date(2027, 7, 1)), (date(2028, 3, 1), date(2028, 7, 1))]
)
def test_an_impossible_term_is_refused(first: date, last: date) -> None:
    with pytest.raises(Refusal, match=r"registry\.term_impossible"):
        Calendar(calendar_id(AREA)).set_term(AREA, 2026, SchoolHalf.AUTUMN, first, last)


def test_terms_do_not_overlap() -> None:
    with pytest.raises(Refusal, match=r"registry\.term_overlaps"):
        with_a_term().set_term(AREA, 2026, SchoolHalf.SPRING, LAST, date(2027, 7, 2))


def test_a_day_is_set_once_and_can_be_taken_back() -> None:
    it = Calendar(calendar_id(AREA))
    day = date(2026, 10, 10)
    for worked in (True, True, None):
        it.set_day(AREA, day, worked=worked, taught=None)
    said: list[Any] = list(it.recorded)
    assert [one.worked for one in said] == [True, None]
