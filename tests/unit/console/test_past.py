"""Pages on which a child, a case, an alert, a fund or an application is shown as it stood on a past day."""

from __future__ import annotations

from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import NOW, World
from tests.unit.console.test_daily_work import asked

CHILD, FUND, CONTACT = (new_id(NOW) for _ in range(3))
PERSON = {
    "contact": CONTACT, "order": 1, "name": "陈大山", "relation": "father", "status": "living", "away": True,
    "phone": "15400000001", "other_phone": None, "employer_phone": None, "employer": None, "occupation": None,
    "workplace": None, "address": None, "health": None, "age": None,
}  # fmt: skip
STATE = {
    "child": CHILD, "present": True, "name": "陈小雨", "sex": "female", "born": "2016-05-03", "address": "石桥村5组",
    "village": "石桥村", "arrangement": "boarding", "since": "2026-09-01", "risks": [], "contacts": [PERSON],
    "carer": None, "masked": ["carer"],
}  # fmt: skip


def change(field: str, value: Any, until: str | None = None) -> dict[str, Any]:
    return {
        "field": field, "value": value, "from": "2026-09-01T01:00:00.000000Z", "from_day": "2026-09-01",
        "until": until and f"{until}T01:00:00.000000Z", "until_day": until, "by": CONTACT, "role": "teacher",
        "by_name": "王秀兰",
    }  # fmt: skip


@pytest.fixture
def told(world: World) -> World:
    world.services.answers["registry", "child_as_of"] = {
        "id": CHILD, "version": 4, "known_at": "", "true_at": None, "state": STATE, "history": None,
    }  # fmt: skip
    return world


def test_a_child_is_shown_as_it_stood_when_a_day_ended(told: World) -> None:
    page = told.signed_in("wang", "teacher").get(f"/children/{CHILD}/past?known=2026-10-01&true=2026-09-15").text
    assert asked(told, "child_as_of") == {
        "child": CHILD, "history": False, "known_at": "2026-10-01T23:59:59.999999+08:00", "true_at": "2026-09-15",
    }  # fmt: skip
    for words in (
        "15 September 2026",
        "陈小雨",
        "石桥村5组",
        "boards at school",
        "陈大山",
        "15400000001",
        "Not shown to your role",
    ):
        assert words in page


def test_today_is_what_is_known_now(told: World) -> None:
    browser = told.signed_in("wang", "teacher")
    for address in (f"/children/{CHILD}/past", f"/children/{CHILD}/past?known=2026-11-23"):
        assert "As it stands today" in browser.get(address).text
        assert asked(told, "child_as_of") == {"child": CHILD, "history": False}


def test_the_history_says_what_was_until_when_and_who_changed_it(told: World) -> None:
    told.services.answers["registry", "child_as_of"]["history"] = [
        change("address", "石桥村5组"),
        change("address", "石桥村1组", until="2026-10-02"),
        change(f"contact {CONTACT}", PERSON),
        change("arrangement", "boarding"),
    ]
    page = told.signed_in("wang", "teacher").get(f"/children/{CHILD}/past?history=yes").text
    assert asked(told, "child_as_of")["history"] is True
    for words in ("石桥村1组", "until", "2 October 2026", "王秀兰", "1. · father · 陈大山"):
        assert words in page


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_a_fund_is_shown_with_the_money_that_was_in_it(world: World, language: str) -> None:
    state = {"fund": FUND, "name": "助学金", "received": 6_000_000, "available": 0, "set_aside": 0, "paid": 6_000_000}
    world.services.answers["funding", "fund_as_of"] = {
        "id": FUND, "version": 2, "known_at": "", "true_at": None, "state": state, "history": [],
    }  # fmt: skip
    page = world.signed_in("wu", "accountant", language=language).get(f"/funding/funds/{FUND}/past?history=yes").text
    assert "60,000.00" in page


def test_a_day_to_come_is_refused_in_words_and_one_that_is_none_too(told: World) -> None:
    browser = told.signed_in("wang", "teacher")
    assert browser.get(f"/children/{CHILD}/past?known=someday").status_code == 422
    told.services.answers["registry", "child_as_of"] = Refusal("as_of_in_future", field="known_at")
    answer = browser.get(f"/children/{CHILD}/past?known=2027-01-01")
    assert answer.status_code == 422
    assert "Nobody knows yet" in answer.text
    told.services.answers["registry", "child_as_of"] = Refusal("as_of_too_early", first="2026-09-20")
    assert "20 September" in browser.get(f"/children/{CHILD}/past?known=2020-01-01").text


@pytest.mark.parametrize("path", ["cases", "alerts", "funding/applications"])
def test_who_may_not_see_a_thing_may_not_see_its_past(world: World, path: str) -> None:
    browser = world.signed_in("zhou", "cashier" if path != "funding/applications" else "teacher")
    assert browser.get(f"/{path}/{CHILD}/past").status_code == 403
