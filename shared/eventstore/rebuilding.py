"""Rebuilding a service's own views, claims and timers from its log, while writers are at work.

The whole log is projected into tables beside the live ones, batch by batch. Then, for a moment, nobody appends: the
rest is projected, both are compared row by row, and where it is asked for the rebuilt ones take the place of the
live ones in that same transaction.

A timer that is due may be ringing at this moment, or have rung without anything left to do, so only those that still
wait are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

from sqlalchemy import Connection, Table, select

from shared.eventstore import tables as t
from shared.eventstore.beside import Beside
from shared.eventstore.projecting import Projector, apply_all, takers
from shared.eventstore.replaying import stretch_after, stretches
from shared.eventstore.store import EventStore, LogRow
from shared.kernel.clock import Clock
from shared.storage.columns import instant_text
from shared.storage.database import Database


class OwnViews:
    """The rebuilding of what a service's own events feed. `pause` is called between batches, to let others run."""

    def __init__(
        self,
        database: Database,
        store: EventStore,
        projectors: Sequence[Projector],
        beside: Beside,
        *,
        pause: Callable[[], object] = lambda: None,
    ) -> None:
        self._database, self._store, self._projectors = database, store, tuple(projectors)
        self._beside, self._pause = beside, pause
        self._taken = takers(self._projectors)
        self._after = -1

    def replay(self, told: Callable[[int, int], None] = lambda _done, _size: None) -> int:
        """Project the log as far as it is known; returns how many events that were. `told(done, size)` hears of it."""
        done = 0
        for one in stretches(self._database, self._after):
            recorded = self._store.recorded(self._database.read, one.written, taken=self._taken)
            with self._beside.writing() as tx:
                apply_all(self._projectors, tx, recorded)
            self._after = one.last
            done += one.events
            told(self._after + 1, one.size)
            self._pause()
        return done

    def finish(self, alone: Connection) -> None:
        """Project what came since `replay`, placed or not, in a transaction in which nobody else appends."""
        with self._database.read() as tx:
            rows = [*self._store.log(tx, after=self._after, limit=2**31), *_unplaced(tx)]
            recorded = self._store.open(tx, rows, taken=self._taken)
        apply_all(self._projectors, self._beside.rows_beside(alone), recorded)
        self._beside.rows_live(alone)


def fill(
    tx: Connection,
    store: EventStore,
    projectors: Sequence[Projector],
    told: Callable[[int, int], object] = lambda _done, _size: None,
) -> int:
    """Project the whole log into empty live tables, within the transaction of a restore; returns how many events."""
    after, done, size = -1, 0, store.size(tx)
    while one := stretch_after(tx, after, size=size):
        apply_all(projectors, tx, store.recorded(lambda: nullcontext(tx), one.written))
        after = one.last
        done += one.events
        told(done, size)
    unplaced = _unplaced(tx)
    apply_all(projectors, tx, store.open(tx, unplaced))
    return done + len(unplaced)


def own_tables(projectors: Sequence[Projector]) -> list[Table]:
    """The tables that a service's own events feed, timers among them."""
    found = {table.name: table for projector in projectors for table in projector.metadata.sorted_tables}
    return [*found.values(), t.timers]


def waiting_timers(database: Database, clock: Clock) -> dict[str, str]:
    """Which timers are compared and switched, as conditions by table: those that are not due yet."""
    now = instant_text(clock.now())
    return {t.timers.name: f"due_at > '{now}'" if database.is_sqlite else f"due_at > timestamptz '{now}'"}


def _unplaced(tx: Connection) -> list[LogRow]:
    """Committed events without a place. Of one stream they arrive in order, and that is all that views need."""
    query = (
        select(t.events.c.id, t.events.c.type, t.events.c.entry)
        .join(t.pending, t.pending.c.arrival == t.events.c.arrival)
        .order_by(t.events.c.arrival)
    )
    return [
        LogRow(position=-1, id=row.id, type=row.type, entry=bytes(row.entry), leaf=b"") for row in tx.execute(query)
    ]
