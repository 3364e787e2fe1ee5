"""The small registry and alerts of these tests, on either host. They run through all tests of a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from shared.testing.hosts import System, embedded_system, served_system
from tests.infrastructure.broker import new_run, remove_namespace
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.database import postgres_database
from tests.infrastructure.services import TestServices

PACKAGES = {name: f"tests.integration.hosting.small.{name}" for name in ("registry", "alerts")}


@dataclass(frozen=True)
class Ground:
    """What both hosts stand on."""

    folder: Path
    clock: MovedClock
    services: TestServices
    namespace: str


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, services: TestServices) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("hosting")
    namespace = new_run() + os.environ.get("PYTEST_XDIST_WORKER", "gw")
    yield Ground(folder, MovedClock(folder / "clock"), services, namespace)
    remove_namespace(services.amqp_url, services.control, namespace)


@pytest.fixture(scope="module", params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def system(request: pytest.FixtureRequest, ground: Ground) -> Iterator[System]:
    if request.param == "embedded":
        with embedded_system(ground.folder, ground.clock.path, packages=PACKAGES) as running:
            yield running
        return
    databases = partial(postgres_database, ground.services.database_url)
    with served_system(
        ground.folder,
        ground.clock.path,
        ground.services.amqp_url,
        ground.namespace,
        databases,
        packages=PACKAGES,
    ) as running:
        yield running


@pytest.fixture
def clock(ground: Ground) -> MovedClock:
    """The clock that both hosts follow."""
    return ground.clock
