"""Rooms and neighbours put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.hosting.assembling import assembled
from shared.hosting.clients import ServiceUnavailable
from shared.hosting.migrating import upgrade
from shared.kernel.clock import SystemClock
from shared.messaging.transport.local import LocalTransport
from shared.storage.database import Database
from shared.testing.rooms import test_settings
from tests.integration.hosting.small.alerts.rooms import build


class Nobody:
    """A client that reaches nobody."""

    def call(self, service: str, *_: object, **__: object) -> object:
        raise ServiceUnavailable(service)

    def heads(self, listener: object) -> object:
        return lambda: None


@pytest.fixture
def followed(tmp_path: Path) -> dict[str, list[str]]:
    url = f"sqlite:///{tmp_path / 'alerts.sqlite'}"
    upgrade("alerts", url, package="tests.integration.hosting.small.alerts")
    rooms = build(test_settings(tmp_path), database=Database(url), clock=SystemClock())
    engine = assembled(rooms, LocalTransport(), Nobody())  # type: ignore[arg-type]
    found = {source: sorted(one.follower.status()["projectors"]) for source, one in engine.followings.items()}
    rooms.database.dispose()
    return found


def test_each_source_feeds_those_who_hear_it_and_nobody_else(followed: dict[str, list[str]]) -> None:
    assert followed["registry"] == ["access", "alerts.names", "alerts.reactions"]


def test_a_source_that_nobody_hears_is_followed_all_the_same(followed: dict[str, list[str]]) -> None:
    assert followed["casework"] == ["alerts.casework"]
