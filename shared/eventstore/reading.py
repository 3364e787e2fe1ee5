"""Reading a log in pages: by position, stream, person, type and time, or several of them, each page along an index.

A page goes on where the last one ended, by the key that its way through the tables is sorted by, never by an offset:
the thousandth page costs what the first one did. What was sequenced after a reading began belongs to the next reading,
so that an event which was slow to commit is not passed by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from shared.eventstore import tables as t
from shared.kernel.ids import first_id
from shared.ledger.tables import log_positions
from shared.storage.columns import Instant, instant_text

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries. `since` is the first moment, `until` the first one after; `after` a position to begin behind.

    `latest` begins at the end; `before` is then a position to begin in front of.
    """

    stream: str | None = None
    person: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: int = -1
    before: int | None = None
    latest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page: rows with `position`, `leaf` and `entry`, and the key to go on with; None at the end."""

    rows: list[Row[Any]]
    next: Key | None


def page(tx: Connection, wanted: Wanted, size: int, limit: int, key: Key | None = None) -> Found:
    """The next entries, at most `limit`, of the first `size` of the log.

    `key` is what the page before gave. Raises ValueError on one that no page gave.
    """
    query = query_for(wanted, size, limit, key)
    rows = list(tx.execute(query).all())
    here = rows[:limit]
    following = _key(wanted, here[-1]) if len(rows) > limit else None
    # Those of one moment may come in any order; within a page they stand as the log has them.
    return Found(rows=sorted(here, key=lambda row: row.position, reverse=wanted.latest), next=following)


def query_for(wanted: Wanted, size: int, limit: int, key: Key | None = None) -> Select[Any]:
    """The statement behind `page`; it asks for one row more than `limit`."""
    p, e = log_positions.c, t.events.c
    query = select(p.position, p.leaf, e.entry, *_by(wanted)).select_from(
        log_positions.join(t.events, e.id == p.event_id)
    )
    if wanted.person is not None:
        query = query.join(t.event_persons, t.event_persons.c.arrival == e.arrival)
        query = query.where(t.event_persons.c.person == wanted.person)
    where = [p.position < (size if wanted.before is None else min(size, wanted.before)), *_conditions(wanted)]
    if wanted.after >= 0:
        where.append(p.position > wanted.after)
    columns = _by(wanted)
    if key is not None:
        values = _values(wanted, key)
        where.append(_beyond(columns, values, down=wanted.latest))
        if columns[0] is t.events.c.id:
            where.append(_beyond((p.event_id,), values, down=wanted.latest))
    order = [one.desc() if wanted.latest else one.asc() for one in columns]
    return query.where(*where).order_by(*order).limit(limit + 1)


def _by(wanted: Wanted) -> Sequence[ColumnElement[Any]]:
    """The columns that the way through the tables is sorted by: those of an index, unique together."""
    e = t.events.c
    if wanted.stream is not None:
        return (e.stream_version,)
    if wanted.person is not None:
        return (t.event_persons.c.arrival,)
    if wanted.type is not None:
        return (e.time, e.arrival)
    if wanted.since is not None or wanted.until is not None:
        return (e.id,)
    return (log_positions.c.position,)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    e = t.events.c
    found: list[ColumnElement[bool]] = []
    if wanted.stream is not None:
        found.append(e.stream == wanted.stream)
    if wanted.type is not None:
        found.append(e.type == wanted.type)
    if wanted.since is not None:
        found.append(e.time >= wanted.since)
    if wanted.until is not None:
        found.append(e.time < wanted.until)
    if wanted.stream is wanted.person is wanted.type is None:
        # An event's id begins with the millisecond of its time, so the index of ids is one of times. Said of both
        # tables, or a merge of their indexes would walk one of them from its beginning.
        for column in (e.id, log_positions.c.event_id):
            if wanted.since is not None:
                found.append(column >= first_id(wanted.since))
            if wanted.until is not None:
                found.append(column <= first_id(wanted.until, after=True))
    return found


def _beyond(columns: Sequence[ColumnElement[Any]], values: Sequence[Any], *, down: bool) -> ColumnElement[bool]:
    """Behind a row, in the order of these columns."""
    first, value = columns[0], values[0]
    further = first < value if down else first > value
    if len(columns) == 1:
        return and_(further)
    second, tie = columns[1], values[1]
    within = and_(first == value, second < tie if down else second > tie)
    # The first condition follows from the second and lets an index begin there.
    return and_(first <= value if down else first >= value, or_(further, within))


def _key(wanted: Wanted, row: Row[Any]) -> Key:
    values: Sequence[Any] = tuple(row)[3:]
    return tuple(instant_text(one) if isinstance(one, datetime) else str(one) for one in values)


def _values(wanted: Wanted, key: Key) -> list[Any]:
    columns = _by(wanted)
    if len(key) != len(columns):
        raise ValueError("a key of another reading")
    return [_value(columns[place], text) for place, text in enumerate(key)]


def _value(column: ColumnElement[Any], text: str) -> Any:
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(text)
    return column.type.python_type(text)
