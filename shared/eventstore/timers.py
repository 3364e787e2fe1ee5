"""Timers: deadlines as rows. Projectors set and clear them; the runner turns a due one into a command.

A due timer's command and the removal of its row commit together, and the command's id is derived from the timer and
its moment, so any number of replicas may run it and a crash at any point leaves either both or neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, delete, func, select

from shared.eventstore import tables as t
from shared.eventstore.rows import Rows
from shared.kernel.clock import Clock
from shared.kernel.ids import derived_id
from shared.storage.columns import instant_text
from shared.storage.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A deadline: what kind, about which aggregate, when, and the codes that its command needs."""

    id: str
    kind: str
    due_at: datetime
    subject: str
    data: dict[str, Any]

    @property
    def command_id(self) -> str:
        """The id of the command that this timer asks for at this moment."""
        return derived_id(self.id, instant_text(self.due_at))


def set_timer(rows: Rows, timer: Timer) -> None:
    """Set a timer, or move it if one of its id waits."""
    rows.put(t.timers, id=timer.id, kind=timer.kind, due_at=timer.due_at, subject=timer.subject, data=timer.data)


def clear_timer(rows: Rows, timer_id: str) -> None:
    """Take a timer away; one that is not there is fine."""
    rows.remove(t.timers, timer_id)


def clear_timers_of(rows: Rows, subject: str, kind: str | None = None) -> None:
    """Take away all timers about an aggregate, or those of one kind."""
    rows.remove_all(t.timers, subject=subject, **({"kind": kind} if kind else {}))


def next_due(tx: Connection) -> datetime | None:
    """When the earliest timer is due."""
    return tx.execute(select(func.min(t.timers.c.due_at))).scalar()


class TimerRunner:
    """Turns due timers into commands.

    `ring` maps each kind to a function `(tx, timer)` that gives the command within the transaction. A kind nobody
    rings for is an error at the start, not at midnight.
    """

    def __init__(self, database: Database, clock: Clock, ring: dict[str, Callable[[Connection, Timer], None]]) -> None:
        self._database, self._clock, self._ring = database, clock, ring

    def step(self, limit: int = 50) -> int:
        """Ring for the timers that are due, each in a transaction of its own. Returns how many were done.

        One that fails stays, is logged, and is tried again at the next step; the others go on.
        """
        with self._database.read() as tx:
            query = select(t.timers.c.id).where(t.timers.c.due_at <= self._clock.now())
            due = tx.execute(query.order_by(t.timers.c.due_at).limit(limit)).scalars().all()
        done = 0
        for timer_id in due:
            try:
                done += self._ring_for(timer_id)
            except Exception:
                log.exception("timer_failed", timer_id=timer_id)
        return done

    def _ring_for(self, timer_id: str) -> bool:
        with self._database.begin() as tx:
            query = select(t.timers).where(t.timers.c.id == timer_id, t.timers.c.due_at <= self._clock.now())
            row = tx.execute(query.with_for_update(skip_locked=True)).one_or_none()
            if row is None:
                return False
            timer = Timer(**row._mapping)
            self._ring[timer.kind](tx, timer)
            tx.execute(delete(t.timers).where(t.timers.c.id == timer.id, t.timers.c.due_at == timer.due_at))
            return True
