"""Alerts, cases, funding and the log as pages over all services' real doors, and the API beside each."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from shared.kernel.ids import new_id
from tests.infrastructure.waiting import eventually
from tests.integration.console.working import Working, at_work


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Working]:
    with at_work(tmp_path_factory.mktemp("working")) as made:
        yield made


def place_of(location: str | None) -> str:
    assert location
    return location.partition("#")[0]


def test_a_case_is_opened_from_the_childs_page_noted_closed_and_reopened_in_one_tap(county: Working) -> None:
    browser = county.browser("supervisor")
    child, form = f"/children/{county.child}", f"/children/{county.child}/case"
    assert f'href="{form}"' in browser.get(child).text
    case = place_of(browser.post(form, {"why": "often alone"}, page=form).location)
    second = browser.post(form, {"why": "often alone"}, page=form)
    assert second.status_code == 409
    assert "often alone" in second.text
    assert f'href="{form}"' not in browser.get(child).text

    note = {"note_class": "ordinary", "text": "The grandmother was at home."}
    assert browser.post(f"{case}/notes", note, page=case).status_code == 303
    assert "The grandmother was at home." in browser.get(case).text
    empty = browser.post(f"{case}/close", {"reason": "", "words": "all is well"}, page=case)
    assert empty.status_code == 422
    assert "all is well" in empty.text
    assert browser.post(f"{case}/close", {"reason": "goals_met", "words": "all is well"}, page=case).status_code == 303

    shown = browser.get(case).text
    assert shown.count(f'action="{case}/reopen"') == 2, "the message offers the way back besides the page"
    browser.post(f"{case}/reopen", page=case)
    program = county.program("supervisor")
    assert program.get(f"/cases/{case.rpartition('/')[2]}")["state"] == "open"
    assert case.rpartition("/")[2] in [one["case"] for one in program.get("/cases?state=open")["items"]]


def test_an_alert_goes_from_the_childs_page_to_its_outcome(county: Working) -> None:
    browser = county.browser("duty_officer")
    child, form = f"/children/{county.child}", f"/children/{county.child}/alert"
    assert f'href="{form}"' in browser.get(child).text

    raised = browser.post(form, {"kind": "missing", "note": "not at the bus stop"}, page=form)
    alert = place_of(raised.location)
    assert "nobody has it" in browser.get(alert).text
    assert "覃小雨" in browser.get("/alerts").text
    assert "覃小雨" not in browser.get("/alerts/wall").text

    browser.post(f"{alert}/acknowledge", page=alert)
    called = browser.post(f"{alert}/attempts", {"contact": county.contact, "result": "reached"}, page=alert)
    assert called.status_code == 303, called.text
    wrong = browser.post(f"{alert}/resolve", {"outcome": "", "note": "at her aunt's"}, page=alert)
    assert wrong.status_code == 422
    assert "at her aunt&#39;s" in wrong.text

    browser.post(f"{alert}/resolve", {"outcome": "found_safe", "note": "at her aunt's"}, page=alert)
    page = browser.get(alert).text
    assert "Found safe" in page
    assert "raise it anew" in page
    assert "Alert resolved" in browser.get(f"{child}?only=alert").text

    program = county.program("duty_officer")
    known = program.get(f"/alerts/{alert.rpartition('/')[2]}")
    assert (known["state"], known["outcome"]) == ("resolved", "found_safe")
    assert known["alert"] in [one["alert"] for one in program.get("/alerts?state=resolved")["items"]]


def test_programs_raise_acknowledge_call_and_resolve(county: Working) -> None:
    program = county.program("duty_officer")
    body = {"child": county.child, "kind": "incident", "note": "fell from a wall"}
    made = program.post("/alerts", body, key="raise-1")
    assert program.post("/alerts", body, key="raise-1") == made | {"repeated": True}
    path = f"/alerts/{made['id']}"
    program.post(f"{path}/acknowledgement", key="ack-1")
    program.post(f"{path}/contact-attempts", {"contact": county.contact, "result": "no_answer"}, key="call-1")
    program.post(f"{path}/resolution", {"outcome": "injured"}, key="end-1")
    refusal = program.refused(f"{path}/resolution", {"outcome": "other"}, key="end-2")
    assert refusal["code"] == "alerts.already_resolved"
    assert "受伤" in refusal["title"]


def test_a_form_that_comes_twice_is_one_order(county: Working) -> None:
    browser = county.browser("supervisor")
    form = f"/children/{county.child}/alert"
    fields = browser.hidden(form, form) | {"kind": "other"}
    first, second = browser.send(form, fields), browser.send(form, fields)
    assert place_of(first.location) == place_of(second.location)
    told = browser.get(place_of(first.location)).text
    assert "Raised once more" not in told


def test_a_grant_goes_from_the_childs_page_to_its_payment_through_three_people(county: Working) -> None:
    officer, approver, cashier = (county.browser(one) for one in ("funding_officer", "funding_approver", "cashier"))
    program = county.program("funding_officer")
    opener = next(one for one in (approver, officer, county.browser("county_admin")) if _opens(one))
    fund = place_of(
        opener.post(
            "/funding/funds/new", {"name": "春蕾", "purpose": "girls at school"}, page="/funding/funds/new"
        ).location
    )
    gift = {"amount": "1000", "source": "donor", "received_on": "2026-01-05", "donor_name": "某公司"}
    keeper = next(one for one in (cashier, officer, approver) if f"{fund}/donations" in one.get(fund).text)
    assert keeper.post(f"{fund}/donations", gift, page=fund).status_code == 303

    form = f"/children/{county.child}/application"
    assert f'href="{form}"' in officer.get(f"/children/{county.child}").text
    asked = {"fund": fund.rpartition("/")[2], "amount": "six", "reason": "books"}
    wrong = officer.post(form, asked, page=form)
    assert wrong.status_code == 422
    assert 'value="six"' in wrong.text
    drafted = place_of(officer.post(form, asked | {"amount": "600"}, page=form).location)
    assert officer.post(f"{drafted}/submit", page=drafted).status_code == 303
    assert approver.post(f"{drafted}/approve", page=drafted).status_code == 303
    paid = {"method": "cash", "paid_on": "2026-01-06"}
    assert cashier.post(f"{drafted}/pay", paid, page=drafted).status_code == 303, cashier.get(drafted).text

    application = program.get(f"/applications/{drafted.rpartition('/')[2]}")
    assert (application["state"], application["amount"]) == ("paid", 60_000)
    assert fund.rpartition("/")[2] in [one["fund"] for one in program.get("/funds")["items"]]
    assert program.get(f"/funds/{fund.rpartition('/')[2]}")["available"] == 40_000
    assert "Grant paid" in officer.get(f"/children/{county.child}?only=grant").text


def _opens(browser: object) -> bool:
    return bool(browser.get("/funding/funds/new").status_code == 200)  # type: ignore[attr-defined]


def test_the_auditor_reads_the_logs_without_a_name_and_checks_every_proof(county: Working) -> None:
    browser = county.browser("auditor")
    logs = browser.get("/log").text
    assert re.findall(r"<h2>([^<]+)</h2>", logs) == ["Register", "Alerts", "Cases", "Funding"]
    assert all(f'href="/log/{service}"' in logs for service in ("registry", "alerts", "casework", "funding"))
    for service in ("registry", "alerts", "casework", "funding"):
        assert "覃小雨" not in browser.get(f"/log/{service}").text
        assert "Whole" in browser.get(f"/log/{service}/verification").text
    assert "registry.child_registered" in browser.get("/log/registry").text
    assert county.browser("supervisor").get("/log").status_code == 403


def test_programs_build_the_county_and_staff_it(county: Working) -> None:
    program = county.program("county_admin")
    code = "990100001002"
    village = {"code": code, "name": "河口村", "level": "village", "parent": "990100001"}
    program.post("/divisions", {"divisions": [village]}, key="village-1")
    found = program.get("/divisions?level=village")["items"]
    division = next(one["division"] for one in found if one["code"] == code)
    opened = program.post("/schools", {"name": "河口小学", "division": division, "stages": ["primary"]}, key="school-1")
    formed = program.post(f"/schools/{opened['id']}/classes", {"name": "1班", "grade": 3}, key="class-1")
    assert program.get(f"/schools/{opened['id']}")["classes"] == 1
    assert [one["klass"] for one in program.get(f"/classes?school={opened['id']}")["items"]] == [formed["id"]]
    assert [one["school"] for one in program.get(f"/schools?division={division}")["items"]] == [opened["id"]]

    person = program.post("/staff", {"name": "石秋生"}, key="staff-1")["id"]
    grant = {"role": "teacher", "scope": "place", "place": formed["id"]}
    program.post(f"/staff/{person}/grants", grant, key="grant-1")
    held = program.get(f"/grants?staff={person}")["items"]
    assert [(one["role"], one["place"]) for one in held] == [("teacher", formed["id"])]
    assert program.get(f"/staff/{person}")["roles"] == ["teacher"]
    assert person in [one["staff"] for one in program.get("/staff?role=teacher")["items"]]
    assert [one["staff"] for one in program.post("/staff/searches", {"query": "秋生"}, key="-")["items"]] == [person]
    program.post(f"/staff/{person}/grants/{held[0]['id']}/end", key="ungrant-1")
    assert program.get(f"/grants?staff={person}")["items"] == []


def test_places_that_do_not_fit_are_refused_by_field(county: Working) -> None:
    program = county.program("county_admin")
    wrong = program.refused("/schools", {"name": "", "division": "x", "stages": []}, key="school-2")
    assert set(wrong["errors"]) == {"name", "division", "stages"}
    role = {"role": "king", "scope": "division"}
    assert program.refused(f"/staff/{new_id(county.host.clock.now())}/grants", role, key="k")["status"] == 422
    assert county.program("duty_officer").refused("/schools", {}, key="s")["status"] == 403


def test_a_timeline_is_whole_once_all_services_have_heard(county: Working) -> None:
    browser = county.browser("county_admin")
    eventually(lambda: "Registered" in browser.get(f"/children/{county.child}").text, what="the child's beginning")
