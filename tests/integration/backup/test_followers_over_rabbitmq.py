"""A county on RabbitMQ and PostgreSQL: registry is restored, and a person lets every other service go on with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from shared.cli.commands import shouwang
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.testing.hosts import System, served_system
from tests.infrastructure.broker import new_run, remove_namespace
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.database import TestDatabase, postgres_database
from tests.infrastructure.services import TestServices
from tests.infrastructure.waiting import eventually

pytestmark = pytest.mark.broker
FOLLOWERS = ("casework", "alerts", "funding")
PATIENCE = 90.0


@pytest.fixture
def clock(tmp_path: Path) -> MovedClock:
    return MovedClock(tmp_path / "clock")


@pytest.fixture
def bases() -> list[TestDatabase]:
    """The databases that were made, registry's first."""
    return []


@pytest.fixture
def system(
    tmp_path: Path,
    services: TestServices,
    clock: MovedClock,
    bases: list[TestDatabase],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[System]:
    namespace = new_run() + os.environ.get("PYTEST_XDIST_WORKER", "gw")
    environment = {
        "SHOUWANG_ENVIRONMENT": "test",
        "SHOUWANG_KEYS": str(tmp_path / "keys"),
        "SHOUWANG_AMQP_URL": services.amqp_url,
        "SHOUWANG_NAMESPACE": namespace,
        "SHOUWANG_TEST_CLOCK": str(clock.path),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("shared.observability.logs.configure", lambda **_: None)
    monkeypatch.setattr("shared.observability.logs.catch_the_uncaught", lambda: None)
    databases = partial(_kept, services.database_url, bases)
    try:
        with served_system(tmp_path, clock.path, services.amqp_url, namespace, databases) as running:
            yield running
    finally:
        remove_namespace(services.amqp_url, services.control, namespace)


class _kept:  # noqa: N801 - used as a function is
    """A fresh database that the test may find again."""

    def __init__(self, admin_url: str, bases: list[TestDatabase]) -> None:
        self._database, self._bases = postgres_database(admin_url), bases

    def __enter__(self) -> TestDatabase:
        made = self._database.__enter__()
        self._bases.append(made)
        return made

    def __exit__(self, *why: object) -> None:
        self._database.__exit__(*why)


def typed(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "220"}).invoke(shouwang, [*words])


def ask(system: System, service: str, door: str, **data: Any) -> Any:
    return system.client.call(service, door, data, token=system.system("operator"), timeout=20.0)


def join(system: System, name: str) -> None:
    """Somebody joins the staff: one event more in registry's log."""
    command = new_id(SystemClock().now())
    said = {"token": system.bootstrap(), "command_id": command, "timeout": 20.0}
    system.client.call("registry", "register_staff", {"name": name}, **said)


def places(system: System) -> dict[str, int]:
    """How far each service has followed registry: the place of whatever is furthest behind."""
    found = {}
    for service in FOLLOWERS:
        (one,) = [each for each in ask(system, service, "engine_status")["followed"] if each["source"] == "registry"]
        found[service] = min(
            (-1 if at["position"] is None else at["position"] for at in one["projectors"].values()), default=-1
        )
    return found


def cosigned(system: System) -> dict[str, int]:
    return {one["witness"]: one["size"] for one in ask(system, "registry", "log_standing")["cosigned"]}


def contradicting(system: System) -> list[str]:
    return [one for one in ask(system, "registry", "engine_status")["failing"] if one.startswith("contradicted-by-")]


def comes(happens: Any, clock: MovedClock, what: str) -> None:
    """Let time pass until something has come about that waits for a signature."""

    def passes() -> bool:
        if happens():
            return True
        clock.move(seconds=20)
        return False

    eventually(passes, what=what, within=PATIENCE)


def test_a_restored_registry_is_accepted_by_all_who_follow_and_witness_it(
    system: System,
    services: TestServices,
    clock: MovedClock,
    bases: list[TestDatabase],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = bases[list(system.served).index("registry")]
    join(system, "王秀兰")
    monkeypatch.setenv("SHOUWANG_DATABASE_URL", first.application_url)
    taken = typed("backup", "--service", "registry", "--out", str(tmp_path / "backup"))
    assert taken.exit_code == 0, taken.output
    join(system, "李冬梅")
    join(system, "张小北")
    eventually(lambda: set(places(system).values()) == {2}, what="all have heard what will be lost", within=PATIENCE)
    comes(lambda: cosigned(system) == dict.fromkeys(FOLLOWERS, 3), clock, "all have cosigned what will be lost")

    registry = system.served["registry"]
    registry.stop()
    with postgres_database(services.database_url) as second:
        monkeypatch.setenv("SHOUWANG_DATABASE_URL", second.application_url)
        monkeypatch.setenv("SHOUWANG_OWNER_DATABASE_URL", second.owner_url)
        restored = typed("restore", str(tmp_path / "backup"), "--service", "registry")
        assert restored.exit_code == 0, restored.output
        registry.remember("SHOUWANG_DATABASE_URL", second.application_url)
        registry.start()
        try:
            # It answers, and is not ready while the others contradict it.
            told = "positions 1 to 2"
            eventually(lambda: typed("follow", "status").output.count(told) == 3, what="all stop", within=PATIENCE)
            comes(lambda: len(contradicting(system)) == 3, clock, "all contradict it")
            said = typed("follow", "status")
            assert said.exit_code == 1
            for service in FOLLOWERS:
                assert f"shouwang follow accept registry --service {service}" in said.output
                accepted = typed("follow", "accept", "registry", "--service", service)
                assert accepted.exit_code == 0, accepted.output
                assert f"{service} goes on with registry from 1 entries" in accepted.output
            eventually(lambda: typed("follow", "status").exit_code == 0, what="all go on", within=PATIENCE)
            join(system, "陈阿婆")
            eventually(lambda: set(places(system).values()) == {1}, what="all hear the restored log", within=PATIENCE)
            comes(lambda: cosigned(system) == dict.fromkeys(FOLLOWERS, 2), clock, "all cosign the restored log")
            assert ask(system, "registry", "engine_status")["failing"] == []
            again = typed("follow", "accept", "registry", "--service", "alerts")
            assert (again.exit_code, "log.source_not_restored" in again.output) == (1, True)
        finally:
            registry.end()
