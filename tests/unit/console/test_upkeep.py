"""How the logs are kept up, on the console's page."""

from __future__ import annotations

from typing import Any

import pytest

from services.console.codes import SERVICES
from shared.hosting.clients import ServiceUnavailable
from tests.unit.console.conftest import NOW, World

EPOCH = "01890000-0000-7000-8000-00000000e001"
FOLLOWED = {"source": "registry", "state": "following", "position": 40, "size": 53, "lag": 12, "parked": 0}
FOLLOWED |= {"silent_for": 1.0, "lost": None}
BACKUP = {"size": 41, "root": "ab", "epoch": EPOCH, "taken": NOW.isoformat(), "time": NOW.isoformat(), "by": "x"}
ONE: dict[str, Any] = {"size": 53, "epoch": EPOCH, "began": 7, "restores": 1, "backup": BACKUP | {"behind": 12}}
ONE |= {"remains": []}


@pytest.fixture
def world(world: World) -> World:
    for service in SERVICES:
        world.services.answers[service, "upkeep"] = ONE | {"followed": [FOLLOWED]}
    return world


@pytest.mark.parametrize("role", ["auditor", "county_admin"])
def test_who_answers_for_the_house_sees_lag_and_the_last_good_backup(world: World, role: str) -> None:
    page = world.signed_in("tang", role).get("/upkeep").text
    assert page.count("Last verified backup") == len(SERVICES)
    assert "Behind by" in page
    assert "No backup of this log" not in page
    assert "an epoch before" not in page


def test_nobody_else_does(world: World) -> None:
    assert world.signed_in("li", "teacher").get("/upkeep").status_code == 403


def test_a_log_without_a_verified_backup_and_one_of_an_older_epoch_are_said(world: World) -> None:
    world.services.answers["alerts", "upkeep"] = ONE | {"followed": [], "backup": None}
    world.services.answers["funding", "upkeep"] = ONE | {"followed": [], "epoch": EPOCH.replace("e001", "e002")}
    page = world.signed_in("qian", "auditor").get("/upkeep").text
    assert page.count("No backup of this log was verified") == 1
    assert page.count("This backup is of an epoch before the present one") == 1
    assert page.count("Follows no other log.") == 2


@pytest.mark.parametrize(("why", "said"), [(None, "Nobody has looked yet."), ("read", "is still reading")])
def test_what_an_erasure_has_left_in_files_is_said(world: World, why: str | None, said: str) -> None:
    world.services.answers["alerts", "upkeep"] = ONE | {
        "followed": [],
        "remains": [{"asked": NOW.isoformat(), "why": why}],
    }
    page = world.signed_in("qian", "auditor").get("/upkeep").text
    assert page.count("is still in old files of the database.") == 1
    assert said in page


def test_a_follower_that_stopped_and_a_service_that_is_away_are_said(world: World) -> None:
    world.services.answers["alerts", "upkeep"] = ONE | {"followed": [FOLLOWED | {"state": "stopped", "lost": [3, 9]}]}
    world.services.answers["funding", "upkeep"] = ServiceUnavailable("funding")
    page = world.signed_in("qian", "auditor").get("/upkeep").text
    assert "Stopped: waits for a decision" in page
    assert "Not reachable at the moment" in page


def test_a_trouble_of_a_follower_leads_there(world: World) -> None:
    trouble = {"kind": "follower_stopped", "reader": "alerts", "source": "registry", "since": NOW.isoformat()}
    world.services.answers["alerts", "troubles"] = {"items": [trouble]}
    assert 'href="/upkeep"' in world.signed_in("tang", "county_admin").get("/alerts").text
    assert 'href="/upkeep"' not in world.signed_in("zhao", "duty_officer").get("/alerts").text
