from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.access.house import Rooms, open_rooms


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    opened = open_rooms(tmp_path)
    yield opened
    opened.database.dispose()
