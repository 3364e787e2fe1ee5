"""What an erasure leaves in files after its commit, and how it leaves them: the same on either database.

On SQLite the file is written anew and its journal emptied; on PostgreSQL tables are written anew and the journal is
left behind (`shared.storage.rewriting`). What waits is a row that was written with the erasure, so that a crash, a
reader in the way or a missing setting delays it and never forgets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Table, delete, insert, select, update

from shared.eventstore import tables as t
from shared.hosting.foundation import Foundation
from shared.kernel.ids import new_id
from shared.messaging.tables import parked
from shared.storage import rewriting
from shared.storage.columns import instant_text
from shared.storage.file_scrub import StillRead, scrub_file
from shared.storage.rewriting import Found
from shared.vault.tables import vault_keys

log = structlog.get_logger(__name__)
ALWAYS = (vault_keys, parked)
"""Tables in which every service's erasures take something away, beside its views."""


class Remains:
    """Looks after what erasures have left. `tables` are those that held something personal, on PostgreSQL."""

    def __init__(self, base: Foundation, tables: Sequence[Table]) -> None:
        self._base = base
        self._tables = {one.name: one for one in (*ALWAYS, *tables)}

    def ask(self, tx: Connection) -> None:
        """Remember, in the transaction of an erasure, that something is left."""
        now = self._base.clock.now()
        since = None if tx.dialect.name == "sqlite" else rewriting.present(tx)
        tx.execute(insert(t.scrubs).values(id=new_id(now), asked=now, since=since))

    def step(self) -> bool:
        """Do what can be done now about what waits; whether nothing is left."""
        with self._base.database.read() as tx:
            waiting = tx.execute(select(t.scrubs).order_by(t.scrubs.c.asked)).all()
        if not waiting:
            return True
        if self._base.database.is_sqlite:
            return self._scrub([one.id for one in waiting])
        fresh = [one.id for one in waiting if one.until is None]
        if fresh and not self._rewrite(fresh, newest=max((one.since for one in waiting), key=int)):
            return False
        return self._leave_behind()

    def _scrub(self, ids: Sequence[str]) -> bool:
        try:
            scrub_file(self._base.database)
        except StillRead:
            self._note(ids, Found.READ)
            return False
        self._over(ids)
        return True

    def _rewrite(self, ids: Sequence[str], newest: str) -> bool:
        for table in self._tables.values():
            # A transaction each: whoever waits for one table is never waited for because of another.
            with self._base.database.begin() as tx:
                found = rewriting.rewrite(tx, newest, table)
            if found is not Found.WRITTEN:
                self._note(ids, found)
                return False
        with self._base.database.begin() as tx:
            place = rewriting.next_segment(tx)
            tx.execute(update(t.scrubs).where(t.scrubs.c.id.in_(ids)).values(until=place, why="journal"))
        log.info("tables_rewritten", service=self._base.name, tables=len(self._tables))
        return True

    def _leave_behind(self) -> bool:
        with self._base.database.read() as tx:
            waiting = tx.execute(select(t.scrubs.c.id, t.scrubs.c.until)).all()
            gone = [one.id for one in waiting if one.until and rewriting.passed(tx, one.until)]
            recycled = rewriting.recycles(tx)
        if gone and recycled:
            self._note(gone, "recycled")
            return False
        if gone:
            self._over(gone)
        return len(gone) == len(waiting)

    def _note(self, ids: Sequence[str], why: str) -> None:
        with self._base.database.begin() as tx:
            tx.execute(update(t.scrubs).where(t.scrubs.c.id.in_(ids)).values(why=str(why)))

    def _over(self, ids: Sequence[str]) -> None:
        with self._base.database.begin() as tx:
            tx.execute(delete(t.scrubs).where(t.scrubs.c.id.in_(ids)))
        log.info("remains_gone", service=self._base.name, erasures=len(ids))


def waiting(tx: Connection) -> list[dict[str, Any]]:
    """The erasures of which something is still in files: when it was asked for, and what it waits for, oldest first.

    `why` is None before anybody has looked, else `read`, `unseen`, `busy`, `journal` (a checkpoint is to come) or
    `recycled` (the server keeps old segments of its journal).
    """
    query = select(t.scrubs.c.asked, t.scrubs.c.why).order_by(t.scrubs.c.asked)
    return [{"asked": instant_text(row.asked), "why": row.why} for row in tx.execute(query)]
