"""Reading the log from a position on in stretches, which are fetched while those before them are worked on.

A stretch comes as one JSON list of the entries' own bytes, which is read at once (see `entries`).
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from shared.eventstore.entries import list_of
from shared.ledger.tables import log_tree
from shared.storage.database import Database
from shared.storage.rows import rows_at_once

STRETCH = 500
"""The events of a stretch."""
_AHEAD = 2
"""Stretches that wait to be worked on."""
_TOGETHER = 16
"""Stretches that are read in one transaction: long ones keep a database from tidying up."""


class Stretch(NamedTuple):
    """Entries of a log as one JSON list: up to the position `last`, so many, of a log that then had `size`."""

    last: int
    events: int
    size: int
    written: bytes


def stretch_after(tx: Connection, after: int, limit: int = STRETCH, *, size: int) -> Stretch | None:
    """The entries after a position, at most `limit`; None where there are none. `size` is that of the log."""
    rows = rows_at_once(tx, _AFTER, after, limit)
    return Stretch(rows.integer(-1, 0), len(rows), size, list_of(rows.column(1))) if rows else None


def stretches(database: Database, after: int = -1, limit: int = STRETCH) -> Iterator[Stretch]:
    """The stretches of the log after a position, to its end, with what is sequenced meanwhile.

    A thread reads them ahead, a few at a time. Raises what the database raises.
    """
    coming: queue.Queue[Stretch | BaseException | None] = queue.Queue(_AHEAD)
    enough = threading.Event()

    def read() -> None:
        last: Stretch | BaseException | None = None
        try:
            for one in _one_by_one(database, after, limit):
                coming.put(one)
                if enough.is_set():
                    break
        except BaseException as error:  # noqa: BLE001 - it is raised where the stretches are taken
            last = error
        coming.put(last)

    reader = threading.Thread(target=read, name="stretches", daemon=True)
    reader.start()
    found: Stretch | BaseException | None = None
    try:
        while isinstance(found := coming.get(), tuple):
            yield found
    finally:
        enough.set()
        while isinstance(found, tuple):
            found = coming.get()
        reader.join()
    if found is not None:
        raise found


def _one_by_one(database: Database, after: int, limit: int) -> Iterator[Stretch]:
    while True:
        begun = after
        with database.read() as tx:
            size: int = tx.execute(_SIZE).scalar_one()
            for _ in range(_TOGETHER):
                one = stretch_after(tx, after, limit, size=size)
                if one is None:
                    break
                after = one.last
                yield one
        if after == begun:
            return


_AFTER = (
    "SELECT p.position, e.entry FROM log_positions AS p JOIN events AS e ON e.id = p.event_id"
    " WHERE p.position > $1 ORDER BY p.position LIMIT $2"
)
_SIZE = select(log_tree.c.size)
