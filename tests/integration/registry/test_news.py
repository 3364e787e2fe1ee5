"""News of registry's things: places for everybody, staff for who may see staff, a child for who reaches it."""

from __future__ import annotations

import json
from typing import Any

from services.registry.domain.places import division_id
from shared.testing.rooms import place_pending
from tests.integration.registry.house import OTHER_VILLAGE, VILLAGE, House


def told(house: House, by: str) -> list[dict[str, Any]]:
    place_pending(house.rooms)
    items: list[dict[str, Any]] = house.ask("log_news", {"limit": 500}, by=by)["items"]
    return items


def test_places_are_told_to_all_staff_to_some_and_children_as_far_as_one_reaches(house: House) -> None:
    house.hire("near", "village_director", division=division_id(VILLAGE))
    house.hire("far", "village_director", division=division_id(OTHER_VILLAGE))
    child = house.child()

    admin, near, far = (told(house, by) for by in ("admin", "near", "far"))

    assert {one["kind"] for one in admin} == {"division", "school", "class", "staff", "child"}
    assert {one["kind"] for one in near} == {"division", "school", "class", "child"}
    assert {one["kind"] for one in far} == {"division", "school", "class"}
    assert {one["subject"] for one in near if one["kind"] == "child"} == {child}
    said = json.dumps(admin, ensure_ascii=False)
    assert not any(name in said for name in ("桥口村", "示范县", "唐曦", "职工near"))


def test_the_reading_of_a_card_is_no_news(house: House) -> None:
    child = house.child()
    before = told(house, "admin")
    house.ask("contact_card", {"child": child})
    assert told(house, "admin") == before
