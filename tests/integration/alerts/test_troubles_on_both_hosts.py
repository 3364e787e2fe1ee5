"""What alerts cannot apply is a trouble on its own board, and no longer once it is settled: on both hosts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from services.registry.domain.places import division_id
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.messaging.letters import Letter
from shared.messaging.parking import park
from shared.messaging.ranges import Carried
from shared.storage.database import Database
from shared.testing.hosts import System, embedded_system, served_system
from tests.infrastructure.broker import new_run, remove_namespace
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.database import TestDatabase, postgres_database
from tests.infrastructure.services import TestServices
from tests.infrastructure.waiting import eventually

PACKAGES = {"registry": "services.registry", "alerts": "services.alerts"}


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def house(request: pytest.FixtureRequest, tmp_path: Path, services: TestServices) -> Iterator[tuple[System, Database]]:
    """A system of registry and alerts, and alerts' database."""
    clock = MovedClock(tmp_path / "clock").path
    if request.param == "embedded":
        with embedded_system(tmp_path, clock, packages=PACKAGES) as running:
            assert running.host is not None
            yield running, running.host.engines["alerts"].base.database
        return
    made: list[TestDatabase] = []

    @contextmanager
    def database() -> Iterator[TestDatabase]:
        with postgres_database(services.database_url) as one:
            made.append(one)
            yield one

    namespace = new_run() + os.environ.get("PYTEST_XDIST_WORKER", "gw")
    with served_system(tmp_path, clock, services.amqp_url, namespace, database, packages=PACKAGES) as running:
        of_alerts = Database(made[1].application_url)
        yield running, of_alerts
        of_alerts.dispose()
    remove_namespace(services.amqp_url, services.control, namespace)


def test_an_event_parked_in_alerts_is_a_trouble_until_it_is_given_up(house: tuple[System, Database]) -> None:
    system, database = house
    ask = partial(system.client.call, timeout=30.0)
    county = {"code": "439901", "name": "示范县", "level": "county"}
    ask("registry", "register_divisions", {"divisions": [county]}, token=system.bootstrap())
    staff = ask("registry", "register_staff", {"name": "唐守望"}, token=system.bootstrap())["id"]
    grant = {"staff": staff, "role": "county_admin", "scope": "division", "division": division_id("439901")}
    ask("registry", "grant_role", grant, token=system.bootstrap())
    now = system.clock.now()
    entry = {"id": new_id(now), "stream": f"registry.child-{new_id(now)}", "type": "registry.child_registered"}
    carried = Carried(position=1, entry=json.dumps(entry | {"persons": [], "sealed": []}), parts={})
    with database.begin() as tx:
        park(tx, "registry", "alerts.cards", Letter.read(carried, "e"), "KeyError at services.alerts.views:7", now)

    def troubles() -> list[tuple[str, str, str]]:
        items = ask("alerts", "troubles", {}, token=system.token(staff, "county_admin"))["items"]
        return [(one["kind"], one["reader"], one["source"]) for one in items]

    met = ("event_parked", "alerts", "registry")
    eventually(lambda: met in troubles(), what="the trouble is on the board", within=20, ignoring=(Refusal,))
    given = {"source": "registry", "projector": "alerts.cards", "position": 1, "reason": "not_needed"}
    ask("alerts", "parked_drop", given, token=system.token(staff, "county_admin"))
    eventually(lambda: met not in troubles(), what="the trouble is over", within=20)
