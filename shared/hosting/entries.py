"""What the door `log_entries` leads to: pages of a log, as it was written, by whatever chooses its entries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.access.paging import cursor, position
from shared.access.principals import Call
from shared.eventstore import reading
from shared.eventstore.reading import Wanted
from shared.hosting.foundation import Rooms
from shared.kernel.refusals import Invalid

Asked = Call[dict[str, Any]]


def entries(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """A page of the log: position, leaf hash in hex, and the entry's text exactly as it was hashed.

    `after` is the `next` of the page before, or to begin with a position: that behind which, or with `latest` that in
    front of which, the reading begins.
    """
    asked, limit = call.data, call.data["limit"]
    wanted = _wanted(asked)
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        size = rooms.base.store.size(tx)
        try:
            wanted, upto, key = _resumed(wanted, asked["after"], size)
            found = reading.page(tx, wanted, upto, limit, key)
        except ValueError as error:
            raise Invalid({"after": ["not_a_cursor"]}) from error
    items = [
        {"position": row.position, "leaf": bytes(row.leaf).hex(), "entry": bytes(row.entry).decode()}
        for row in found.rows
    ]
    following = None if found.next is None else cursor((str(upto), str(wanted.after), str(wanted.before), *found.next))
    if found.next is not None and not _chosen(wanted):
        # By position alone a cursor is a position, which everybody can read.
        (following,) = found.next
    return {"items": items, "next": following, "size": size}


def _wanted(asked: dict[str, Any]) -> Wanted:
    return Wanted(
        stream=asked.get("stream"),
        person=asked.get("person"),
        type=asked.get("type"),
        since=asked.get("since"),
        until=asked.get("until"),
        latest=bool(asked.get("latest")),
    )


def _chosen(wanted: Wanted) -> bool:
    """Whether anything but the place in the log chooses the entries."""
    return any((wanted.stream, wanted.person, wanted.type, wanted.since, wanted.until))


def _resumed(wanted: Wanted, after: str | None, size: int) -> tuple[Wanted, int, tuple[str, ...] | None]:
    """A reading as it goes on: what is wanted, how much of the log it covers, and the key of the last row.

    The size stands in the cursor, so that all pages of a reading cover the same. Raises ValueError.
    """
    if after is None or (after.isdecimal() and len(after) <= 18):
        place = None if after is None else int(after)
        if wanted.latest:
            return replace(wanted, before=place), size, None
        return replace(wanted, after=-1 if place is None else place), size, None
    upto, behind, before, *key = position(after, None)
    beginning = replace(wanted, after=int(behind), before=None if before == "None" else int(before))
    return beginning, min(int(upto), size), tuple(key)
