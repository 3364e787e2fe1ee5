"""Parking: what a projector or a reaction could not apply, and what waits behind it on a shared person or stream.

The rest of the log goes on. Each projector parks apart, and so does the reactor. What is parked is seen, tried again
in the order of the log, or dropped by somebody with a reason, which the service records (`dropping`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import structlog
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from shared.kernel.refusals import NotFound
from shared.messaging.letters import Letter
from shared.messaging.ranges import Carried
from shared.messaging.tables import parked

log = structlog.get_logger(__name__)
WAITS = "waits behind an earlier one"
"""The error of an event that was not tried because it shares a person or stream with one that is parked."""
_c = parked.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A parked event as people see it: no content, no personal data. `attempts` is 0 for one that only waits."""

    projector: str
    source: str
    position: int
    event_id: str
    stream: str
    type: str
    persons: tuple[str, ...]
    error: str
    since: datetime
    attempts: int


def park(tx: Connection, source: str, projector: str, letter: Letter, error: str, now: datetime) -> None:
    """Put an event aside, in the transaction that moves the projector's place past it."""
    waits = error == WAITS
    tx.execute(
        insert(parked).values(
            projector=projector,
            source=source,
            position=letter.position,
            event_id=letter.entry["id"],
            stream=letter.entry["stream"],
            type=letter.type,
            persons=list(letter.entry["persons"]),
            entry=letter.carried.entry,
            parts={part: list(content) for part, content in letter.carried.parts.items()},
            error=error,
            since=now,
            attempts=0 if waits else 1,
        )
    )
    if not waits:
        log.error(
            "event_parked",
            projector=projector,
            source=source,
            position=letter.position,
            event_id=letter.entry["id"],
            type=letter.type,
            error=error,
        )


def blocked(tx: Connection, source: str, projectors: Sequence[str]) -> dict[str, set[str]]:
    """For each projector the streams and people behind whose parked events others must wait."""
    found: dict[str, set[str]] = {name: set() for name in projectors}
    query = select(_c.projector, _c.stream, _c.persons).where(_c.source == source, _c.projector.in_(projectors))
    for projector, stream, persons in tx.execute(query):
        found[projector].update((stream, *persons))
    return found


def waiting(tx: Connection, source: str, projector: str) -> list[Letter]:
    """The parked events of a projector, in the order of the log."""
    query = (
        select(_c.position, _c.entry, _c.parts)
        .where(_c.source == source, _c.projector == projector)
        .order_by(_c.position)
    )
    return [
        Letter.read(
            Carried(position=position, entry=entry, parts={part: (one, two) for part, (one, two) in parts.items()}),
            "",
        )
        for position, entry, parts in tx.execute(query)
    ]


def release(tx: Connection, source: str, projector: str, position: int) -> bool:
    """Take an event out, in the transaction of its effect. False where another process has done so."""
    return tx.execute(delete(parked).where(*_one(source, projector, position))).rowcount == 1


def failed_again(tx: Connection, source: str, projector: str, position: int, error: str) -> None:
    """Remember that an event was tried once more, and what came of it."""
    tx.execute(update(parked).where(*_one(source, projector, position)).values(error=error, attempts=_c.attempts + 1))


def give_up(tx: Connection, source: str, projector: str, position: int) -> Parked:
    """Take an event out that will not be applied. What waited behind it is applied at the next retry.

    In the transaction that records the decision (`shared.messaging.dropping`). Raises NotFound.
    """
    row = tx.execute(select(parked).where(*_one(source, projector, position)).with_for_update()).one_or_none()
    if row is None or not release(tx, source, projector, position):
        raise NotFound("parked", projector=projector, source=source, position=position)
    return _shown(row)


def listed(tx: Connection, *, limit: int = 100, offset: int = 0) -> list[Parked]:
    """What is parked, the longest first."""
    query = select(parked).order_by(_c.since, _c.projector, _c.source, _c.position).limit(limit).offset(offset)
    return [_shown(row) for row in tx.execute(query)]


def counts(tx: Connection) -> dict[tuple[str, str], int]:
    """How many events are parked, by source and projector."""
    query = select(_c.source, _c.projector, func.count()).group_by(_c.source, _c.projector)
    return {(source, projector): number for source, projector, number in tx.execute(query)}


def empty(tx: Connection, people: Sequence[str]) -> int:
    """Take the sealed parts of these people out of what is parked; how many events had some.

    Applied later, the events tell nothing about them.
    """
    gone, emptied = set(people), 0
    query = select(_c.source, _c.projector, _c.position, _c.persons, _c.entry, _c.parts)
    for row in tx.execute(query).all():
        if gone.isdisjoint(row.persons):
            continue
        theirs = {one["part"] for one in msgspec.json.decode(row.entry)["sealed"] if one["person"] in gone}
        kept = {part: content for part, content in row.parts.items() if part not in theirs}
        if len(kept) < len(row.parts):
            tx.execute(update(parked).where(*_one(row.source, row.projector, row.position)).values(parts=kept))
            emptied += 1
    return emptied


def listed_types(tx: Connection, types: Sequence[str]) -> set[str]:
    """The projectors for which events of these types are parked."""
    return set(tx.execute(select(_c.projector).where(_c.type.in_(types)).distinct()).scalars())


def _one(source: str, projector: str, position: int) -> tuple[ColumnElement[bool], ...]:
    return _c.source == source, _c.projector == projector, _c.position == position


def _shown(row: Row[Any]) -> Parked:
    return Parked(
        projector=row.projector,
        source=row.source,
        position=row.position,
        event_id=row.event_id,
        stream=row.stream,
        type=row.type,
        persons=tuple(row.persons),
        error=row.error,
        since=row.since,
        attempts=row.attempts,
    )
