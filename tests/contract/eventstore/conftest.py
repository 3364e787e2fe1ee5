from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.eventstore.work import Decision, Order
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.kernel.messages import Actor, Cause
from shared.testing.rooms import built
from tests.contract.eventstore import lantern
from tests.infrastructure.database import sqlite_database
from tests.infrastructure.pool import POOL
from tests.infrastructure.services import read_services

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def rooms(request, tmp_path, clock):
    if request.param == "sqlite":
        made = built(lantern.build, sqlite_database(tmp_path / "casework.sqlite"), tmp_path, clock)
        yield made
        made.database.dispose()
        return
    with POOL.postgres(read_services().database_url) as given:
        made = built(lantern.build, given, tmp_path, clock)
        yield made
        made.database.dispose()


def order(
    command_id: str | None = None,
    *,
    actor: str = "staff-1",
    content: Any = None,
    expected: int | None = None,
    within: Any = None,
) -> Order:
    command = command_id or new_id(NOW)
    cause = Cause(actor=Actor(id=actor, role="teacher"), command_id=command, correlation=command)
    return Order(cause=cause, content=content or {"of": command}, expected=expected, within=within)


@pytest.fixture
def light(rooms) -> Callable[..., Decision]:
    def act(
        lantern_id: str, child: str | None = None, *, times: int = 1, words: str | None = None, **how: Any
    ) -> Decision:
        def decide(work):
            it = work.find(lantern.Lantern, lantern_id)
            work.expect(it)
            for _ in range(times):
                it.light(child or new_id(NOW), words=words)
            return it

        return rooms.base.desk.decide(order(**how), decide)

    return act
