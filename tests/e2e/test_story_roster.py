"""Story 1: a teacher uploads a school's roster; the children left behind are registered, those at risk get cases."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

from tests.e2e.conftest import County
from tests.e2e.crew import WITHIN, Crew
from tests.e2e.rosters import ALONE, LEFT_BEHIND, PUPILS, TWICE, WRONG, school_roster
from tests.infrastructure.waiting import eventually

SCHOOL = "示范镇第一学校"
GOOD = LEFT_BEHIND - WRONG
Imported = tuple[Crew, str, dict[str, Any]]


@pytest.fixture(scope="module")
def imported(county: County) -> Imported:
    """The crew, the school, and the import's progress when it has ended."""
    crew = county.crew
    school = crew.school(SCHOOL)
    crew.hire("uploader", "teacher", place=school)
    return crew, school, crew.import_roster(school_roster(SCHOOL), school, "uploader")


def test_the_left_behind_are_registered_and_of_the_rest_only_counts_are_kept(imported: Imported) -> None:
    crew, school, progress = imported

    assert {name: progress[name] for name in ("registered", "counted", "duplicate", "refused")} == {
        "registered": GOOD,
        "counted": PUPILS - LEFT_BEHIND,
        "duplicate": TWICE,
        "refused": WRONG,
    }
    (counted,) = [one for one in crew.ask("county_admin", "registry", "schools")["items"] if one["school"] == school]
    assert (counted["pupils"], counted["left_behind"]) == (PUPILS, LEFT_BEHIND)
    assert len(list(crew.pages("county_admin", "registry", "children", {"school": school}))) == GOOD


def test_each_wrong_row_is_named_with_its_reason(imported: Imported) -> None:
    crew, _, progress = imported
    with_teacher = crew.pages("county_admin", "registry", "import_result", {"roster": progress["roster"]})

    rows = [one for one in with_teacher if one["outcome"] in {"refused", "duplicate"}]

    assert Counter(one["outcome"] for one in rows) == {"refused": WRONG, "duplicate": TWICE}
    assert all(one["row"] and one["problems"] for one in rows)


def test_cases_are_opened_for_the_children_who_live_alone(imported: Imported) -> None:
    crew, school, _ = imported
    asked = {"school": school, "risk": "living_alone"}
    alone = [one["child"] for one in crew.pages("county_admin", "registry", "children", asked)]

    assert len(alone) == ALONE
    for child in alone:
        eventually(partial(crew.case_of, child), within=WITHIN, what="a case")
    assert {case["state"] for child in alone if (case := crew.case_of(child))} == {"open"}


def test_the_same_roster_again_changes_nothing(imported: Imported) -> None:
    crew, school, progress = imported
    before = sorted(one["child"] for one in crew.pages("county_admin", "registry", "children", {"school": school}))

    again = crew.import_roster(school_roster(SCHOOL), school, "county_admin")

    after = sorted(one["child"] for one in crew.pages("county_admin", "registry", "children", {"school": school}))
    assert again["roster"] != progress["roster"]
    assert (again["registered"], again["updated"], again["unchanged"]) == (0, 0, GOOD)
    assert after == before
