"""Whatever arrives, in whatever order, with whatever failing on the way: each event once, in order. A property."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.eventstore.appending import ConcurrencyConflict
from shared.kernel.clock import FixedClock
from tests.contract.messaging.beacon import BeaconInspected
from tests.contract.messaging.village import Reader, Source, opened
from tests.infrastructure.database import sqlite_database

EVENTS = 16
PRIVATE = (3, 4, 9, 15)
HEARD = [position for position in range(EVENTS) if position not in PRIVATE]

TROUBLES = ["", "alerts.diary", "alerts.reactions"]
arrivals = st.lists(
    st.tuples(st.integers(-1, EVENTS - 2), st.integers(1, 6), st.sampled_from(TROUBLES)),
    max_size=14,
)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A source with sixteen positions, four of them private, made once for all examples."""
    folder = tmp_path_factory.mktemp("source")
    clock = FixedClock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    with opened(sqlite_database(folder / "registry.sqlite")) as database:
        source = Source(database, folder / "keys", clock)
        [first] = source.light(1)
        for position in range(1, EVENTS):
            if position in PRIVATE:
                source.record(BeaconInspected(beacon=first.beacon))
            else:
                source.light(1)
        yield source, folder / "keys"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(arrivals=arrivals)
def test_each_event_once_and_in_order_whatever_arrives(told, arrivals) -> None:
    source, keys = told
    with TemporaryDirectory() as folder, opened(sqlite_database(Path(folder) / "alerts.sqlite")) as database:
        reader = Reader(database, keys, source.clock)
        reader.born_with_the_deployment()
        replicas = [reader.follower(source), reader.follower(source)]
        for turn, (after, limit, trouble) in enumerate(arrivals):
            tries = iter(range(2))

            def before(name, _one, trouble=trouble, tries=tries):
                if name == trouble and next(tries, None) is not None:
                    raise ConcurrencyConflict

            reader.before = before
            replicas[turn % 2].receive(source.message(after, limit))
            assert reader.seen() == HEARD[: len(reader.seen())]
        replicas[0].catch_up(limit=5)
        assert reader.seen() == HEARD
        assert reader.reacted() == HEARD
        assert set(reader.times().values()) == {1}
