"""Every committed event is seen exactly once in effect, in order, without gaps, whoever is killed meanwhile.

A short history in every run; with BENCH_LONG one of so many events (`make bench -- long`: a million), which takes forty
minutes at most.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.history.nemesis import SHORT, long, run
from tests.infrastructure.services import TestServices

pytestmark = [pytest.mark.faults, pytest.mark.broker]


LENGTH = int(os.environ.get("BENCH_LONG", "0"))
PLAN = long(LENGTH) if LENGTH else SHORT


def test_each_committed_event_is_seen_once_and_in_order_whoever_is_killed(
    services: TestServices, tmp_path: Path
) -> None:
    history = run(PLAN, services.database_url, tmp_path)
    if LENGTH:
        print(history)
    assert all(one.sound for one in history.verdicts), str(history)
    assert history.tree_is_whole
    assert history.parked == 0
    assert all(history.kills.values()), history.kills
    assert history.verdicts[0].committed > 500, "too little happened to prove anything"
