"""Alerts for each test, over both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.kernel.clock import FixedClock
from tests.infrastructure.database import TestDatabase
from tests.integration.alerts.house import House, open_house


@pytest.fixture
def migrated_for() -> str:
    return "alerts"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 9, 21, 1, 0, tzinfo=UTC))


@pytest.fixture
def house(test_database: TestDatabase, tmp_path: Path, clock: FixedClock) -> House:
    return open_house(test_database, tmp_path, clock)
