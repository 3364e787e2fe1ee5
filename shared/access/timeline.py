"""A child's timeline in one service: its events that touch the child, as codes, days and references.

Free text is not here; pages fetch it from the door that guards it. The console joins the services' timelines.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from shared.access import tables as access
from shared.access.paging import page, position
from shared.access.principals import Call
from shared.eventstore import tables as t
from shared.eventstore.store import EventStore
from shared.kernel.refusals import Invalid


def timeline(tx: Connection, store: EventStore, call: Call[dict[str, Any]]) -> dict[str, Any]:
    """The page of a child's timeline that a cleared call asks for (`child`, `after`, `limit`), the latest first."""
    data, limit = call.data, call.data["limit"]
    query = (
        select(t.events.c.arrival, t.events.c.id, t.events.c.entry)
        .join(t.event_persons, t.event_persons.c.arrival == t.events.c.arrival)
        .where(t.event_persons.c.person == data["child"])
    )
    if data["after"]:
        (arrival,) = position(data["after"], 1)
        if not arrival.isdecimal():
            raise Invalid({"after": ["not_a_cursor"]})
        query = query.where(t.events.c.arrival < int(arrival))
    # Events of one command share their time; their arrival tells them apart.
    rows = tx.execute(query.order_by(t.events.c.arrival.desc()).limit(limit + 1)).all()
    entries = {row.id: msgspec.json.decode(bytes(row.entry)) for row in rows}
    actors = {entry["actor"]["id"] for entry in entries.values()}
    known = select(access.staff.c.staff, access.staff.c.name).where(access.staff.c.staff.in_(actors))
    names = dict(tx.execute(known).all())
    return page(
        rows,
        limit,
        lambda row: (str(row.arrival),),
        lambda row: _item(store.service, entries[row.id], names),
    )


def _item(service: str, entry: dict[str, Any], names: dict[str, str | None]) -> dict[str, Any]:
    actor = entry["actor"]
    return {
        "id": entry["id"],
        "service": service,
        "type": entry["type"],
        "time": entry["time"],
        "happened_on": entry.get("happened_on"),
        "actor": {"id": actor["id"], "role": actor["role"], "name": names.get(actor["id"])},
        "stream": entry["stream"],
        "data": entry["data"],
        "sealed": [one["part"] for one in entry["sealed"]],
    }
