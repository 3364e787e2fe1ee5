"""The sequencer: gives every committed event the next place in the log, without gaps, and grows the tree.

One leader a service holds an advisory lock and writes only through the connection that holds it; the tree's size is
compared and set, so that even a leader that lost its lock unawares cannot place an event twice. On SQLite the append
itself places what it appends, and nothing is ever pending.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, select, text

from shared.eventstore import tables as t
from shared.ledger.merkle import leaf_hash
from shared.ledger.tree import Tree
from shared.storage.database import Database

BATCH = 1000
"""The most events placed in one transaction."""
GATHER = 0.008
"""Seconds that a leader lets events gather after a batch that was not full. A batch of one costs nearly as much as one
of a hundred, and takes it from the writers where they share cores."""
_LOCK = 0x5348_4F55_5357
"""The advisory lock that a database's sequencing leader holds."""
CHANNEL = "shouwang_log"
"""The notification that follows each batch on PostgreSQL."""

_TAKEN = text(
    "WITH gone AS (DELETE FROM pending WHERE arrival = ANY(:taken)) SELECT pg_notify(CAST(:channel AS text), '')"
)


def take(tx: Connection, tree: Tree, limit: int = BATCH) -> int:
    """Place the pending events in the order of their arrival, within `tx`. Returns how many were placed.

    An event of a stream arrives after the one before it was committed, so arrival order never turns a stream around.
    Raises TreeMoved when another leader has grown the tree meanwhile.
    """
    rows = tx.execute(
        select(t.pending.c.arrival, t.events.c.id, t.events.c.entry)
        .join(t.events, t.events.c.arrival == t.pending.c.arrival)
        .order_by(t.pending.c.arrival)
        .limit(limit)
    ).all()
    if not rows:
        return 0
    tree.grow(tx, [(row.id, leaf_hash(bytes(row.entry))) for row in rows], tree.size(tx))
    if tx.dialect.name == "postgresql":
        tx.execute(_TAKEN, {"taken": [row.arrival for row in rows], "channel": CHANNEL})
    else:
        tx.execute(delete(t.pending).where(t.pending.c.arrival <= rows[-1].arrival))
    return len(rows)


class Sequencer:
    """Runs `take` as the leader of a PostgreSQL database.

    Call `step` again and again from one thread; it returns how many events it placed. A standby's step tries for the
    lock and returns 0. A broken connection gives leadership up; the next step tries again.
    """

    def __init__(self, database: Database, tree: Tree, after_batch: Callable[[Connection], None] | None = None) -> None:
        self._database = database
        self._tree = tree
        self._after_batch = after_batch
        self._connection: Connection | None = None

    @property
    def leads(self) -> bool:
        """Whether it held the lock when it last looked."""
        return self._connection is not None

    def step(self) -> int:
        """Place one batch if it leads or can lead. Raises what the database raises, with leadership given up."""
        try:
            connection = self._connection or self._lead()
            if connection is None:
                return 0
            if not _waits(connection):
                return 0
            with connection.begin():
                placed = take(connection, self._tree)
                if placed and self._after_batch:
                    self._after_batch(connection)
            return placed
        except BaseException:
            self.resign()
            raise

    def resign(self) -> None:
        """Give leadership up; the lock goes with its connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _lead(self) -> Connection | None:
        connection = self._database.engine.connect()
        try:
            with connection.begin():
                held = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}).scalar()
        except BaseException:
            connection.close()
            raise
        if not held:
            connection.close()
            return None
        self._connection = connection
        return connection


def _waits(connection: Connection) -> bool:
    """Whether anything is pending, in a single round trip: it is asked many times a second, and mostly for nothing.

    It goes past the toolkit and any transaction, through the connection that holds the lock: if that one is broken,
    this is where it shows.
    """
    driver: Any = connection.connection.dbapi_connection
    driver.autocommit = True
    try:
        with driver.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pending LIMIT 1")
            return cursor.fetchone() is not None
    finally:
        if not driver.closed:
            driver.autocommit = False
