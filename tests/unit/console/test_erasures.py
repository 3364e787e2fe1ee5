"""Erasing people, on the console's pages."""

from __future__ import annotations

from typing import Any

import pytest

from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import NOW, World

ERASURE = "0190a1b2-0000-7000-8000-000000000011"
CHILD = "0190a1b2-0000-7000-8000-000000000012"
FATHER = "0190a1b2-0000-7000-8000-000000000013"
PAGE = f"/erasures/{ERASURE}"
ASK = f"/children/{CHILD}/erasure"
ONE: dict[str, Any] = {
    "erasure": ERASURE,
    "request": 1,
    "person": CHILD,
    "child": CHILD,
    "child_name": "唐曦",
    "child_standing": None,
    "grounds": "family_asked",
    "state": "requested",
    "requested_by": "somebody",
    "requested_by_name": "陈督导",
    "requested_at": NOW.isoformat(),
    "decided_by": None,
    "decided_by_name": None,
    "decided_at": None,
    "refusal": None,
    "answers": [{"service": "alerts", "reasons": ["open_alert"], "until": None}],
    "carried": [],
    "waiting": ["casework", "funding"],
    "until": None,
    "postponed": [],
    "closed": False,
    "lifting": None,
    "version": 2,
}
DONE = {"id": ERASURE, "version": 3, "repeated": False, "events": []}


@pytest.fixture
def world(world: World) -> World:
    answers = world.services.answers
    answers["registry", "erasures"] = {"items": [ONE], "next": None}
    answers["registry", "erasure"] = ONE
    contact = {"contact": FATHER, "relation": "father", "name": "唐海"}
    answers["registry", "child"] = {"child": CHILD, "name": "唐曦", "contacts": [contact]}
    for door in (
        *("request_erasure", "approve_erasure", "refuse_erasure", "withdraw_erasure"),
        *("ask_to_lift", "approve_lifting", "refuse_lifting", "withdraw_lifting"),
    ):
        answers["registry", door] = DONE
    return world


def told(world: World, door: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in world.services.asked if one["door"] == door)
    return found["data"]  # type: ignore[no-any-return]


def test_the_list_says_whom_why_and_what_is_still_waited_for(world: World) -> None:
    page = world.signed_in("chen", "supervisor").get("/erasures").text
    for said in ("唐曦", "The family asks for it", "waits for a second person", "陈督导"):
        assert said in page
    assert f'href="{PAGE}"' in page


def test_the_list_of_one_state_asks_for_that_state_and_no_stranger_gets_through(world: World) -> None:
    browser = world.signed_in("chen", "supervisor")
    browser.get("/erasures?state=restricted")
    assert told(world, "erasures")["state"] == "restricted"
    world.services.asked.clear()
    browser.get("/erasures?state=everything")
    assert "state" not in told(world, "erasures")


def test_an_empty_list_says_where_to_begin(world: World) -> None:
    world.services.answers["registry", "erasures"] = {"items": [], "next": None}
    page = world.signed_in("chen", "supervisor").get("/erasures").text
    assert "Nobody has asked for an erasure" in page
    assert "on the page of the child" in page


@pytest.mark.parametrize(("standing", "said"), [("erased", "Erased"), ("restricted", "Restricted")])
def test_who_has_no_name_any_more_is_called_what_became_of_them(world: World, standing: str, said: str) -> None:
    gone = ONE | {"child_name": None, "child_standing": standing, "state": standing}
    world.services.answers["registry", "erasures"] = {"items": [gone], "next": None}
    world.services.answers["registry", "erasure"] = gone
    browser = world.signed_in("chen", "supervisor")
    for page in ("/erasures", PAGE):
        text = browser.get(page).text
        assert f">{said}</a>" in text
        assert "Name not shown" not in text


def test_a_person_of_the_card_is_asked_for_with_a_ground(world: World) -> None:
    browser = world.signed_in("chen", "supervisor")
    page = browser.get(ASK).text
    assert "唐海" in page
    answer = browser.post(ASK, {"person": FATHER, "grounds": "family_asked"}, page=ASK)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert told(world, "request_erasure") == {"person": FATHER, "grounds": "family_asked"}


@pytest.mark.parametrize("given", [{"person": CHILD}, {"grounds": "family_asked"}, {}])
def test_what_is_missing_is_said_and_nothing_is_asked(world: World, given: dict[str, str]) -> None:
    answer = world.signed_in("chen", "supervisor").post(ASK, given, page=ASK)
    assert answer.status_code == 422
    assert "request_erasure" not in [one["door"] for one in world.services.asked]


def test_one_request_shows_what_each_service_says(world: World) -> None:
    page = world.signed_in("chen", "supervisor").get(PAGE).text
    assert "An alert is open" in page
    assert "Not answered yet" in page


def test_a_second_person_approves(world: World) -> None:
    browser = world.signed_in("tang", "county_admin")
    assert browser.post(f"{PAGE}/approval", page=PAGE).status_code == 303
    assert told(world, "approve_erasure") == {"erasure": ERASURE}
    assert "weighs it once more" in browser.get(PAGE).text


def test_a_second_person_refuses_with_a_reason(world: World) -> None:
    browser = world.signed_in("tang", "county_admin")
    assert browser.post(f"{PAGE}/refusal", page=PAGE).status_code == 422
    assert browser.post(f"{PAGE}/refusal", {"reason": "no_grounds"}, page=PAGE).status_code == 303
    assert told(world, "refuse_erasure") == {"erasure": ERASURE, "reason": "no_grounds"}


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("registry.erasure_needs_another", 403, "Another person has to."),
        ("registry.erasure_unanswered", 409, "Try again in a moment."),
    ],
)
def test_a_refusal_says_what_to_do(world: World, code: str, status: int, said: str) -> None:
    world.services.answers["registry", "approve_erasure"] = Refusal(code)
    answer = world.signed_in("tang", "county_admin").post(f"{PAGE}/approval", page=PAGE)
    assert (answer.status_code, said in answer.text) == (status, True)


def test_who_asked_takes_it_back(world: World) -> None:
    browser = world.signed_in("chen", "supervisor")
    assert browser.post(f"{PAGE}/withdrawal", page=PAGE).status_code == 303
    assert "/approval" not in browser.get(PAGE).text


def test_an_auditor_sees_and_decides_nothing_and_others_do_not_see(world: World) -> None:
    page = world.signed_in("qian", "auditor").get(PAGE).text
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert world.signed_in("li", "teacher").get("/erasures").status_code == 403


@pytest.mark.parametrize(
    ("language", "title"), [("zh-CN", "删除申请"), ("zh-TW", "刪除申請"), ("en", "Requests for erasure")]
)
def test_the_pages_are_there_in_three_languages(world: World, language: str, title: str) -> None:
    assert title in world.signed_in("chen", "supervisor", language=language).get("/erasures").text


CLOSED = ONE | {"state": "restricted", "closed": True, "waiting": [], "carried": ["alerts"]}
LIFT = f"{PAGE}/lifting"


def test_a_restriction_is_asked_to_end_with_a_reason(world: World) -> None:
    world.services.answers["registry", "erasure"] = CLOSED
    browser = world.signed_in("chen", "supervisor")
    assert browser.post(LIFT, page=PAGE).status_code == 422
    assert browser.post(LIFT, {"why": "care_needed"}, page=PAGE).status_code == 303
    assert told(world, "ask_to_lift") == {"erasure": ERASURE, "reason": "care_needed"}


@pytest.mark.parametrize(("action", "door"), [("approval", "approve_lifting"), ("refusal", "refuse_lifting")])
def test_a_second_person_decides_whether_it_ends(world: World, action: str, door: str) -> None:
    asked = {"by": "somebody", "reason": "care_needed", "at": NOW.isoformat(), "done": None}
    world.services.answers["registry", "erasure"] = CLOSED | {"lifting": asked}
    browser = world.signed_in("tang", "county_admin")
    assert browser.post(f"{LIFT}/{action}", page=PAGE).status_code == 303
    assert told(world, door) == {"erasure": ERASURE}


def test_whoever_asked_that_it_end_takes_it_back_and_decides_nothing(world: World) -> None:
    browser = world.signed_in("tang", "county_admin")
    me = next(iter(world.grants))
    asked = {"by": me, "reason": "care_needed", "at": NOW.isoformat(), "done": None}
    world.services.answers["registry", "erasure"] = CLOSED | {"lifting": asked}
    page = browser.get(PAGE).text
    assert f'action="{LIFT}/approval"' not in page
    assert browser.post(f"{LIFT}/withdrawal", page=PAGE).status_code == 303


def test_where_it_was_lifted_and_where_it_was_postponed_is_said(world: World) -> None:
    lifting = {"by": "somebody", "reason": "care_needed", "at": NOW.isoformat(), "done": ["alerts"]}
    world.services.answers["registry", "erasure"] = CLOSED | {"state": "lifted", "closed": False, "lifting": lifting}
    browser = world.signed_in("tang", "county_admin")
    assert "Lifted here" in browser.get(PAGE).text
    world.services.answers["registry", "erasure"] = ONE | {"state": "erased", "postponed": ["casework"]}
    assert "Postponed: something came up" in browser.get(PAGE).text


@pytest.mark.parametrize(
    ("path", "service", "door", "row"),
    [
        (
            "/cases",
            "casework",
            "cases",
            {"case": ERASURE, "origin": "alert", "opened_at": NOW.isoformat(), "state": "open"},
        ),
        ("/children", "registry", "children", {"risks": [], "present": False}),
    ],
)
def test_lists_of_other_pages_say_what_became_of_a_person_too(
    world: World, path: str, service: str, door: str, row: dict[str, Any]
) -> None:
    answers = world.services.answers
    one = {"child": CHILD, "name": None, "standing": "erased", "child_name": None, "child_standing": "erased"} | row
    answers[service, door] = {"items": [one], "next": None}
    answers["registry", "figures"] = {"items": [], "children": 1}
    page = world.signed_in("tang", "county_admin").get(path).text
    assert ">Erased</a>" in page
    assert "ame not shown" not in page
