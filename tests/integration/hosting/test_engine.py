"""The engine of one service on either database, step by step."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from shared.access.permissions import Permission
from shared.eventstore.sequencer import BATCH
from shared.hosting.engine import SIGNED_EVERY, Engine, Pace
from shared.hosting.foundation import Rooms
from shared.hosting.migrating import upgrade
from shared.kernel.clock import FixedClock
from shared.ledger.tables import log_checkpoints
from shared.storage.database import Database
from shared.testing.rooms import call_as, test_settings
from tests.infrastructure.database import TestDatabase
from tests.infrastructure.services import TestServices
from tests.infrastructure.waiting import eventually
from tests.integration.hosting.small.registry.rooms import RegisterDivision, build

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
FAST = Pace(sequencer=0.005, relay=0.005, timers=0.01, checkpoints=0.01, gauges=0.05)


class Shown:
    """A relay that remembers how large the log was at each step."""

    def __init__(self, rooms: Rooms[Any, Any]) -> None:
        self._rooms = rooms
        self.seen: list[int] = []

    def step(self) -> int:
        with self._rooms.database.read() as tx:
            size = self._rooms.base.store.size(tx)
        new = size > (self.seen[-1] if self.seen else 0)
        if new:
            self.seen.append(size)
        return int(new)

    def behind(self) -> dict[str, int]:
        return {"alerts": 0}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def rooms(test_database: TestDatabase, tmp_path: Path, clock: FixedClock) -> Iterator[Rooms[Any, Any]]:
    yield from made(test_database, tmp_path, clock)


@pytest.fixture
def on_postgresql(postgres: TestDatabase, tmp_path: Path, clock: FixedClock) -> Iterator[Rooms[Any, Any]]:
    yield from made(postgres, tmp_path, clock)


def made(test_database: TestDatabase, tmp_path: Path, clock: FixedClock) -> Iterator[Rooms[Any, Any]]:
    package = "tests.integration.hosting.small.registry"
    upgrade("registry", test_database.owner_url, application_role=test_database.application_role, package=package)
    settings = dataclasses.replace(test_settings(tmp_path), checkpoint_dir=tmp_path / "outside")
    built = build(settings, database=Database(test_database.application_url), clock=clock)
    yield built
    built.database.dispose()


@pytest.fixture
def running() -> Iterator[Callable[..., Engine]]:
    started: list[Engine] = []

    def run(rooms: Rooms[Any, Any], **options: Any) -> Engine:
        engine = Engine(rooms, pace=FAST, **options)
        started.append(engine)
        engine.start()
        return engine

    yield run
    for one in started:
        one.stop()


def register(rooms: Rooms[Any, Any], times: int = 1) -> None:
    for number in range(times):
        command = RegisterDivision(code="430000", name=f"{number}", parent=None)
        rooms.handlers.register_division(call_as(rooms, command, Permission.DIVISION_REGISTER))


def size(rooms: Rooms[Any, Any]) -> int:
    with rooms.database.read() as tx:
        return rooms.base.store.size(tx)


def signed(rooms: Rooms[Any, Any]) -> list[int]:
    with rooms.database.read() as tx:
        return list(tx.execute(select(log_checkpoints.c.size).order_by(log_checkpoints.c.size)).scalars())


def test_what_is_committed_gets_its_place_and_is_relayed(
    rooms: Rooms[Any, Any], running: Callable[..., Engine]
) -> None:
    relay = Shown(rooms)
    running(rooms, relay=relay)

    register(rooms, 3)

    eventually(lambda: size(rooms) == 3 and relay.seen[-1:] == [3], what="three places, relayed")


def test_the_log_is_signed_at_the_start_and_a_minute_after_news(
    rooms: Rooms[Any, Any], running: Callable[..., Engine], clock: FixedClock
) -> None:
    running(rooms)
    eventually(lambda: signed(rooms) == [0], what="the first checkpoint")
    register(rooms)
    eventually(lambda: size(rooms) == 1, what="a place")

    clock.move(59)
    before = signed(rooms)
    clock.move(2)

    assert before == [0]
    eventually(lambda: signed(rooms) == [0, 1], what="the second checkpoint")


def test_a_minute_without_news_is_not_signed(
    rooms: Rooms[Any, Any], running: Callable[..., Engine], clock: FixedClock
) -> None:
    engine = running(rooms)
    eventually(lambda: signed(rooms) == [0], what="the first checkpoint")

    clock.move(3600)
    engine._sign()

    assert signed(rooms) == [0]


def test_every_thousand_is_signed_at_once(
    rooms: Rooms[Any, Any], running: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.hosting.engine.SIGNED_EVERY", 10)
    monkeypatch.setattr("shared.eventstore.sequencer.BATCH", 10)
    assert SIGNED_EVERY == BATCH == 1000
    running(rooms)

    register(rooms, 25)

    eventually(lambda: signed(rooms) == [0, 10, 20], what="a checkpoint of each ten")


def test_a_burst_leaves_no_thousand_unsigned(
    rooms: Rooms[Any, Any], running: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    monkeypatch.setattr("shared.hosting.engine.SIGNED_EVERY", 10)
    engine = running(rooms)
    eventually(lambda: signed(rooms) == [0], what="the first checkpoint")
    engine.stop()
    register(rooms, 25)

    running(rooms)
    eventually(lambda: signed(rooms) == [0, 10, 20], what="a checkpoint of each ten")
    clock.move(60)

    eventually(lambda: signed(rooms) == [0, 10, 20, 25], what="the rest a minute later")


def test_checkpoints_leave_the_house(rooms: Rooms[Any, Any], running: Callable[..., Engine], tmp_path: Path) -> None:
    running(rooms)

    latest = tmp_path / "outside" / "registry" / "latest"
    eventually(latest.exists, what="the file")
    assert latest.read_text().startswith("county.example/registry\n0\n")


def test_a_restarted_engine_goes_on_from_the_last_signature(
    rooms: Rooms[Any, Any], running: Callable[..., Engine], clock: FixedClock
) -> None:
    engine = running(rooms)
    eventually(lambda: signed(rooms) == [0], what="the first checkpoint")
    engine.stop()
    register(rooms)

    again = running(rooms)
    eventually(lambda: size(rooms) == 1, what="a place")
    again._sign()

    assert signed(rooms) == [0]


def test_an_engine_that_was_stopped_runs_nothing_any_more(
    rooms: Rooms[Any, Any], running: Callable[..., Engine]
) -> None:
    before = threading.active_count()
    engine = running(rooms)

    engine.stop()

    assert threading.active_count() == before
    assert not engine.leads or rooms.database.is_sqlite


def test_a_second_engine_stands_by_and_takes_over(
    on_postgresql: Rooms[Any, Any], running: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.hosting.engine.STANDBY", 0.02)
    first = running(on_postgresql)
    eventually(lambda: first.leads, what="the leader")
    second = running(on_postgresql)
    assert not second.leads

    first.stop()

    eventually(lambda: second.leads, what="the new leader")
    register(on_postgresql)
    eventually(lambda: size(on_postgresql) == 1, what="a place")


def test_a_leader_whose_connection_is_cut_leads_again(
    on_postgresql: Rooms[Any, Any], running: Callable[..., Engine], cut_connections: Callable[[Database], None]
) -> None:
    engine = running(on_postgresql)
    eventually(lambda: engine.leads, what="the leader")

    cut_connections(on_postgresql.database)

    eventually(lambda: engine.failing() == [] and engine.leads, what="the recovery")
    register(on_postgresql)
    eventually(lambda: size(on_postgresql) == 1, what="a place")


@pytest.fixture
def cut_connections(services: TestServices) -> Callable[[Database], None]:
    """Cut every connection to a database, as an administrator would."""

    def cut(database: Database) -> None:
        admin = Database(services.database_url.replace("postgresql://", "postgresql+psycopg://"))
        with admin.begin() as tx:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            tx.execute(text(query), {"name": database.url.database})
        admin.dispose()

    return cut
