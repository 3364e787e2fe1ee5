"""Where a follower is: for each projector the last position of a source whose effect is committed.

A place moves only from where it was read, in the transaction of the effect. So whatever is sent twice, and however
many replicas receive it, each effect is committed once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shared.messaging.ranges import Range
from shared.messaging.tables import follower_positions

_c = follower_positions.c


class PlaceMoved(Exception):
    """Another process has moved the place meanwhile; read it again."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position with the epoch of its log and the leaf hash there: empty before the first, None where not known."""

    position: int = -1
    epoch: str = ""
    leaf: str | None = ""


START = Place()
"""Before the first position of a log whose epoch is not known yet."""


def places(tx: Connection, source: str) -> dict[str, Place]:
    """The places of all projectors that follow a source."""
    query = select(_c.projector, _c.position, _c.epoch, _c.leaf).where(_c.source == source)
    return {name: Place(position, epoch, leaf) for name, position, epoch, leaf in tx.execute(query)}


def begin(tx: Connection, source: str, projectors: Iterable[str], place: Place = START) -> None:
    """Give projectors that have no place yet their first one; those that have one keep it.

    The first migration of a service calls it for its reactor, which would otherwise start at the head: what is born
    with the deployment hears everything from the first position on.
    """
    rows = [
        {"source": source, "projector": name, "position": place.position, "epoch": place.epoch, "leaf": place.leaf}
        for name in sorted(projectors)
    ]
    if rows:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        tx.execute(dialect.insert(follower_positions).on_conflict_do_nothing(), rows)


def move(tx: Connection, source: str, projector: str, old: Place, new: Place) -> None:
    """Move a place within the transaction of its effect, before the effect. Raises PlaceMoved where it is not `old`.

    Before, because a rival waits at this row until the effect is committed, and then finds the place moved.
    """
    moved = (
        update(follower_positions)
        .where(_c.source == source, _c.projector == projector, _c.position == old.position, _c.epoch == old.epoch)
        .values(position=new.position, epoch=new.epoch, leaf=new.leaf)
    )
    if tx.execute(moved).rowcount != 1:
        raise PlaceMoved


def end_of(one: Range) -> Place:
    """The place after a whole range."""
    return Place(one.last, one.epoch, one.after)
