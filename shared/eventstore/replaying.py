"""Reading the log from a position on in stretches. Over psycopg 3 the server reads the next one while one is worked on.

A stretch comes as one JSON list of the entries' own bytes, which is read at once (see `entries`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, select

from shared.eventstore.entries import list_of
from shared.ledger.tables import log_tree
from shared.storage.database import Database
from shared.storage.rows import question, rows_at_once

STRETCH = 300
"""The events of a stretch: with more, the memory for the whole costs the server more than the messages saved."""
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
    rows = rows_at_once(tx, _one_by_one(limit), after)
    return Stretch(rows.integer(-1, 0), len(rows), size, list_of(rows.column(1))) if rows else None


def stretches(database: Database, after: int = -1, limit: int = STRETCH) -> Iterator[Stretch]:
    """The stretches of the log after a position, to its end, with what is sequenced meanwhile.

    Raises what the database raises.
    """
    while True:
        begun = after
        with database.read() as tx:
            size: int = tx.execute(_SIZE).scalar_one()
            for one in _together(tx, after, limit, size):
                after = one.last
                yield one
        if after == begun:
            return


def _together(tx: Connection, after: int, limit: int, size: int) -> Iterator[Stretch]:
    """A few stretches, each asked for before the one ahead of it is given."""
    if tx.dialect.name != "postgresql":
        for _ in range(_TOGETHER):
            one = stretch_after(tx, after, limit, size=size)
            if one is None:
                return
            after = one.last
            yield one
        return
    with question(tx, _as_arrived(limit)) as wanted:
        wanted.ask(after)
        for left in reversed(range(_TOGETHER)):
            found = wanted.answer()
            (entries,) = found.column(2)
            if entries is None:
                one = stretch_after(tx, after, limit, size=size)
            else:
                one = Stretch(found.integer(0, 0), found.integer(0, 1), size, b"[%b]" % entries)
            if one is None:
                return
            after = one.last
            if left:
                wanted.ask(after)
            yield one


@cache
def _as_arrived(limit: int) -> str:
    """The last position, the number and the entries, with commas, of what follows the position `$1`.

    To look up each event by its id takes PostgreSQL three times as long as to read events as they arrived. Places are
    given in the order of arrival, but for events that were slow to commit. So as many events as there are places are
    read as they arrived; where these are not the very events of the places, in their order, there are no entries.
    """
    return (
        "SELECT place.last, place.many, CASE WHEN place.ids = event.ids THEN event.entries END FROM"  # noqa: S608 - a number
        " (SELECT max(position) AS last, count(*) AS many, string_agg(event_id, '') AS ids FROM"
        f" (SELECT position, event_id FROM log_positions WHERE position > $1 ORDER BY position LIMIT {limit}) AS one"
        ") AS place, (SELECT string_agg(id, '') AS ids, string_agg(entry, ',') AS entries FROM"
        " (SELECT id, entry FROM events WHERE arrival > coalesce((SELECT arrival FROM log_positions"
        f" JOIN events ON id = event_id WHERE position = $1), 0) ORDER BY arrival LIMIT {limit}) AS one"
        ") AS event"
    )


@cache
def _one_by_one(limit: int) -> str:
    """Position and entry of everything that follows the position `$1`."""
    return (
        "SELECT p.position, e.entry FROM log_positions AS p JOIN events AS e ON e.id = p.event_id"  # noqa: S608 - a number
        f" WHERE p.position > $1 ORDER BY p.position LIMIT {limit}"
    )


_SIZE = select(log_tree.c.size)
