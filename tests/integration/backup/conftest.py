"""A registry with a few children on either database, and a backup of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.hosting.backup.files import Manifest
from shared.hosting.backup.taking import Given, take
from shared.kernel.clock import FixedClock
from shared.testing.rooms import place_pending
from tests.infrastructure.database import TestDatabase, sqlite_database
from tests.integration.registry.house import House, open_house

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
Backup = Callable[[], Manifest]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def house(test_database: TestDatabase, tmp_path: Path, clock: FixedClock) -> Iterator[House]:
    made = open_house(test_database, tmp_path, clock)
    made.child()
    place(made)
    yield made
    made.database.dispose()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "first"


@pytest.fixture
def backup(house: House, test_database: TestDatabase, out: Path) -> Backup:
    return lambda: take(
        out, [Given(service="registry", url=test_database.application_url)], deployment="county.example", now=NOW
    )[0]


def place(house: House) -> None:
    """Give what waits its place, and sign."""
    if not house.database.is_sqlite:
        place_pending(house.rooms)
    with house.database.begin() as tx:
        house.rooms.base.checkpoints.make(tx)


@pytest.fixture
def sqlite(sqlite_path: Path) -> TestDatabase:
    """A fresh SQLite file, for what is the same on both databases."""
    return sqlite_database(sqlite_path)
