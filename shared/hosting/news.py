"""What the door `log_news` leads to: that something happened to which thing, for programs that act on it.

A piece of news says where it stands in the log, its type, the thing (kind, reference, version after it), the child that
it touches, and when. It carries nothing of what was said: the program asks the thing's own door, which shows what its
reader may see. A service declares which kinds of thing it gives news of, who may hear of them, and how far
(`Service.tells`); whatever it does not name is never told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, true

from shared.access import tables as access
from shared.access.gate import Reach
from shared.access.permissions import Permission
from shared.access.principals import Call
from shared.eventstore import tables as t
from shared.hosting.foundation import Rooms
from shared.kernel.ids import id_in
from shared.ledger.tables import log_positions
from shared.storage.columns import instant_text

WINDOW = 2000
"""Places of the log that are looked at for one answer: what a reader with a narrow reach costs at most."""


class Reached(StrEnum):
    """What must lie within the reader's reach for news of a kind of thing to be told."""

    CHILD = "child"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Told:
    """A kind of thing whose news are told to who holds `may`, as far as `within` lets their grants reach."""

    may: Permission
    within: Reached


Tells = Mapping[str, Told]
"""Kind of thing, as in its stream's name → how its news are told."""


def news(rooms: Rooms[Any, Any], tells: Tells, call: Call[dict[str, Any]]) -> dict[str, Any]:
    """What happened behind the position `after`, oldest first, at most `limit`.

    `next` is the position to go on behind, `size` that of the whole log: there is more while `next` is below its last.
    An answer may be empty and still lead on, where what happened is beyond the reader's reach.
    """
    after, limit = call.data["after"], call.data["limit"]
    with rooms.database.read() as tx:
        reach = rooms.gate.listing(tx, call)
        size = rooms.base.store.size(tx)
        last = min(after + WINDOW, size - 1)
        p, e = log_positions.c, t.events.c
        query = (
            select(p.position, e.arrival, e.type, e.stream, e.stream_version, e.time)
            .select_from(log_positions.join(t.events, e.id == p.event_id))
            .where(p.position > after, p.position <= last, _told(rooms.base.name, tells, call, reach))
        )
        rows = tx.execute(query.order_by(p.position).limit(limit)).all()
        person, child = t.event_persons.c, access.children.c
        touched = select(person.arrival, child.child).join(access.children, child.child == person.person)
        children: dict[int, list[str]] = {}
        for one in tx.execute(touched.where(person.arrival.in_([row.arrival for row in rows])).order_by(child.child)):
            children.setdefault(one.arrival, []).append(one.child)
    items = [
        {
            "position": row.position,
            "type": row.type,
            "kind": row.stream.partition(".")[2][:-37],
            "subject": id_in(row.stream),
            "version": row.stream_version,
            "children": children.get(row.arrival, []),
            "time": instant_text(row.time),
        }
        for row in rows
    ]
    return {"items": items, "next": items[-1]["position"] if len(items) == limit else max(after, last), "size": size}


def _told(service: str, tells: Tells, call: Call[Any], reach: Reach) -> ColumnElement[bool]:
    held = call.principal.permissions
    kinds = [and_(_is(service, kind), _within(told, reach)) for kind, told in sorted(tells.items()) if told.may in held]
    return or_(*kinds) if kinds else not_(true())


def _is(service: str, kind: str) -> ColumnElement[bool]:
    # By length too: "fund" is not the beginning of another kind's name.
    begin, stream = f"{service}.{kind}-", t.events.c.stream
    return and_(func.substr(stream, 1, len(begin)) == begin, func.length(stream) == len(begin) + 36)


def _within(told: Told, reach: Reach) -> ColumnElement[bool]:
    if told.within is Reached.ANYWHERE or reach.everything:
        return true()
    # Every child that it touches, and at least one: who sees one of two children that were merged is not told of it.
    person, children = t.event_persons.c, access.children.alias()
    touched = (
        select(children.c.child)
        .join(t.event_persons, person.person == children.c.child)
        .where(person.arrival == t.events.c.arrival)
        .correlate(t.events)
    )
    reached = reach.children(children.c.child)
    return and_(exists(touched.where(reached)), not_(exists(touched.where(not_(reached)))))
