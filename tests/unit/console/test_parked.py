"""Parked events and troubles of the house on the console's pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.console.codes import SERVICES
from shared.hosting.clients import ServiceUnavailable
from shared.kernel.refusals import NotFound
from tests.unit.console.conftest import NOW, World

ONE: dict[str, Any] = {
    "service": "alerts",
    "source": "registry",
    "projector": "alerts.cards",
    "position": 41,
    "type": "registry.child_registered",
    "since": (NOW - timedelta(minutes=20)).isoformat(),
    "error": "KeyError at services.alerts.views:7",
    "attempts": 2,
}
FORM = "/parked/alerts/registry/alerts.cards/41"
TROUBLE = {"kind": "source_silent", "reader": "casework", "source": "funding", "since": NOW.isoformat()}


@pytest.fixture
def world(world: World) -> World:
    for service in SERVICES:
        world.services.answers[service, "parked"] = {"items": [], "next": None}
    world.services.answers["alerts", "parked"] = {"items": [ONE], "next": "20"}
    return world


def test_an_administrator_sees_what_is_parked_where_and_since_when(world: World) -> None:
    page = world.signed_in("tang", "county_admin").get("/parked").text
    for said in (
        "registry.child_registered · 41",
        "alerts.cards",
        "KeyError at services.alerts.views:7",
        "today 13:45",
    ):
        assert said in page
    assert 'href="/parked?service=alerts&amp;after=20"' in page
    assert f'href="{FORM}"' in page


def test_an_auditor_sees_it_and_settles_nothing(world: World) -> None:
    browser = world.signed_in("qian", "auditor")
    page = browser.get("/parked").text
    assert "registry.child_registered" in page
    assert FORM not in page
    assert "/retry" not in page
    assert browser.get(FORM).status_code == 403


def test_nobody_else_sees_it(world: World) -> None:
    assert world.signed_in("li", "teacher").get("/parked").status_code == 403


def test_a_service_that_is_away_costs_its_part_and_not_the_page(world: World) -> None:
    world.services.answers["funding", "parked"] = ServiceUnavailable("funding")
    page = world.signed_in("tang", "county_admin").get("/parked")
    assert page.status_code == 200
    assert "Not reachable at the moment" in page.text
    assert "alerts.cards" in page.text


def test_a_parked_event_is_given_up_with_a_reason(world: World) -> None:
    world.services.answers["alerts", "parked_drop"] = {"id": "x", "version": 1, "events": []}
    browser = world.signed_in("tang", "county_admin")
    assert browser.post(FORM, {"reason": "overtaken"}, page=FORM).status_code == 303
    asked = next(one for one in world.services.asked if one["door"] == "parked_drop")
    assert asked["data"] == {
        "source": "registry", "projector": "alerts.cards", "position": 41, "reason": "overtaken"
    }  # fmt: skip
    assert "The event is given up" in browser.get("/parked").text


def test_a_reason_is_asked_for(world: World) -> None:
    browser = world.signed_in("tang", "county_admin")
    assert browser.post(FORM, {"reason": ""}, page=FORM).status_code == 422
    assert not [one for one in world.services.asked if one["door"] == "parked_drop"]


def test_what_somebody_else_has_settled_is_not_found(world: World) -> None:
    world.services.answers["alerts", "parked_drop"] = NotFound("parked")
    assert world.signed_in("tang", "county_admin").post(FORM, {"reason": "duplicate"}, page=FORM).status_code == 404


def test_trying_again_says_what_came_of_it(world: World) -> None:
    world.services.answers["alerts", "parked_retry"] = {"items": [{"applied": 2, "left": 1}, {"applied": 1, "left": 0}]}
    browser = world.signed_in("tang", "county_admin")
    assert browser.post("/parked/alerts/retry", page="/parked").status_code == 303
    assert "3 events were applied. 1 event is still parked." in browser.get("/parked").text


@pytest.mark.parametrize(
    "path", ["/parked?service=kitchen", "/parked/kitchen/registry/v/1", "/parked/alerts/kitchen/v/1"]
)
def test_a_service_that_there_is_not_is_not_found(world: World, path: str) -> None:
    assert world.signed_in("tang", "county_admin").get(path).status_code == 404


@pytest.mark.parametrize(("login", "role"), [("tang", "county_admin"), ("zhao", "duty_officer")])
@pytest.mark.parametrize("page", ["/alerts", "/today"])
def test_troubles_of_the_house_stand_above_the_board_and_on_the_days_page(
    world: World, login: str, role: str, page: str
) -> None:
    world.services.answers["alerts", "troubles"] = {"items": [TROUBLE]}
    shown = world.signed_in(login, role).get(page).text
    assert "Cases and Funding: the one does not hear the other, since" in shown


def test_who_does_not_run_the_house_is_not_told(world: World) -> None:
    world.services.answers["alerts", "troubles"] = {"items": [TROUBLE]}
    assert "does not hear" not in world.signed_in("he", "headteacher").get("/alerts").text
    assert not [one for one in world.services.asked if one["door"] == "troubles"]


@pytest.mark.parametrize("page", ["/alerts", "/today"])
def test_a_silent_alert_service_is_said_calmly_with_the_time_and_no_longer_once_it_is_heard(
    world: World, page: str
) -> None:
    browser = world.signed_in("zhao", "duty_officer")
    world.console.heads.announce("alerts", 3)
    world.clock.move(59)
    assert "has not been heard" not in browser.get(page).text
    world.clock.move(1)
    assert "The alert service has not been heard since" in browser.get(page).text
    assert "today 14:05" in browser.get(page).text
    world.console.heads.announce("alerts", 3)
    assert "has not been heard" not in browser.get(page).text


def test_it_is_said_even_where_the_board_itself_cannot_be_shown(world: World) -> None:
    browser = world.signed_in("zhao", "duty_officer")
    world.services.answers["alerts", "board"] = ServiceUnavailable("alerts")
    world.clock.move(120)
    assert "The alert service has not been heard since" in browser.get("/alerts").text
