from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.kernel.clock import FixedClock
from shared.messaging.topology import Topology
from shared.messaging.transport import Transport
from shared.messaging.transport.amqp import AmqpTransport
from shared.messaging.transport.local import LocalTransport
from shared.messaging.transport.patience import Patience
from shared.storage.database import Database
from tests.contract.messaging.village import Reader, Source, opened
from tests.infrastructure.database import sqlite_database
from tests.infrastructure.pool import POOL
from tests.infrastructure.services import read_services

QUICK = Patience(first=0.01, longest=0.05, attempts=3, rest=0.05)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 2, 8, tzinfo=UTC))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Make a database for a service; all of one test are of the same kind."""
    with ExitStack() as stack:

        def make(service: str) -> Database:
            if request.param == "sqlite":
                return stack.enter_context(opened(sqlite_database(tmp_path / f"{service}.sqlite")))
            given = stack.enter_context(POOL.postgres(read_services().database_url))
            return stack.enter_context(opened(given))

        yield make


@pytest.fixture
def source(database_of: Callable[[str], Database], tmp_path: Path, clock: FixedClock) -> Source:
    return Source(database_of("registry"), tmp_path / "keys", clock)


@pytest.fixture
def reader(database_of: Callable[[str], Database], source: Source, tmp_path: Path, clock: FixedClock) -> Reader:
    return Reader(database_of("alerts"), tmp_path / "keys", clock)


@pytest.fixture
def topology(namespace: str) -> Topology:
    return Topology(namespace)


@pytest.fixture
def amqp(amqp_url: str, topology: Topology) -> Iterator[AmqpTransport]:
    transport = AmqpTransport(amqp_url, topology, patience=QUICK)
    yield transport
    transport.close()


@pytest.fixture(params=["local", pytest.param("amqp", marks=pytest.mark.broker)])
def transport(request: pytest.FixtureRequest) -> Transport:
    if request.param == "local":
        return LocalTransport(patience=QUICK)
    made: Transport = request.getfixturevalue("amqp")
    return made
