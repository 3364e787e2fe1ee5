"""Contradictions between logs and witnesses on the console's pages."""

from __future__ import annotations

from typing import Any

import pytest

from services.console.codes import SERVICES
from shared.hosting.clients import ServiceUnavailable
from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import NOW, World

ID = "01890000-0000-7000-8000-00000000c001"
FORM = f"/contradictions/alerts/{ID}"
ONE: dict[str, Any] = {
    "id": ID,
    "log": "county.example/registry",
    "witness": "county.example/alerts/witness",
    "kind": "split",
    "known_size": 4,
    "known_note": "THE COSIGNED NOTE",
    "offered_size": 4,
    "offered_note": "THE LATER NOTE",
    "time": NOW.isoformat(),
    "decided": None,
    "stands": False,
}
DECIDED = {"by": "staff-1", "role": "auditor", "time": NOW.isoformat(), "reason": "exercise", "event": ID}


@pytest.fixture
def world(world: World) -> World:
    for service in SERVICES:
        world.services.answers[service, "contradictions"] = {"items": []}
    world.services.answers["alerts", "contradictions"] = {"items": [ONE]}
    return world


@pytest.mark.parametrize("role", ["auditor", "county_admin"])
def test_an_auditor_and_an_administrator_see_the_evidence_and_may_decide(world: World, role: str) -> None:
    page = world.signed_in("tang", role).get("/contradictions").text
    for said in ("Two different roots are signed for one size.", "THE COSIGNED NOTE", "THE LATER NOTE", FORM):
        assert said in page


def test_nobody_else_sees_it(world: World) -> None:
    browser = world.signed_in("li", "teacher")
    assert browser.get("/contradictions").status_code == 403
    assert browser.get(FORM).status_code == 403


def test_one_that_still_stands_is_not_offered_for_a_decision(world: World) -> None:
    world.services.answers["alerts", "contradictions"] = {"items": [ONE | {"stands": True}]}
    page = world.signed_in("qian", "auditor").get("/contradictions").text
    assert "still contradict each other" in page
    assert FORM not in page


def test_a_decision_is_sent_with_its_reason_and_shown_with_who_took_it(world: World) -> None:
    world.services.answers["alerts", "contradiction_decide"] = {"id": ID, "version": 1, "events": []}
    browser = world.signed_in("qian", "auditor")
    assert browser.post(FORM, {"reason": "exercise"}, page=FORM).status_code == 303
    asked = next(one for one in world.services.asked if one["door"] == "contradiction_decide")
    assert asked["data"] == {"contradiction": ID, "reason": "exercise"}
    world.services.answers["alerts", "contradictions"] = {"items": [ONE | {"decided": DECIDED}]}
    page = browser.get("/contradictions").text
    assert "The decision is recorded" in page
    assert "An exercise" in page
    assert "staff-1" in page


def test_without_a_reason_nothing_is_sent_and_a_refusal_is_said(world: World) -> None:
    browser = world.signed_in("qian", "auditor")
    assert browser.post(FORM, {"reason": ""}, page=FORM).status_code == 422
    assert not [one for one in world.services.asked if one["door"] == "contradiction_decide"]
    world.services.answers["alerts", "contradiction_decide"] = Refusal("log.contradiction_stands", log="l", witness="w")
    refused = browser.post(FORM, {"reason": "exercise"}, page=FORM)
    assert refused.status_code == 409
    assert "First the log is healed" in refused.text


@pytest.mark.parametrize("path", ["/contradictions/kitchen/" + ID, "/contradictions/funding/" + ID])
def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    assert world.signed_in("qian", "auditor").get(path).status_code == 404


def test_a_service_that_is_away_is_said(world: World) -> None:
    world.services.answers["funding", "contradictions"] = ServiceUnavailable("funding")
    page = world.signed_in("qian", "auditor").get("/contradictions")
    assert page.status_code == 200
    assert "Not reachable at the moment" in page.text


def test_the_trouble_leads_those_who_may_decide_to_the_page(world: World) -> None:
    trouble = {"kind": "log_contradicted", "reader": "alerts", "source": "registry", "since": NOW.isoformat()}
    world.services.answers["alerts", "troubles"] = {"items": [trouble]}
    page = world.signed_in("tang", "county_admin").get("/alerts").text
    assert "a log and its witness contradict each other" in page
    assert 'href="/contradictions"' in page
