"""`/api/v1/events`: the news of all services behind one cursor."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.console.codes import SERVICES
from services.console.port import ServiceUnavailable
from tests.unit.console.conftest import PASSWORD, World

ALERT = "01926f3e-0000-7000-8000-00000000a1e7"
RAISED = {
    "position": 6,
    "type": "alerts.alert_raised",
    "kind": "alert",
    "subject": ALERT,
    "version": 1,
    "children": [],
    "time": "2026-11-23T06:02:00+00:00",
}


def following(world: World, **asked: Any) -> TestResponse:
    client = world.app.test_client()
    if world.console.accounts.find("wang") is None:
        world.person("wang", "duty_officer")
    token = client.post("/api/v1/tokens", json={"account": "wang", "password": PASSWORD}).get_json()["token"]
    return client.get("/api/v1/events", query_string=asked, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def quiet(world: World) -> World:
    """Nothing happens anywhere but at alerts, whose log has eight entries."""
    for service in SERVICES:
        world.services.answers[service, "log_news"] = lambda data: {
            "items": [], "next": max(data["after"], 2), "size": 3,
        }  # fmt: skip
    world.services.answers["alerts", "log_news"] = lambda data: {
        "items": [RAISED] if data["after"] < 6 else [],
        "next": 7,
        "size": 8,
    }
    return world


def test_news_come_with_a_cursor_that_holds_a_place_in_each_log(quiet: World) -> None:
    first = following(quiet).get_json()
    again = following(quiet, after=first["next"]).get_json()

    assert first["items"] == [{"service": "alerts", **RAISED}]
    assert first["next"] == "alerts:8,casework:3,funding:3,registry:3"
    assert (again["items"], again["next"], again["more"]) == ([], first["next"], False)


def test_one_service_is_followed_from_a_position(quiet: World) -> None:
    found = following(quiet, service="alerts", after=5).get_json()
    assert [one["position"] for one in found["items"]] == [6]
    assert quiet.services.asked[-1]["data"] == {"after": 5, "limit": 50}
    assert found["next"] == "alerts:8"


def test_a_service_that_is_silent_keeps_its_place_and_is_named(quiet: World) -> None:
    quiet.services.answers["funding", "log_news"] = ServiceUnavailable("funding")
    found = following(quiet, after="alerts:2,funding:1").get_json()
    assert found["unheard"] == ["funding"]
    assert found["next"] == "alerts:8,casework:3,funding:1,registry:3"
    assert following(quiet, service="funding").status_code == 503


@pytest.mark.parametrize("after", ["alerts", "alerts:-1", "console:3", "alerts:1,", "yesterday"])
def test_what_is_no_cursor_is_said(quiet: World, after: str) -> None:
    answer = following(quiet, after=after)
    assert answer.status_code == 422
    assert "after" in answer.get_json()["errors"]


def test_who_waits_is_answered_by_the_growth_that_concerns_them(quiet: World) -> None:
    told = iter([[], [RAISED]])
    size = iter([6, 7])

    def grown(_data: dict[str, Any]) -> dict[str, Any]:
        # The log grows right after the first look, as it may at any moment.
        at = next(size)
        quiet.console.heads.announce("alerts", 7)
        return {"items": next(told), "next": at - 1, "size": at}

    quiet.services.answers["alerts", "log_news"] = grown
    found = following(quiet, service="alerts", after=5, wait=10).get_json()
    assert [one["subject"] for one in found["items"]] == [ALERT]
