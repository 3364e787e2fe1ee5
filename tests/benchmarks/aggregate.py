"""Load an aggregate of a hundred events, as every command does before it decides.

Ours with the peer's driver, and with the one that nameko's greenthreads need. Each is one question by itself, as the
peer's repository asks it: a transaction of its own would be two more. The aggregates are some of many, so that both
servers go along their index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

from sqlalchemy import text

from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import stream_of
from shared.kernel.messages import Event
from tests.benchmarks.figures import Figure, Target, in_turn, rate
from tests.benchmarks.ground import Ground
from tests.benchmarks.peer import on_postgres

LENGTH, MANY, LOADS = 100, 60, 120
_ENTRIES = text("SELECT entry FROM events WHERE stream = :stream ORDER BY stream_version")


class Beacon(Aggregate):
    """As much state as the peer's has."""

    service, kind = "registry", "beacon"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.child, self.times = "", 0

    def _apply_beacon_lit(self, one: Event) -> None:
        self.child = one.child  # type: ignore[attr-defined]
        self.times += 1


def measure(on: Ground) -> Iterator[Figure]:
    """Ours with either driver, the rows alone, the peer's repository."""
    given = on.postgres()
    peer = on_postgres(given)
    on.stack.callback(peer.close)
    stores = {driver: on.store(on.postgres().with_driver(driver)) for driver in ("psycopg", "psycopg2")}
    beacons = {driver: cycle(store.fill(MANY, LENGTH, streams=MANY)) for driver, store in stores.items()}
    theirs = cycle([peer.begin(LENGTH) for _ in range(MANY)])
    on.analysed(given, *(store.given for store in stores.values()))

    def load(driver: str) -> None:
        store = stores[driver]
        with store.database.glance() as tx:
            found = store.events.aggregate(tx, Beacon, next(beacons[driver]))
        assert found.times == LENGTH

    def select() -> None:
        stream = stream_of("registry", "beacon", next(beacons["psycopg"]))
        with stores["psycopg"].database.glance() as tx:
            assert len(tx.execute(_ENTRIES, {"stream": stream}).all()) == LENGTH

    def peers() -> None:
        assert peer.load(next(theirs)).times == LENGTH

    ways = {"ours": partial(load, "psycopg"), "green": partial(load, "psycopg2"), "floor": select, "peer": peers}
    rounds = in_turn({name: partial(_rate, way) for name, way in ways.items()}, runs=7)
    common = {
        "per_second": "loads",
        "floor": rounds.median("floor"),
        "peer": rounds.median("peer"),
        "floor_is": "select only",
    }
    what = f"load an aggregate of {LENGTH} events"
    yield Figure(what=what, ours=rounds.median("ours"), targets=(Target("peer", 8.0),), **common)
    yield Figure(what="the same, with psycopg2", ours=rounds.median("green"), **common)


def _rate(way: Callable[[], None]) -> float:
    return rate(LOADS, lambda: [way() for _ in range(LOADS)])
