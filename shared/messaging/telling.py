"""What a reader is told of a log: the ranges after a position, read from the service's own database."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam, cast, func, select

from shared.contracts import LANGUAGE, Published
from shared.eventstore import tables as t
from shared.eventstore.store import EventStore
from shared.ledger.tables import log_positions
from shared.messaging.ranges import MOST_BYTES, MOST_EVENTS, Carried, NotAReader, Range, epoch_of
from shared.storage.rows import rows_of
from shared.vault.parts import StoredPart
from shared.vault.vault import Vault


def published_to(language: Mapping[str, Published], source: str, reader: str) -> tuple[Published, frozenset[str]]:
    """What a source says, and the purposes whose parts this reader gets. Raises NotAReader."""
    published = language.get(source)
    if published is None or reader not in published.readers:
        raise NotAReader(source, reader)
    return published, published.readers[reader]


def range_for(
    tx: Connection,
    store: EventStore,
    vault: Vault,
    source: str,
    reader: str,
    after: int,
    limit: int = MOST_EVENTS,
    *,
    language: Mapping[str, Published] = LANGUAGE,
) -> Range | None:
    """The next range of this service's log after a position, as `reader` is told it; None when there is nothing yet.

    At most `limit` events (never more than MOST_EVENTS) and about MOST_BYTES; the private positions around them cost
    nothing. Raises NotAReader.
    """
    return next(ranges_for(tx, store, vault, source, reader, after, limit, language=language), None)


def ranges_for(
    tx: Connection,
    store: EventStore,
    vault: Vault,
    source: str,
    reader: str,
    after: int,
    limit: int = MOST_EVENTS,
    *,
    language: Mapping[str, Published] = LANGUAGE,
) -> Iterator[Range]:
    """The ranges after a position, one after the other, as `range_for` gives each; they end where the log now ends.

    What is sequenced after the first was asked for belongs to none of them.
    """
    published, purposes = published_to(language, source, reader)
    epoch, size = epoch_of(tx), store.size(tx)
    first, limit = max(after, -1) + 1, max(1, min(limit, MOST_EVENTS))
    before = store.tree.leaf_before(tx, first) if first < size else None
    while first < size:
        rows = _told(tx, tuple(published.types), first, size, limit)
        parts = vault.parts_for(tx, [row[1] for row in rows], purposes) if rows and purposes else {}
        events = _within_bytes(rows, parts)
        cut = len(events) < len(rows) or len(rows) == limit
        last = events[-1].position if cut and events else size - 1
        leaf = store.tree.leaf_before(tx, last + 1)
        yield Range(
            source=source,
            reader=reader,
            origin=store.source,
            epoch=epoch,
            first=first,
            last=last,
            before=before.hex() if before else "",
            after=leaf.hex() if leaf else "",
            size=size,
            events=events,
        )
        first, before = last + 1, leaf


def _told(tx: Connection, types: tuple[str, ...], first: int, size: int, limit: int) -> list[Any]:
    """Position, id and entry, as text, of what is told of the log from `first` on."""
    statement = _statement(types, tx.dialect.name)
    return rows_of(tx.execute(statement, {"first": first, "size": size, "limit": limit}))


@cache
def _statement(types: tuple[str, ...], dialect: str) -> Select[Any]:
    # Text from the server on: as bytes some drivers would carry every one of them in two characters.
    e, p = t.events.c, log_positions.c
    words = func.convert_from(e.entry, "UTF8") if dialect == "postgresql" else cast(e.entry, Text)
    return (
        select(p.position, e.id, words)
        .join(t.events, e.id == p.event_id)
        .where(p.position >= bindparam("first"), p.position < bindparam("size"), e.type.in_(types))
        .order_by(p.position)
        .limit(bindparam("limit"))
    )


def _within_bytes(rows: Sequence[Any], parts: Mapping[str, Mapping[str, StoredPart]]) -> list[Carried]:
    events: list[Carried] = []
    total = 0
    for position, event_id, entry in rows:
        own = (
            {
                part: (base64.b64encode(ciphertext).decode(), base64.b64encode(blind).decode())
                for part, (ciphertext, blind) in parts[event_id].items()
            }
            if event_id in parts
            else {}
        )
        total += len(entry) if entry.isascii() else len(entry.encode())
        for part, (one, two) in own.items():
            total += len(part) + len(one) + len(two)
        if events and total > MOST_BYTES:
            break
        events.append(Carried(position=position, entry=entry, parts=own))
    return events
