"""Alerts beside registry as they are run: embedded over SQLite, and under nameko over RabbitMQ and PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.registry.domain.places import division_id
from shared.kernel.clock import day_of
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.testing.hosts import System, embedded_system, served_system
from tests.infrastructure.broker import new_run, remove_namespace
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.database import postgres_database
from tests.infrastructure.services import TestServices
from tests.infrastructure.waiting import eventually

PACKAGES = {"registry": "services.registry", "alerts": "services.alerts"}
DIVISIONS = [
    {"code": "439901", "name": "示范县", "level": "county"},
    {"code": "439901101", "name": "示范镇", "level": "township", "parent": "439901"},
    {"code": "439901101201", "name": "桥口村", "level": "village", "parent": "439901101"},
]


@pytest.fixture
def clock(tmp_path: Path) -> MovedClock:
    return MovedClock(tmp_path / "clock")


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def system(
    request: pytest.FixtureRequest, tmp_path: Path, services: TestServices, clock: MovedClock
) -> Iterator[System]:
    if request.param == "embedded":
        with embedded_system(tmp_path, clock.path, packages=PACKAGES) as running:
            yield running
        return
    namespace = new_run() + os.environ.get("PYTEST_XDIST_WORKER", "gw")
    databases = partial(postgres_database, services.database_url)
    with served_system(tmp_path, clock.path, services.amqp_url, namespace, databases, packages=PACKAGES) as running:
        yield running
    remove_namespace(services.amqp_url, services.control, namespace)


def test_a_child_alone_and_an_absence_reach_the_board_and_climb_while_registry_is_away(
    system: System, clock: MovedClock
):
    def ask(service: str, door: str, data: dict[str, Any], token: str) -> Any:
        command_id = new_id(system.clock.now())
        return system.client.call(service, door, data, token=token, command_id=command_id, timeout=30.0)

    register = partial(ask, "registry")
    register("register_divisions", {"divisions": DIVISIONS}, system.bootstrap())
    admin = register("register_staff", {"name": "唐守望"}, system.bootstrap())["id"]
    grant = {"staff": admin, "role": "county_admin", "scope": "division", "division": division_id("439901")}
    register("grant_role", grant, system.bootstrap())
    by = partial(system.token, admin, "county_admin")
    opened = {"name": "示范镇中心学校", "division": division_id("439901101"), "stages": ["primary"]}
    school = register("open_school", opened, by())["id"]
    klass = register("form_class", {"school": school, "name": "（1）班", "grade": 4}, by())["id"]
    day = day_of(system.clock.now())
    told = {
        "legal_basis": "statutory_duty",
        "name": "唐曦",
        "sex": "female",
        "born": day.replace(year=day.year - 10, day=1).isoformat(),
        "village": division_id("439901101201"),
        "school": school,
        "klass": klass,
        "address": "示范镇桥口村5组",
        "identity_missing": "lost",
        "contacts": [{"relation": "father", "name": "唐海", "phone": "19900001031", "away": True}],
        "arrangement": "alone",
        "since": day.isoformat(),
    }
    child = register("register_child", told, by())["id"]

    def board() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = ask("alerts", "board", {}, by())["items"]
        return items

    (alone,) = eventually(board, what="the risk is an alert", within=20, ignoring=(Refusal,))
    assert (alone["kind"], alone["child"], alone["child_name"]) == ("living_alone", child, "唐曦")
    marks = [{"child": child, "state": "absent"}]
    roll = {"klass": klass, "day": day_of(system.clock.now()).isoformat(), "session": "morning", "marks": marks}
    ask("alerts", "take_roll_call", roll, by())
    assert {one["kind"] for one in board()} == {"living_alone", "absence"}
    if system.kind == "rabbitmq":
        system.served["registry"].stop()
    card = ask("alerts", "contact_card", {"child": child}, by())
    assert (card["address"], card["contacts"][0]["phone"]) == ("示范镇桥口村5组", "19900001031")
    clock.move(minutes=11)
    eventually(lambda: all(one["step"] == 2 for one in board()), what="both alerts have climbed", within=20)
