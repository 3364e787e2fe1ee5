"""Reading together what is restricted, on the console's pages and in its API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import NOW, World

OPENING = "0190a1b2-0000-7000-8000-000000000001"
CHILD = "0190a1b2-0000-7000-8000-000000000002"
PAGE = f"/openings/{OPENING}"
ASK = f"/children/{CHILD}/opening"
ONE: dict[str, Any] = {
    "opening": OPENING,
    "request": 1,
    "child": CHILD,
    "village_name": "桥口村",
    "reason": "court_order",
    "minutes": 30,
    "state": "asked",
    "asked_by": "somebody",
    "asked_by_name": "陈督导",
    "asked_at": NOW.isoformat(),
    "decided_by": None,
    "decided_by_name": None,
    "decided_at": None,
    "until": None,
    "ended_at": None,
    "version": 1,
}
OPEN = ONE | {"state": "open", "until": (NOW + timedelta(minutes=30)).isoformat(), "decided_at": NOW.isoformat()}
DONE = {"id": OPENING, "version": 2, "repeated": False, "events": []}


@pytest.fixture
def world(world: World) -> World:
    answers = world.services.answers
    answers["registry", "openings"] = {"items": [ONE], "next": None}
    answers["registry", "opening"] = ONE
    answers["registry", "child"] = {"child": CHILD, "name": None, "contacts": [], "restricted": True}
    for door in ("ask_to_open", "approve_opening", "refuse_opening", "withdraw_opening", "close_opening"):
        answers["registry", door] = DONE
    return world


def told(world: World, door: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in world.services.asked if one["door"] == door)
    return found


def test_the_list_names_no_child_and_leads_to_each_request(world: World) -> None:
    page = world.signed_in("chen", "supervisor").get("/openings").text
    assert f'href="{PAGE}"' in page
    for said in ("桥口村", "A court or prosecutor asks for it", "waits for a second person", "陈督导"):
        assert said in page


def test_an_empty_list_says_where_to_begin_and_an_empty_filter_that_it_is_one(world: World) -> None:
    world.services.answers["registry", "openings"] = {"items": [], "next": None}
    browser = world.signed_in("chen", "supervisor")
    assert "Who must read it asks on the page of the child." in browser.get("/openings").text
    assert "No request stands like this" in browser.get("/openings?state=open").text


def test_somebody_asks_with_a_reason_and_for_how_long(world: World) -> None:
    browser = world.signed_in("chen", "supervisor")
    answer = browser.post(ASK, {"reason": "court_order", "minutes": "30"}, page=ASK)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert told(world, "ask_to_open")["data"] == {"child": CHILD, "reason": "court_order", "minutes": 30}


@pytest.mark.parametrize("given", [{"reason": "court_order"}, {"minutes": "30"}, {"reason": "x", "minutes": "ever"}])
def test_what_is_missing_is_said_beside_the_form_and_nothing_is_asked(world: World, given: dict[str, str]) -> None:
    answer = world.signed_in("chen", "supervisor").post(ASK, given, page=ASK)
    assert answer.status_code == 422
    assert "ask_to_open" not in [one["door"] for one in world.services.asked]


def test_whoever_asked_may_withdraw_and_is_offered_no_decision(world: World) -> None:
    browser = world.signed_in("tang", "county_admin")
    me = next(iter(world.grants))
    world.services.answers["registry", "opening"] = ONE | {"asked_by": me}
    page = browser.get(PAGE).text
    assert f'action="{PAGE}/withdrawal"' in page
    assert "/approval" not in page
    assert browser.post(f"{PAGE}/withdrawal", page=PAGE).status_code == 303


@pytest.mark.parametrize(("action", "door"), [("approval", "approve_opening"), ("refusal", "refuse_opening")])
def test_a_second_person_decides(world: World, action: str, door: str) -> None:
    browser = world.signed_in("tang", "duty_leader")
    assert browser.post(f"{PAGE}/{action}", page=PAGE).status_code == 303
    assert told(world, door)["data"] == {"opening": OPENING}


def test_what_is_open_says_until_when_and_can_be_closed(world: World) -> None:
    world.services.answers["registry", "opening"] = OPEN
    browser = world.signed_in("chen", "supervisor")
    page = browser.get(PAGE).text
    assert "Open until" in page
    assert browser.post(f"{PAGE}/end", page=PAGE).status_code == 303


def test_a_refusal_says_who_can_decide_instead(world: World) -> None:
    world.services.answers["registry", "approve_opening"] = Refusal("registry.opening_needs_another")
    browser = world.signed_in("tang", "county_admin")
    answer = browser.post(f"{PAGE}/approval", page=PAGE)
    assert answer.status_code == 403
    assert "Another person has to." in answer.text


def test_an_auditor_sees_and_decides_nothing_and_others_do_not_see(world: World) -> None:
    browser = world.signed_in("qian", "auditor")
    page = browser.get(PAGE).text
    assert "/approval" not in page
    assert "/withdrawal" not in page
    assert browser.get(ASK).status_code == 403
    assert world.signed_in("li", "teacher").get("/openings").status_code == 403


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_the_pages_are_there_in_three_languages(world: World, language: str) -> None:
    browser = world.signed_in("chen", "supervisor", language=language)
    title = {"zh-CN": "双人查阅", "zh-TW": "雙人查閱", "en": "Reading together"}[language]
    assert title in browser.get("/openings").text


def test_the_childs_page_offers_to_ask_where_it_is_restricted(world: World) -> None:
    browser = world.signed_in("chen", "supervisor")
    assert browser.get(ASK).status_code == 200


def test_who_decides_after_somebody_else_did_is_told_though_the_button_is_gone(world: World) -> None:
    browser = world.signed_in("tang", "county_admin")
    form = browser.hidden(PAGE, f"{PAGE}/approval")
    world.services.answers["registry", "opening"] = ONE | {"state": "withdrawn"}
    world.services.answers["registry", "approve_opening"] = Refusal("registry.opening_not_waiting")
    answer = browser.send(f"{PAGE}/approval", form)
    assert answer.status_code == 409
    assert answer.text.count("This request has been decided, withdrawn or has lapsed already.") == 1
