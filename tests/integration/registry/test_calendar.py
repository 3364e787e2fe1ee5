"""Terms and exceptional days of areas, and the daily watch that passes by them from teacher to director and back."""

from __future__ import annotations

from typing import Any

import pytest

from services.registry.domain.places import division_id
from tests.integration.registry.house import COUNTY, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE, House, Refused

AUTUMN = {"year": 2026, "half": "autumn", "first": "2026-09-01", "last": "2027-01-22"}


def term(house: House, code: str, by: str = "admin", **changed: Any) -> None:
    house.ask("set_term", {"division": division_id(code), **AUTUMN, **changed}, by=by)


def day(house: House, code: str, on: str) -> dict[str, Any]:
    found: dict[str, Any] = house.ask("calendar_days", {"division": division_id(code), "first": on, "days": 1})
    return dict(found["items"][0])


def test_a_village_has_the_countys_terms_unless_its_township_has_its_own(house: House) -> None:
    term(house, COUNTY)
    assert day(house, VILLAGE, "2026-09-02") | {"basis": ""} == {
        "day": "2026-09-02", "worked": True, "basis": "", "in_term": True, "taught": True,
    }  # fmt: skip
    term(house, COUNTY, year=2025, half="spring", first="2026-03-02", last="2026-07-03")
    term(house, TOWNSHIP, first="2026-09-07")
    told = [day(house, one, "2026-09-02") for one in (VILLAGE, OTHER_TOWNSHIP)]
    assert [(one["in_term"], one["taught"]) for one in told] == [(False, False), (True, True)]


def test_an_exceptional_day_holds_below_its_area_and_can_be_taken_back(house: House) -> None:
    term(house, COUNTY)
    said = {"division": division_id(TOWNSHIP), "day": "2026-09-26", "worked": True}
    house.ask("set_day", said)
    assert day(house, VILLAGE, "2026-09-26")["basis"] == "override"
    house.ask("set_day", said | {"worked": None})
    assert day(house, VILLAGE, "2026-09-26")["basis"] != "override"


def test_whoever_does_not_answer_for_an_area_sets_nothing_there(house: House) -> None:
    house.hire("supervisor", "supervisor", division=division_id(TOWNSHIP))
    term(house, TOWNSHIP, by="supervisor")
    for code in (COUNTY, OTHER_TOWNSHIP):
        with pytest.raises(Refused, match="denied"):
            term(house, code, by="supervisor")


def test_the_watch_passes_from_teacher_to_director_for_the_holidays_and_back(house: House) -> None:
    teacher = house.hire("teacher", "teacher", place=house.klass)
    director = house.hire("director", "village_director", division=division_id(VILLAGE))
    child = house.child()
    house.ask("name_responsible", {"child": child, "staff": house.staff["admin"][0]})

    def keeps(on: str) -> tuple[str, str]:
        told = house.ask("watch", {"child": child, "on": on})
        return told["staff"], told["by"]

    assert keeps("2026-10-20") == (house.staff["admin"][0], "responsible"), "no term is known yet"
    term(house, COUNTY)
    term(house, COUNTY, half="spring", first="2027-03-01", last="2027-07-02")
    assert keeps("2026-10-20") == (teacher, "teacher")
    assert keeps("2027-02-10") == (director, "village_director")
    assert keeps("2027-03-01") == (teacher, "teacher")
    assert house.ask("child", {"child": child})["responsible"] == house.staff["admin"][0]
    with pytest.raises(Refused, match="watch_past"):
        keeps("2026-09-01")
