"""The sequencer: gives every committed event the next place in the log, without gaps, and grows the tree.

One leader a service holds an advisory lock and writes only through the connection that holds it; the tree's size is
compared and set, so that even a leader that lost its lock unawares cannot place an event twice. On SQLite the append
itself places what it appends, and nothing is ever pending.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from shared.ledger.growing import TreeMoved, moved
from shared.ledger.tree import Tree
from shared.storage.arrays import numbers
from shared.storage.database import Database
from shared.storage.folding import ask, be_patient, write

BATCH = 1000
"""The most events placed in one transaction."""
GATHER = 0.008
"""Seconds that a leader lets events gather after a batch that was not full. A batch of one costs nearly as much as one
of a hundred, and takes it from the writers where they share cores."""
_LOCK = 0x5348_4F55_5357
"""The advisory lock that a database's sequencing leader holds."""
CHANNEL = "shouwang_log"
"""The notification that follows each batch on PostgreSQL."""

ENOUGH = 50
"""Events in a batch from which on the next one is worth its price at once."""

_TAKEN = "WITH gone AS (DELETE FROM pending WHERE arrival = ANY(%s::bigint[])) SELECT pg_notify(%s, '')"


def take(tx: Connection, tree: Tree) -> int:
    """Place a batch of the pending events of a PostgreSQL database in the order of their arrival, within `tx`.

    Returns how many were placed; on SQLite none is ever pending. An event of a stream arrives after the one before it
    was committed, so arrival order never turns a stream around. Raises TreeMoved when another leader has grown the tree
    meanwhile.
    """
    if tx.dialect.name == "sqlite":
        return 0
    rows = tx.exec_driver_sql(_waiting()).all()
    if rows:
        _place(tx, tree, rows)
    return len(rows)


def _waiting() -> str:
    return f"SELECT size, last, arrival, id, leaf FROM shouwang_waiting({BATCH})"  # noqa: S608 - a number of ours


def _place(tx: Connection, tree: Tree, rows: Sequence[Sequence[Any]]) -> int:
    """Give what `_waiting` answered its places. Returns the tree's new size."""
    size, last, *_ = rows[0]
    leaves = [(event_id, bytes(leaf)) for _, _, _, event_id, leaf in rows]
    tree.grow(tx, leaves, size, None if last is None else bytes(last))
    write(tx, _TAKEN, (numbers([arrival for _, _, arrival, _, _ in rows]), CHANNEL))
    return int(size) + len(rows)


def gather(placed: int) -> float:
    """Seconds that a leader rests after a batch, so that the next one is worth its price."""
    return GATHER if 0 < placed < ENOUGH else 0.0


class Sequencer:
    """Places events as the leader of a PostgreSQL database. `after_batch` is called in each batch with the new size.

    Call `step` again and again from one thread; it returns how many events it placed. A standby's step tries for the
    lock and returns 0. A broken connection gives leadership up; the next step tries again.
    """

    def __init__(
        self, database: Database, tree: Tree, after_batch: Callable[[Connection, int], None] | None = None
    ) -> None:
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
            # Through the connection that holds the lock: if it is broken, this is where it shows.
            rows = ask(connection, _waiting())
            if rows:
                with connection.begin():
                    be_patient(connection)
                    size = _place(connection, self._tree, rows)
                    if self._after_batch:
                        self._after_batch(connection, size)
            return len(rows)
        except BaseException as error:
            self.resign()
            if isinstance(error, DBAPIError) and moved(error):
                raise TreeMoved(rows[0][0]) from error
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
