"""Who answers for children, on the console's pages: the history, the lists that both sign, the transfers."""

from __future__ import annotations

from typing import Any

import pytest

from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import NOW, World

CHILD, STAFF, LIST, TRANSFER = (f"0190a1b2-0000-7000-8000-00000000000{number}" for number in range(1, 5))
AT = NOW.isoformat()
SPAN = {"staff": STAFF, "staff_name": "陈秀兰", "since": AT, "until": None, "basis": "hand_over", "source": LIST}
ONE: dict[str, Any] = {
    "hand_over": LIST,
    "kind": "class",
    "giver": STAFF,
    "giver_name": "陈秀兰",
    "receiver": CHILD,
    "receiver_name": "李建国",
    "klass": None,
    "class_name": None,
    "school_name": None,
    "drawn_by": STAFF,
    "drawn_by_name": "王督导",
    "drawn_at": AT,
    "state": "listed",
    "given_by": None,
    "given_by_name": None,
    "given_at": None,
    "taken_at": None,
    "ended_at": None,
    "listed": 1,
    "version": 1,
    "children": [{"child": CHILD, "name": "唐曦", "standing": None, "village_name": "桥口村", "passed": False}],
}
AWAY: dict[str, Any] = {
    "transfer": TRANSFER,
    "request": 1,
    "child": CHILD,
    "name": "唐曦",
    "standing": None,
    "origin_name": "桥口村",
    "village": STAFF,
    "village_name": "西山村",
    "school_name": None,
    "class_name": None,
    "state": "signed",
    "signed_by": STAFF,
    "signed_by_name": "王督导",
    "signed_at": AT,
    "decided_by": None,
    "decided_by_name": None,
    "decided_at": None,
    "staff": None,
    "staff_name": None,
    "responsible_name": "陈秀兰",
    "version": 1,
    "sending": False,
    "receiving": True,
}
DONE = {"id": LIST, "version": 2, "repeated": False, "events": []}


@pytest.fixture
def world(world: World) -> World:
    answers = world.services.answers
    answers["registry", "answering"] = {"child": CHILD, "on": None, "items": [SPAN], "next": None}
    answers["registry", "child"] = {"child": CHILD, "name": "唐曦", "village": STAFF}
    answers["registry", "staff"] = {"items": [{"staff": STAFF, "name": "陈秀兰", "roles": ["teacher"]}], "next": None}
    answers["registry", "divisions"] = {
        "items": [{"division": CHILD, "name": "西山村", "level": "village", "parent": None}],
        "next": None,
    }
    watch = {"child": CHILD, "staff": STAFF, "staff_name": "陈秀兰", "by": "teacher"}
    answers["registry", "watch"] = watch
    answers["registry", "hand_overs"] = {"items": [ONE], "next": None}
    answers["registry", "hand_over"] = ONE
    answers["registry", "transfers"] = {"items": [AWAY], "next": None}
    answers["registry", "transfer"] = AWAY
    told = {"child": CHILD, "name": "唐曦", "standing": None, "village_name": "桥口村", "class_name": None}
    told |= {"present": True, "since": AT, "basis": "rule"}
    answers["registry", "answered_by"] = {"staff": STAFF, "staff_name": "陈秀兰", "items": [told], "next": None}
    for door in ("draw_up_hand_over", "sign_hand_over", "withdraw_hand_over"):
        answers["registry", door] = DONE
    for door in ("sign_transfer", "accept_transfer", "refuse_transfer", "withdraw_transfer"):
        answers["registry", door] = DONE | {"id": TRANSFER}
    return world


def told(world: World, door: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in world.services.asked if one["door"] == door)
    return dict(found["data"])


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_the_pages_are_there_in_three_languages(world: World, language: str) -> None:
    browser = world.signed_in("chen", "supervisor", language=language)
    words = {"zh-CN": "交接", "zh-TW": "交接", "en": "Hand-overs"}[language]
    assert words in browser.get("/hand-overs").text
    for page in (f"/children/{CHILD}/answering", f"/places/people/{STAFF}/children", "/hand-overs/new", "/transfers"):
        assert browser.get(page).status_code == 200, page


def test_who_answered_on_a_day_is_asked_for_by_the_address(world: World) -> None:
    browser = world.signed_in("chen", "teacher")
    assert "陈秀兰" in browser.get(f"/children/{CHILD}/answering?on=2026-03-02").text
    assert told(world, "answering") == {"child": CHILD, "on": "2026-03-02"}
    assert browser.get(f"/children/{CHILD}/answering?on=soon").status_code == 422


def test_a_list_is_drawn_up_and_a_departure_names_no_class(world: World) -> None:
    browser = world.signed_in("chen", "county_admin")
    given = {"kind": "departure", "giver": STAFF, "receiver": CHILD, "klass": LIST}
    answer = browser.post("/hand-overs/new", given, page="/hand-overs/new")
    assert (answer.status_code, answer.location) == (303, f"/hand-overs/{LIST}")
    assert told(world, "draw_up_hand_over") == {"kind": "departure", "giver": STAFF, "receiver": CHILD}


def test_what_is_wrong_with_a_list_stands_beside_the_field(world: World) -> None:
    world.services.answers["registry", "draw_up_hand_over"] = Refusal("registry.hand_over_to_oneself")
    browser = world.signed_in("chen", "supervisor")
    given = {"kind": "class", "giver": STAFF, "receiver": STAFF, "klass": LIST}
    answer = browser.post("/hand-overs/new", given, page="/hand-overs/new")
    assert answer.status_code == 422
    assert "Choose another person" in answer.text
    assert 'href="#f-receiver"' in answer.text


def test_whoever_takes_over_signs_and_a_teacher_beside_is_offered_nothing(world: World) -> None:
    browser = world.signed_in("li", "teacher")
    assert "/signature" not in browser.get(f"/hand-overs/{LIST}").text
    me = next(iter(world.grants))
    world.services.answers["registry", "hand_over"] = ONE | {"receiver": me}
    answer = browser.post(f"/hand-overs/{LIST}/signature", page=f"/hand-overs/{LIST}")
    assert answer.status_code == 303
    assert told(world, "sign_hand_over") == {"hand_over": LIST}


def test_a_transfer_is_signed_on_the_childs_page_and_taken_in_by_the_other_side(world: World) -> None:
    browser = world.signed_in("chen", "supervisor")
    page = f"/children/{CHILD}/transfer"
    assert browser.post(page, {"village": CHILD}, page=page).location == f"/transfers/{TRANSFER}"
    shown = browser.get(f"/transfers/{TRANSFER}").text
    assert "Take the child in" in shown
    assert f"/transfers/{TRANSFER}/withdrawal" not in shown
    given = {"responsible": STAFF}
    answer = browser.post(f"/transfers/{TRANSFER}/acceptance", given, page=f"/transfers/{TRANSFER}")
    assert answer.status_code == 303
    assert told(world, "accept_transfer") == {"transfer": TRANSFER, "responsible": STAFF}


def test_the_sending_side_may_take_it_back_and_nothing_else(world: World) -> None:
    world.services.answers["registry", "transfer"] = AWAY | {"sending": True, "receiving": False}
    browser = world.signed_in("chen", "supervisor")
    assert "/acceptance" not in browser.get(f"/transfers/{TRANSFER}").text
    assert browser.post(f"/transfers/{TRANSFER}/withdrawal", page=f"/transfers/{TRANSFER}").status_code == 303
