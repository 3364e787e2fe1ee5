"""Divisions, schools, classes, staff and grants, through the doors."""

from __future__ import annotations

from typing import Any

import pytest

from services.registry.domain.places import division_id
from tests.integration.registry.house import COUNTY, DIVISIONS, TOWNSHIP, VILLAGE, House, Refused


def test_a_county_is_registered_from_one_list_and_once(house: House):
    before = house.events()
    answer = house.ask("register_divisions", {"divisions": DIVISIONS[::-1]}, by="bootstrap")
    assert answer["events"] == []
    assert house.events() == before
    assert [one["name"] for one in house.ask("divisions")["items"]][:2] == ["示范县", "示范镇"]
    assert [one["code"] for one in house.ask("divisions", {"parent": division_id(TOWNSHIP)})["items"]] == [VILLAGE]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{"code": "439902", "name": "邻县", "level": "county"}], "registry.second_county"),
        (
            [{"code": "439901109", "name": "新镇", "level": "township", "parent": TOWNSHIP}] * 2,
            "registry.division_twice",
        ),
        (
            [
                {"code": "439901109", "name": "新镇", "level": "township", "parent": COUNTY},
                {"code": "439901110201", "name": "新村", "level": "village", "parent": "439901110"},
            ],
            "registry.division_parent_missing",
        ),
    ],
)
def test_a_list_with_one_wrong_row_is_refused_as_a_whole(house: House, rows: list[dict[str, Any]], code: str):
    before = house.events()
    with pytest.raises(Refused) as refused:
        house.ask("register_divisions", {"divisions": rows}, by="bootstrap")
    assert refused.value.code == code
    assert house.events() == before


def test_one_class_has_one_name_however_it_is_written(house: House):
    for name in ("4（1）班", "1班", "四年级一班"):
        assert house.ask("form_class", {"school": house.school, "name": name, "grade": 4})["id"] == house.klass


def test_a_role_is_granted_only_within_the_granters_reach(house: House):
    house.hire("supervisor", "supervisor", division=division_id(TOWNSHIP))
    person = house.hire("teacher", "teacher", place=house.klass)
    with pytest.raises(Refused, match="denied"):
        house.ask(
            "grant_role",
            {"staff": person, "role": "teacher", "scope": "place", "place": house.school},
            by="supervisor",
        )


def test_the_console_learns_who_somebody_may_be_and_others_only_of_themselves(house: House):
    person = house.hire("teacher", "teacher", place=house.klass)
    house.ask(
        "grant_role",
        {"staff": person, "role": "village_director", "scope": "division", "division": division_id(VILLAGE)},
    )
    answer = house.ask("grants_of", {"staff": person}, by="console")
    assert [(one["role"], one["where"]) for one in answer["grants"]] == [
        ("teacher", "示范镇中心学校 （1）班"),
        ("village_director", "桥口村"),
    ]
    assert house.ask("my_grants", by="teacher") == answer
    with pytest.raises(Refused, match="denied"):
        house.ask("grants_of", {"staff": person}, by="admin")


def test_a_grant_that_ended_opens_no_door(house: House):
    house.hire("second", "county_admin", division=division_id(COUNTY))
    (grant,) = house.ask("grants_of", {"staff": house.staff["second"][0]}, by="console")["grants"]
    house.ask("children", by="second")
    house.ask("end_grant", {"staff": house.staff["second"][0], "grant": grant["id"]})
    with pytest.raises(Refused, match="denied"):
        house.ask("children", by="second")


def test_who_answers_for_children_keeps_a_role(house: House):
    person = house.hire("teacher", "teacher", place=house.klass)
    house.child()
    (grant,) = house.ask("grants", {"staff": person})["items"]
    with pytest.raises(Refused) as refused:
        house.ask("end_grant", {"staff": person, "grant": grant["id"]})
    assert (refused.value.code, refused.value.facts) == ("registry.staff_answers_for_children", {"children": 1})


def test_a_change_of_grants_respects_the_version_that_was_seen(house: House):
    person = house.hire("teacher", "teacher", place=house.klass)
    with pytest.raises(Refused, match="changed"):
        house.ask(
            "grant_role",
            {"staff": person, "role": "counsellor", "scope": "children"},
            expected_version=1,
        )
