"""Append on PostgreSQL: one event a transaction and one writer; and batches of ten and a hundred."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from shared.eventstore import tables as t
from shared.kernel.ids import new_id
from tests.benchmarks.figures import Figure, Target, in_turn, rate
from tests.benchmarks.ground import CLOCK, Ground, Store
from tests.benchmarks.peer import Peer, on_postgres

EVENTS = 200
"""Transactions of one event in one run."""
BATCHES = {10: (250, 2.0), 100: (50, 2.5)}
"""Size of a batch → transactions in one run, and the least ratio to the peer. So many that waiting for the last place,
which takes some hundredths of a second whatever came before, is not what is measured."""
RUNS = 9
"""More and shorter runs than elsewhere, because a disk is slow for seconds at a time."""
COLUMNS = ("id", "stream", "stream_version", "type", "actor", "command_id", "time", "entry")
WHAT = "events"


class Floor:
    """The same rows, with the same indexes, in a table of the same database, and nothing else."""

    def __init__(self, store: Store) -> None:
        store.append(new_id(CLOCK.now()), 0)
        self._connection = psycopg.connect(_plain(store.given.owner_url), autocommit=True)
        self._connection.execute("CREATE TABLE bare (LIKE events INCLUDING ALL)")
        columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
        row = self._connection.execute(sql.SQL("SELECT {} FROM events LIMIT 1").format(columns)).fetchone()
        assert row is not None
        self._row = dict(zip(COLUMNS, row, strict=True))
        types = {one.name: "timestamptz" if one.name == "time" else "text" for one in t.events.columns}
        types |= {"stream_version": "int", "entry": "bytea"}
        values = sql.SQL(", ").join(map(sql.Placeholder, COLUMNS))
        self._one = sql.SQL("INSERT INTO bare ({}) VALUES ({})").format(columns, values)
        arrays = sql.SQL(", ").join(
            sql.SQL("{}::{}[]").format(sql.Placeholder(name), sql.SQL(types[name])) for name in COLUMNS
        )
        self._many = sql.SQL("INSERT INTO bare ({}) SELECT * FROM unnest({})").format(columns, arrays)

    def one(self) -> None:
        """One autocommit INSERT."""
        self._connection.execute(self._one, self._changed(1), prepare=True)

    def many(self, count: int) -> None:
        """One autocommit INSERT of arrays."""
        rows = [self._changed(number) for number in range(1, count + 1)]
        self._connection.execute(self._many, {name: [row[name] for row in rows] for name in COLUMNS}, prepare=True)

    def _changed(self, version: int) -> dict[str, Any]:
        one = new_id(CLOCK.now())
        return self._row | {"id": one, "command_id": one, "stream": f"registry.beacon-{one}", "stream_version": version}

    def close(self) -> None:
        self._connection.close()


def measure(on: Ground) -> Iterator[Figure]:
    """One writer, before sequencing and with the sequencer at work; then batches."""
    store, peer = on.store(on.postgres()), on_postgres(on.postgres())
    on.stack.callback(peer.close)
    floor = Floor(store)
    on.stack.callback(floor.close)
    ours, rival = partial(_ours, store), partial(_peers, peer)
    yield from _single(store, ours, floor, rival)
    yield from _batched(store, ours, floor, rival)


def _single(store: Store, ours: Callable[..., None], floor: Floor, rival: Callable[..., None]) -> Iterator[Figure]:
    bare = {"floor": lambda: rate(EVENTS, lambda: _again(EVENTS, floor.one)), "peer": _timed(EVENTS, rival, EVENTS)}
    before = in_turn(
        {
            "ours": _timed(EVENTS, ours, EVENTS),
            "sealed": _timed(EVENTS, ours, EVENTS, sealed=True),
            **bare,
        },
        runs=RUNS,
    )
    common = {
        "per_second": WHAT,
        "floor": before.median("floor"),
        "peer": before.median("peer"),
        "floor_is": "one autocommit INSERT",
    }
    yield Figure(
        what="append, one writer, before sequencing",
        ours=before.median("ours"),
        targets=(Target("peer", 2.5),),
        **common,
    )
    yield Figure(what="the same, two fields sealed", ours=before.median("sealed"), **common)
    with store.sequenced():
        store.wait_until_placed()
        beside = in_turn({"ours": _timed(EVENTS, ours, EVENTS), **bare}, runs=RUNS)
        store.wait_until_placed()
    yield Figure(
        what="append, one writer, sequencer at work",
        ours=beside.median("ours"),
        per_second=WHAT,
        floor=beside.median("floor"),
        peer=beside.median("peer"),
        floor_is="one autocommit INSERT",
        targets=(Target("peer", 1.6),),
    )


def _batched(store: Store, ours: Callable[..., None], floor: Floor, rival: Callable[..., None]) -> Iterator[Figure]:
    for size, (count, least) in BATCHES.items():
        with store.sequenced():

            def placed(count: int = count, size: int = size) -> None:
                ours(count, size)
                store.wait_until_placed()

            rounds = in_turn(
                {
                    "ours": _timed(count * size, placed),
                    "floor": _timed(count * size, _again, count, partial(floor.many, size)),
                    "peer": _timed(count * size, rival, count, size),
                }
            )
        yield Figure(
            what=f"append, batches of {size}, until all have their places",
            ours=rounds.median("ours"),
            per_second=WHAT,
            floor=rounds.median("floor"),
            peer=rounds.median("peer"),
            floor_is="array INSERT",
            targets=(Target("peer", least),),
        )


def _ours(store: Store, transactions: int, size: int = 1, *, sealed: bool = False) -> None:
    store.fill(transactions, size, sealed=sealed, streams=20)


def _peers(peer: Peer, transactions: int, size: int = 1) -> None:
    beacons = [peer.new() for _ in range(20)]
    for number in range(transactions):
        # The first save of an aggregate holds its creation, which counts as one.
        peer.append(beacons[number % 20], size - 1 if number < 20 else size)


def _timed(count: int, work: Callable[..., object], *given: Any, **named: Any) -> Callable[[], float]:
    return lambda: rate(count, partial(work, *given, **named))


def _again(count: int, work: Callable[[], object]) -> None:
    for _ in range(count):
        work()


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://").replace("postgresql+psycopg2://", "postgresql://")
