"""Snapshots: where the replay of a long stream begins. They spare time and prove nothing: without them all is the same.

A snapshot is of one version of the fold and names the event that it stands on. One of another fold is passed over, and
so is one whose event is no longer at that place: a log that was restored from a backup has another end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select

from shared.eventstore import tables as t

EVERY = 1000
"""A snapshot is kept each time that a stream passes a multiple of so many events."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of an aggregate after `version` events."""

    version: int
    state: dict[str, Any]


def crossed(before: int, after: int) -> bool:
    """Whether a stream that grew from one version to another is to be kept."""
    return before // EVERY != after // EVERY


def read(tx: Connection, stream: str, fold: int) -> Snapshot | None:
    """What is kept of a stream by this version of the fold, if it still stands on its event."""
    c, e = t.snapshots.c, t.events.c
    standing = and_(e.stream == c.stream, e.stream_version == c.version, e.id == c.event_id)
    query = select(c.version, c.state).join(t.events, standing).where(c.stream == stream, c.fold == fold)
    row = tx.execute(query).one_or_none()
    return Snapshot(row.version, row.state) if row else None


def write(tx: Connection, stream: str, fold: int, version: int, state: dict[str, Any]) -> None:
    """Keep the state of a stream; what was kept of it before goes."""
    e = t.events.c
    event_id = tx.execute(select(e.id).where(e.stream == stream, e.stream_version == version)).scalar_one()
    tx.execute(delete(t.snapshots).where(t.snapshots.c.stream == stream))
    tx.execute(insert(t.snapshots).values(stream=stream, fold=fold, version=version, event_id=event_id, state=state))
