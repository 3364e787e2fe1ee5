"""The pages of daily work: the board, roll call, cases, funding, the log; and the same over the API."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import NOW, World
from tests.unit.console.test_api import Program

ALERT, CHILD, CONTACT, KLASS, FUND, CASE = (new_id(NOW) for _ in range(6))
RAISED: dict[str, Any] = {
    "alert": ALERT,
    "child": CHILD,
    "child_name": "陈小雨",
    "kind": "absence",
    "level": "orange",
    "state": "raised",
    "village_name": "石桥村",
    "raised_at": "2026-11-23T06:01:00+00:00",
    "next_role": "duty_leader",
    "next_at": "2026-11-23T06:11:00+00:00",
    "step_role": "duty_officer",
    "attempts": [],
    "signals": [],
    "steps": [],
    "version": 1,
}
CARD = {
    "child": CHILD,
    "contacts": [
        {"contact": CONTACT, "name": "陈大山", "relation": "father", "status": "living", "phone": "15400000001"},
    ],
    "next_to_call": CONTACT,
}


def asked(world: World, door: str) -> dict[str, Any]:
    """What a door was last asked."""
    return next(one["data"] for one in reversed(world.services.asked) if one["door"] == door)


@pytest.fixture
def alarmed(world: World) -> World:
    answers = world.services.answers
    answers["alerts", "board"] = {"items": [RAISED], "next": None}
    answers["alerts", "alert"] = RAISED
    answers["alerts", "contact_card"] = CARD
    for door in ("acknowledge_alert", "record_contact_attempt", "resolve_alert"):
        answers["alerts", door] = {"id": ALERT, "version": 2, "repeated": False, "events": []}
    return world


def test_the_board_says_who_waits_how_long_and_what_happens_next(alarmed: World) -> None:
    page = alarmed.signed_in("wang", "duty_officer").get("/alerts").text
    for words in ("Absent without reason", "陈小雨", "石桥村", "4 minutes", "Leader on duty", "6 minutes"):
        assert words in page


def test_the_board_announces_what_waits_and_names_itself_as_the_page_of_its_forms(alarmed: World) -> None:
    rows = alarmed.signed_in("wang", "duty_officer").get("/alerts/rows").text
    assert 'data-said="1 alert waits: Absent without reason, 陈小雨"' in rows
    assert 'name="_page" value="/alerts"' in rows


def test_the_wall_names_nobody_and_leads_nowhere(alarmed: World) -> None:
    browser = alarmed.signed_in("wang", "duty_officer")
    for path in ("/alerts/wall", "/alerts/wall/rows"):
        page = browser.get(path).text
        for words in ("Absent without reason", "石桥村", "4 minutes", "Leader on duty", "1 waits"):
            assert words in page
        for personal in ("陈小雨", CHILD, ALERT):
            assert personal not in page


def test_the_wall_shows_what_fits_and_counts_the_rest(alarmed: World) -> None:
    alarmed.services.answers["alerts", "board"] = {"items": [RAISED] * 9, "next": "more"}
    page = alarmed.signed_in("wang", "duty_officer").get("/alerts/wall").text
    assert page.count("<li class") == 6
    assert "9+ wait" in page
    assert "and 3 more" in page


@pytest.mark.parametrize(("typed", "said"), [("", "needed"), ("soon", "number"), ("0", "too low"), ("45", None)])
def test_a_policy_says_how_long_whoever_took_it_on_has(alarmed: World, typed: str, said: str | None) -> None:
    answers = alarmed.services.answers
    answers["alerts", "policies"] = {
        "items": [{"division": None, "kind": None, "steps": [], "resolve_minutes": 60}],
        "next": None,
    }
    answers["registry", "divisions"] = {"items": [{"division": CHILD, "name": "石桥镇"}]}
    answers["alerts", "set_policy"] = {"id": ALERT, "version": 1, "repeated": False, "events": []}
    browser = alarmed.signed_in("wang", "county_admin")
    form = {"division": CHILD, "kind": "absence", "role_1": "duty_officer", "wait_1": "10", "resolve_minutes": typed}

    answer = browser.post("/alerts/policies", form, page="/alerts/policies")

    if said is None:
        assert asked(alarmed, "set_policy")["resolve_minutes"] == 45
    else:
        assert answer.status_code == 422
        assert said in answer.text
        assert f'value="{typed}"' in answer.text


def test_one_tap_on_the_board_acknowledges(alarmed: World) -> None:
    browser = alarmed.signed_in("wang", "duty_officer")
    path = f"/alerts/{ALERT}/acknowledge"
    assert browser.post(path, page="/alerts").location == f"/alerts/{ALERT}"
    assert asked(alarmed, "acknowledge_alert") == {"alert": ALERT}


def test_who_comes_second_is_told_whose_it_is(alarmed: World) -> None:
    refused = Refusal("alerts.already_acknowledged", by=CHILD, by_name="李建国", at="2026-11-23T06:02:00+00:00")
    alarmed.services.answers["alerts", "acknowledge_alert"] = refused
    browser = alarmed.signed_in("wang", "duty_officer")
    browser.post(f"/alerts/{ALERT}/acknowledge", page="/alerts")
    assert "李建国 already has it in hand." in browser.get(f"/alerts/{ALERT}").text


def test_the_next_person_to_call_is_on_screen_with_a_number_to_tap(alarmed: World) -> None:
    page = alarmed.signed_in("wang", "duty_officer").get(f"/alerts/{ALERT}").text
    assert "Call now: 陈大山" in page
    assert 'href="tel:15400000001"' in page


def test_a_result_of_a_call_is_recorded_with_one_button(alarmed: World) -> None:
    browser = alarmed.signed_in("wang", "duty_officer")
    path = f"/alerts/{ALERT}/attempts"
    given = {"contact": CONTACT, "result": "no_answer"}
    assert browser.post(path, given, page=f"/alerts/{ALERT}").status_code == 303
    assert asked(alarmed, "record_contact_attempt") == {"alert": ALERT, **given, "note": None}


def test_resolving_without_an_outcome_asks_for_it_and_keeps_the_note(alarmed: World) -> None:
    browser = alarmed.signed_in("wang", "duty_officer")
    answer = browser.post(f"/alerts/{ALERT}/resolve", {"note": "在外婆家"}, page=f"/alerts/{ALERT}")
    assert answer.status_code == 422
    assert "在外婆家" in answer.text
    assert "How did it end: This is needed." in answer.text


@pytest.fixture
def school(world: World) -> World:
    pupils = [{"child": CHILD, "name": "陈小雨", "state": None, "reason": None}]
    world.services.answers["alerts", "roll_call"] = {
        "klass": KLASS,
        "class_name": "三年级1班",
        "school_name": "石桥小学",
        "taken": False,
        "version": 0,
        "pupils": pupils,
    }
    world.services.answers["alerts", "take_roll_call"] = {"id": KLASS, "version": 1, "repeated": False, "events": []}
    return world


def test_every_pupil_is_present_until_somebody_taps_otherwise(school: World) -> None:
    page = school.signed_in("wang", "teacher").get(f"/roll-call/{KLASS}").text
    assert re.search(rf'id="present-{CHILD}"[^>]* checked', page)
    assert asked(school, "roll_call") == {"klass": KLASS, "day": "2026-11-23", "session": "afternoon"}


def test_a_reason_counts_only_with_an_absence(school: World) -> None:
    browser = school.signed_in("wang", "teacher")
    path = f"/roll-call/{KLASS}"
    given = {"child": CHILD, f"state-{CHILD}": "present", f"reason-{CHILD}": "sick"}
    browser.post(path, given, page=path)
    assert asked(school, "take_roll_call")["marks"] == [{"child": CHILD, "state": "present", "reason": None}]


def test_an_absence_without_reason_says_that_the_officer_was_told(school: World) -> None:
    browser = school.signed_in("wang", "teacher")
    path = f"/roll-call/{KLASS}"
    browser.post(path, {"child": CHILD, f"state-{CHILD}": "absent", f"reason-{CHILD}": ""}, page=path)
    assert "1 child is absent without reason. The officer on duty has been told." in browser.get(path).text


def test_a_withheld_note_says_so_and_shows_nothing_else(world: World) -> None:
    note = {"note": ALERT, "note_class": "confidential", "by": CHILD, "by_name": "覃老师", "role": "counsellor",
            "at": "2026-11-23T05:00:00+00:00", "text": None, "withheld": True}  # fmt: skip
    world.services.answers["casework", "case"] = {
        "case": CASE, "child": CHILD, "child_name": "陈小雨", "origin": "alert", "state": "open", "notes": [note],
        "opened_at": "2026-11-22T05:00:00+00:00", "counsellor_name": None, "alert": None, "version": 2,
    }  # fmt: skip
    page = world.signed_in("wang", "teacher").get(f"/cases/{CASE}").text
    assert "This note is withheld" in page


@pytest.fixture
def rich(world: World) -> World:
    fund = {"fund": FUND, "name": "春苗", "purpose": "学费", "received": 6_000_000, "available": 5_940_000,
            "set_aside": 60_000, "paid": 0, "version": 2, "accounts": {"bank": 6_000_000}}  # fmt: skip
    world.services.answers["funding", "fund"] = fund
    world.services.answers["funding", "funds"] = {"items": [fund], "next": None}
    for door in ("donations", "ledger"):
        world.services.answers["funding", door] = {"items": [], "next": None}
    world.services.answers["funding", "record_donation"] = {"id": FUND, "version": 3, "repeated": False, "events": []}
    return world


def test_an_amount_typed_in_yuan_is_sent_in_fen(rich: World) -> None:
    browser = rich.signed_in("wang", "funding_officer")
    page = f"/funding/funds/{FUND}"
    given = {"amount": "1,234.5", "source": "collection", "received_on": "2026-11-20"}
    assert browser.post(f"{page}/donations", given, page=page).status_code == 303
    assert asked(rich, "record_donation")["amount"] == 123_450


@pytest.mark.parametrize("typed", ["sixty", "0", "1.234"])
def test_what_is_no_amount_is_said_beside_the_field(rich: World, typed: str) -> None:
    browser = rich.signed_in("wang", "funding_officer")
    page = f"/funding/funds/{FUND}"
    given = {"amount": typed, "source": "collection", "received_on": "2026-11-20"}
    answer = browser.post(f"{page}/donations", given, page=page)
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert not any(one["door"] == "record_donation" for one in rich.services.asked)


def test_a_wrong_amount_and_what_is_missing_are_said_at_once(rich: World) -> None:
    browser = rich.signed_in("wang", "funding_officer")
    page = f"/funding/funds/{FUND}"
    answer = browser.post(f"{page}/donations", {"amount": "sixty", "received_on": "2026-11-20"}, page=page)
    assert 'id="e-amount"' in answer.text
    assert 'id="e-source"' in answer.text


def test_balances_are_shown_in_yuan(rich: World) -> None:
    assert "59,400.00 yuan" in rich.signed_in("wang", "accountant").get("/funding").text


@pytest.mark.parametrize(
    ("role", "submitted_by_reader", "offered"),
    [("funding_approver", False, True), ("funding_approver", True, False), ("cashier", False, False)],
)
def test_approval_is_offered_only_to_who_may_and_did_not_apply(
    rich: World, role: str, submitted_by_reader: bool, offered: bool
) -> None:
    browser = rich.signed_in("wang", role)
    reader = next(iter(rich.grants))
    rich.services.answers["funding", "application"] = {
        "application": ALERT, "fund": FUND, "fund_name": "春苗", "child": CHILD, "child_name": "陈小雨",
        "amount": 60_000, "state": "submitted", "submitted_by": reader if submitted_by_reader else CHILD,
        "approved_by": None, "paid_on": None, "changed": "2026-11-23T05:00:00+00:00", "version": 2,
    }  # fmt: skip
    page = browser.get(f"/funding/applications/{ALERT}").text
    assert (f'action="/funding/applications/{ALERT}/approve"' in page) is offered


def test_the_checkpoint_of_a_log_is_open_to_strangers_as_text(world: World) -> None:
    world.services.answers["alerts", "checkpoint"] = {"note": "origin\n7\nAAAA\n\n— key sig\n", "verifier": "key"}
    answer = world.browser().get("/log/alerts/checkpoint")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert answer.text.startswith("origin\n7\n")


def test_a_log_without_a_checkpoint_or_of_no_service_is_not_there(world: World) -> None:
    assert world.browser().get("/log/alerts/checkpoint").status_code == 404
    assert world.browser().get("/log/elsewhere/checkpoint").status_code == 404


def test_an_auditor_sees_who_has_cosigned_a_log_and_who_contradicts_it(world: World) -> None:
    note = "county.example/alerts\n7\nAAAA\n\n\u2014 key sig\n"
    time = "2026-11-23T06:00:00.000000Z"
    standing = {
        "note": note,
        "verifier": "key",
        "checkpoint": {"size": 7, "time": time},
        "cosigned": [{"witness": "casework", "size": 7, "time": time}],
        "contradicted": 0,
        "contradictions": [],
    }
    world.services.answers["alerts", "log_standing"] = standing
    browser = world.signed_in("zhou", "auditor")
    quiet = browser.get("/log").text
    found = {"log": "county.example/alerts", "witness": "county.example/casework/witness", "kind": "split"}
    found |= {"known_size": 7, "known_note": "KNOWN", "offered_size": 7, "offered_note": "LATER"}
    found |= {"time": time, "decided": None}
    world.services.answers["alerts", "log_standing"] = standing | {"contradicted": 1, "contradictions": [found]}
    loud = browser.get("/log").text

    assert "Cosigned by" in quiet
    assert "contradict each other" not in quiet
    assert "contradict each other" in loud
    assert "KNOWN" in loud
    assert "LATER" in loud


def test_the_entries_of_a_log_begin_with_its_latest_page(world: World) -> None:
    world.services.answers["alerts", "log_entries"] = {"items": [], "next": None, "size": 120}
    world.signed_in("zhou", "auditor").get("/log/alerts")
    assert asked(world, "log_entries") == {"limit": 50, "after": "69"}


def test_the_entries_of_a_log_are_chosen_by_what_stands_in_the_address(world: World) -> None:
    entry = {"type": "alerts.alert_raised", "time": "2026-11-23T08:00:00.000000Z", "stream": "s", "id": ALERT}
    item = {"position": 7, "leaf": "ab", "entry": json.dumps(entry)}
    world.services.answers["alerts", "log_entries"] = {"items": [item], "next": "further", "size": 120}
    zhou = world.signed_in("zhou", "auditor")
    page = zhou.get(f"/log/alerts?person={CHILD}&since=2026-11-01&until=2026-11-02")
    assert asked(world, "log_entries") == {
        "limit": 50,
        "latest": True,
        "person": CHILD,
        "since": "2026-11-01T00:00:00+08:00",
        "until": "2026-11-03T00:00:00+08:00",
    }
    assert "alerts.alert_raised" in page.text
    assert "after=further" in page.text
    zhou.get("/log/alerts?type=alerts.alert_raised&after=further")
    assert asked(world, "log_entries") == {
        "limit": 50, "latest": True, "type": "alerts.alert_raised", "after": "further",
    }  # fmt: skip


def test_a_day_that_is_none_is_refused_where_entries_are_chosen(world: World) -> None:
    assert world.signed_in("zhou", "auditor").get("/log/alerts?since=yesterday").status_code == 422


def test_a_program_reads_the_entries_of_a_log(world: World) -> None:
    world.services.answers["alerts", "log_entries"] = {
        "items": [{"position": 7, "leaf": "ab", "entry": "{}"}], "next": None, "size": 8,
    }  # fmt: skip
    auditor = Program(world, "auditor")
    answer = auditor.get(f"/logs/alerts/entries?person={CHILD}&since=2026-11-01T00:00:00%2B08:00&latest=true")
    assert answer.get_json() == {"items": [{"position": 7, "leaf": "ab", "entry": "{}"}], "next": None, "size": 8}
    assert asked(world, "log_entries") == {
        "limit": 50, "latest": True, "person": CHILD, "since": "2026-11-01T00:00:00+08:00",
    }  # fmt: skip
    assert auditor.get("/logs/elsewhere/entries").status_code == 404


def test_only_who_may_see_the_log_reads_its_entries(world: World) -> None:
    assert Program(world, "teacher").get("/logs/alerts/entries").status_code == 403


def test_a_program_acknowledges_an_alert(alarmed: World) -> None:
    answer = Program(alarmed, "duty_officer").post(f"/alerts/{ALERT}/acknowledgement")
    assert answer.status_code == 200
    assert answer.get_json() == {"id": ALERT, "version": 2, "repeated": False}


def test_a_program_reads_the_board(alarmed: World) -> None:
    items = Program(alarmed, "duty_officer").get("/alerts?state=open").get_json()["items"]
    assert [(one["alert"], one["state"]) for one in items] == [(ALERT, "raised")]


def test_a_program_takes_a_roll_call(school: World) -> None:
    marks = [{"child": CHILD, "state": "absent", "reason": "sick"}]
    body = {"klass": KLASS, "day": "2026-11-23", "session": "morning", "marks": marks}
    assert Program(school, "teacher").post("/roll-calls", body).status_code == 201
    assert asked(school, "take_roll_call") == body
