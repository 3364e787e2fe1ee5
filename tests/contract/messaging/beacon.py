"""A tiny service for the tests of messaging: beacons that are lit for a child, and what two neighbours make of them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, insert

from shared.contracts import Published
from shared.eventstore.projecting import Projector, Reactor
from shared.eventstore.rows import Rows
from shared.kernel.messages import Event, Person, Recorded, Ref, event, personal
from shared.storage.columns import Id


@event("registry.beacon_lit", version=1)
@dataclass(frozen=True, kw_only=True)
class BeaconLit(Event):
    beacon: Ref
    child: Person
    friend: Person | None = None
    name: str | None = personal("identity", of="child")
    phone: str | None = personal("contact", of="child")


@event("registry.beacon_put_out", version=1)
@dataclass(frozen=True, kw_only=True)
class BeaconPutOut(Event):
    beacon: Ref


@event("registry.beacon_inspected", version=1)
@dataclass(frozen=True, kw_only=True)
class BeaconInspected(Event):
    beacon: Ref


EVENTS = (BeaconLit, BeaconPutOut, BeaconInspected)
PUBLISHED = (BeaconLit, BeaconPutOut)
LANGUAGE = {
    "registry": Published(events=PUBLISHED, readers={"alerts": frozenset({"identity"}), "funding": frozenset()}),
}

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")
seen = Table(
    "test_seen",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Id, nullable=False),
    Column("position", Integer, nullable=False),
    Column("child", Id, nullable=True),
    Column("name", String(40), nullable=True),
    Column("phone", String(40), nullable=True),
)
lit = Table("test_lit", metadata, Column("beacon", Id, primary_key=True), Column("times", Integer, nullable=False))
reacted = Table(
    "test_reacted",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("position", Integer, nullable=False),
)

# The order in which rows were made, whoever made them: a row that came twice must be seen twice.
_numbers = itertools.count(time.time_ns())

Before = Callable[[str, Recorded], object]
"""Called with the projector's name before it applies an event; the test may raise in it."""


def views(before: Before) -> tuple[Projector, Projector]:
    """A view that keeps everything in the order it came, and one that counts."""
    diary, counter = Projector("alerts.diary", metadata), Projector("alerts.counter", metadata)

    @diary.when(BeaconLit, BeaconPutOut)
    def _(rows: Rows, one: Any, recorded: Recorded) -> None:
        before("alerts.diary", recorded)
        child, name, phone = (getattr(one, field, None) for field in ("child", "name", "phone"))
        values = {"event_id": recorded.id, "position": recorded.position, "child": child, "name": name, "phone": phone}
        rows.add(seen, number=next(_numbers), **values)

    @counter.when(BeaconLit)
    def _(rows: Rows, one: BeaconLit, recorded: Recorded) -> None:
        before("alerts.counter", recorded)
        if rows.read(lit, one.beacon) is None:
            rows.add(lit, beacon=one.beacon, times=0)
        rows.count(lit, one.beacon, times=1)

    return diary, counter


def reactions(before: Before) -> Reactor:
    """Reactions that leave a trace."""
    reactor = Reactor("alerts.reactions")

    @reactor.when(BeaconLit)
    def _(tx: Any, _one: BeaconLit, recorded: Recorded) -> None:
        before("alerts.reactions", recorded)
        tx.execute(insert(reacted).values(position=recorded.position))

    return reactor
