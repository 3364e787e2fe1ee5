"""Registry as it is run: embedded over SQLite, and under nameko over RabbitMQ and PostgreSQL."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.registry.domain.places import division_id
from shared.kernel.ids import new_id
from shared.testing.hosts import System, embedded_system, served_system
from tests.infrastructure.broker import new_run, remove_namespace
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.database import postgres_database
from tests.infrastructure.services import TestServices
from tests.integration.registry.house import COUNTY, DIVISIONS, TOWNSHIP, roster, row

PACKAGES = {"registry": "services.registry"}


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def system(request: pytest.FixtureRequest, tmp_path: Path, services: TestServices) -> Iterator[System]:
    clock = MovedClock(tmp_path / "clock")
    if request.param == "embedded":
        with embedded_system(tmp_path, clock.path, packages=PACKAGES) as running:
            yield running
        return
    namespace = new_run() + os.environ.get("PYTEST_XDIST_WORKER", "gw")
    databases = partial(postgres_database, services.database_url)
    with served_system(tmp_path, clock.path, services.amqp_url, namespace, databases, packages=PACKAGES) as running:
        yield running
    remove_namespace(services.amqp_url, services.control, namespace)


def test_a_county_is_set_up_and_a_roster_comes_in(system: System):
    def ask(door: str, data: dict[str, Any], token: str) -> Any:
        return system.client.call(
            "registry", door, data, token=token, command_id=new_id(system.clock.now()), timeout=30.0
        )

    ask("register_divisions", {"divisions": DIVISIONS}, system.bootstrap())
    admin = ask("register_staff", {"name": "唐守望"}, system.bootstrap())["id"]
    grant = {"staff": admin, "role": "county_admin", "scope": "division", "division": division_id(COUNTY)}
    ask("grant_role", grant, system.bootstrap())
    by = partial(system.token, admin, "county_admin")
    opened = {"name": "示范镇中心学校", "division": division_id(TOWNSHIP), "stages": ["primary"]}
    school = ask("open_school", opened, by())["id"]
    content = base64.b64encode(roster(*(row(number) for number in range(60)), row(70, name=""))).decode()
    upload = ask("upload_roster", {"content": content}, by())["upload"]
    assert ask("preview_roster", {"upload": upload, "school": school}, by())["counts"]["new"] == 60
    said = {"upload": upload, "school": school, "legal_basis": "statutory_duty"}
    progress = ask("start_import", said, by())
    while progress["state"] == "running":
        progress = ask("import_chunk", {"roster": progress["roster"]}, by())
    assert (progress["registered"], progress["refused"]) == (60, 1)
    (found,) = ask("search_children", {"query": "19900000007"}, by())["items"]
    card = ask("contact_card", {"child": found["child"]}, by())
    assert card["contacts"][0]["phone"] == "19900000007"
