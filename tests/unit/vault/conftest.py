"""A registry that makes keys, and a neighbour that fetches them, each with a database file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.messages import PURPOSES
from shared.storage.database import Database
from shared.vault.keyring import Keyring
from shared.vault.tables import metadata
from shared.vault.vault import Vault


@dataclass(frozen=True)
class House:
    """One service's vault with its database."""

    vault: Vault
    database: Database


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 8, tzinfo=UTC))


@pytest.fixture
def house(tmp_path: Path, clock: FixedClock) -> Iterator[Callable[..., House]]:
    """Make the vault of a service that holds the key-encryption keys of some purposes, or of all."""
    opened: list[Database] = []
    Keyring.create(tmp_path / "keys", PURPOSES)

    def make(service: str, *purposes: str) -> House:
        database = Database(f"sqlite:///{tmp_path / service}.sqlite")
        opened.append(database)
        with database.begin() as tx:
            metadata.create_all(tx)
        return House(Vault(service, Keyring.load(tmp_path / "keys", purposes or PURPOSES), clock), database)

    yield make
    for database in opened:
        database.dispose()


@pytest.fixture
def registry(house: Callable[..., House]) -> House:
    return house("registry")


@pytest.fixture
def alerts(house: Callable[..., House]) -> House:
    return house("alerts", "identity", "contact", "incident", "reporter")
