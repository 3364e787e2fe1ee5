"""Append on SQLite, durable: each transaction on the disk, hashed and placed, when it is committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from shared.kernel.ids import new_id
from tests.benchmarks.figures import Figure, Target, in_turn, rate
from tests.benchmarks.ground import CLOCK, Ground
from tests.benchmarks.peer import on_sqlite

EVENTS = 150
RUNS = 9
"""More and shorter runs than elsewhere, because a disk is slow for seconds at a time."""
ENTRY = b"0123456789" * 60


def measure(on: Ground) -> Iterator[Figure]:
    """Ours, one INSERT, the peer; each with WAL and synchronous=FULL."""
    store = on.store(on.sqlite())
    peer = on_sqlite(on.folder / "peer.sqlite")
    on.stack.callback(peer.close)
    bare = _bare(on.folder / "bare.sqlite")
    on.stack.callback(bare.close)

    def insert() -> None:
        for _ in range(EVENTS):
            one = new_id(CLOCK.now())
            bare.execute("INSERT INTO events (id, stream, version, entry) VALUES (?, ?, 1, ?)", (one, one, ENTRY))

    def peers() -> None:
        for _ in range(EVENTS):
            peer.begin()

    rounds = in_turn(
        {
            "ours": partial(rate, EVENTS, lambda: store.fill(EVENTS, streams=EVENTS)),
            "sealed": partial(rate, EVENTS, lambda: store.fill(EVENTS, streams=EVENTS, sealed=True)),
            "floor": partial(rate, EVENTS, insert),
            "peer": partial(rate, EVENTS, peers),
        },
        runs=RUNS,
    )
    common = {
        "per_second": "events",
        "floor": rounds.median("floor"),
        "peer": rounds.median("peer"),
        "floor_is": "one INSERT",
    }
    yield Figure(
        what="append, SQLite, durable, hashed and placed",
        ours=rounds.median("ours"),
        targets=(Target("peer", 1.2),),
        **common,
    )
    yield Figure(what="the same, two fields sealed, SQLite", ours=rounds.median("sealed"), **common)


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE events (number INTEGER PRIMARY KEY, id TEXT UNIQUE, stream, version, entry BLOB)")
    return connection
