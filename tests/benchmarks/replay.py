"""Replay: every event of a log by position, decoded, as views and followers need it; sealed beside unsealed.

Both read with psycopg 3 and give domain events, not rows: ours of declared types with their whole envelope (570 bytes
an entry), the peer's `mapper.to_domain_event` an object whose dictionary holds what the JSON held (270 bytes). Ours
reads stretches ahead as a rebuild does, by the same way, the peer pages of 500, the most that it reads at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import text

from shared.eventstore.replaying import stretches
from tests.benchmarks.figures import Figure, Target, in_turn, rate
from tests.benchmarks.ground import Ground, Store
from tests.benchmarks.peer import on_postgres

EVENTS, PAGE, BATCH = 6_000, 500, 50
_TUPLES = text(
    "SELECT p.position, e.id, e.type, e.entry, p.leaf FROM log_positions AS p JOIN events AS e ON e.id = p.event_id"
    " WHERE p.position > :after ORDER BY p.position LIMIT :page"
)


def measure(on: Ground) -> Iterator[Figure]:
    """Ours decoded and opened, rows as tuples, the peer decoded."""
    theirs = on.postgres()
    peer = on_postgres(theirs)
    on.stack.callback(peer.close)
    for _ in range(EVENTS // BATCH):
        peer.begin(BATCH)
    stores = {sealed: on.store(on.postgres().with_driver("psycopg")) for sealed in (False, True)}
    for sealed, store in stores.items():
        store.fill(EVENTS // BATCH, BATCH, sealed=sealed)
        with store.sequenced():
            store.wait_until_placed()
    on.analysed(theirs, *(store.given for store in stores.values()))
    rounds = in_turn(
        {
            "ours": partial(_rate, partial(_decoded, stores[False])),
            "sealed": partial(_rate, partial(_decoded, stores[True])),
            "floor": partial(_rate, partial(_tuples, stores[False])),
            "peer": partial(_rate, partial(peer.replay, EVENTS, PAGE)),
        },
        runs=7,
    )
    common = {
        "per_second": "events",
        "floor": rounds.median("floor"),
        "peer": rounds.median("peer"),
        "floor_is": "rows as tuples",
    }
    yield Figure(
        what="replay by position, decoded", ours=rounds.median("ours"), targets=(Target("peer", 4.0),), **common
    )
    yield Figure(what="the same, two fields opened", ours=rounds.median("sealed"), **common)


def _rate(work: partial[int]) -> float:
    done: list[int] = []
    found = rate(EVENTS, lambda: done.append(work()))
    assert done == [EVENTS], done
    return found


def _decoded(store: Store) -> int:
    return sum(len(store.events.recorded(store.database.read, one.written)) for one in stretches(store.database))


def _tuples(store: Store) -> int:
    after, done = -1, 0
    while True:
        with store.database.read() as tx:
            rows = tx.execute(_TUPLES, {"after": after, "page": PAGE}).all()
        if not rows:
            return done
        after, done = rows[-1][0], done + len(rows)
