"""What auditors and administrators see of a service from outside: its entries, its proofs, how its engine runs."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import Connection, Select, func, select

from shared.access.principals import Call, Principal
from shared.eventstore import tables as t
from shared.eventstore.work import Decision, Work
from shared.hosting import remains
from shared.hosting.engine import Engine
from shared.hosting.foundation import Foundation, Rooms
from shared.hosting.rebuilding import shown
from shared.hosting.witnessing import standing_facts
from shared.kernel.ids import id_in
from shared.kernel.refusals import Invalid
from shared.ledger.tables import log_checkpoints
from shared.messaging import tables as m
from shared.messaging.dropping import ParkedEvent, parked_event_of, parked_id
from shared.messaging.epochs import epochs_of
from shared.messaging.parking import give_up, listed
from shared.storage.columns import instant_text

Asked = Call[dict[str, Any]]
_PAGE = 500


def checkpoint(rooms: Rooms[Any, Any]) -> dict[str, Any]:
    """The latest signed note, None before the first; the key that it verifies with, and that of this witness."""
    keys = {"verifier": str(rooms.base.verifier), "witness": str(rooms.base.witness.key)}
    with rooms.database.read() as tx:
        return keys | {"note": rooms.base.checkpoints.latest(tx)}


def status(rooms: Rooms[Any, Any], engine: Engine, call: Asked) -> dict[str, Any]:
    """How far everything has come that runs by itself."""
    base = rooms.base
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        signed = tx.execute(
            select(log_checkpoints.c.size, log_checkpoints.c.time).order_by(log_checkpoints.c.size.desc()).limit(1)
        ).one_or_none()
        answer = {
            "service": base.name,
            "size": base.store.size(tx),
            "epochs": [{"id": epoch, "began": began} for epoch, began in epochs_of(tx)],
            "pending": _count(tx, select(func.count()).select_from(t.pending)),
            "checkpoint": {"size": signed.size, "time": instant_text(signed.time)} if signed else None,
            "timers": _timers(tx, base),
            "relayed": {row.reader: row.position for row in tx.execute(select(m.relay_positions))},
            "witnesses": standing_facts(base, tx),
            "remains": remains.waiting(tx),
        }
    followed = [one.follower.status() | {"consumer": one.state} for one in engine.followings.values()]
    return answer | {"followed": followed, "leads": engine.leads, "failing": engine.failing()}


def parked(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """A page of what is parked, the longest first."""
    asked = call.data
    begin = _position(asked["after"]) + 1
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        found = listed(tx, limit=asked["limit"] + 1, offset=begin)
    shown = found[: asked["limit"]]
    items = [
        {name: value for name, value in dataclasses.asdict(one).items() if name != "persons"}
        | {"service": rooms.base.name, "since": instant_text(one.since)}
        for one in shown
    ]
    return {"items": items, "next": str(begin + len(shown) - 1) if len(found) > len(shown) else None}


def retry(rooms: Rooms[Any, Any], engine: Engine, call: Asked) -> dict[str, Any]:
    """Try what is parked again, of one source and projector or of all: what was applied and what is left, of each."""
    asked = call.data
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
    chosen = [one.follower for source, one in engine.followings.items() if asked.get("source") in (None, source)]
    items = [
        {"source": follower.source, "projector": projector, "applied": applied, "left": left}
        for follower in chosen
        for projector, (applied, left) in follower.retry(asked.get("projector")).items()
    ]
    engine.kick()
    return {"items": items}


def drop(rooms: Rooms[Any, Any], call: Asked) -> Decision:
    """Give one parked event up; the log keeps who did so and why. What waited behind it goes on at the next retry."""
    base, asked = rooms.base, call.data

    def decide(work: Work) -> ParkedEvent:
        rooms.gate.clear(work.tx, call, anywhere=True)
        one = give_up(work.tx, asked["source"], asked["projector"], asked["position"])
        it = work.find(parked_event_of(base.name), parked_id(one.event_id, one.projector))
        it.drop(one, asked["reason"])
        return it

    return base.desk.decide(call.order(), decide)


def rebuild(rooms: Rooms[Any, Any], engine: Engine, call: Asked) -> dict[str, Any]:
    """Begin to build the views anew: `{"id"}`."""
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
    return {"id": engine.rebuilder.begin(switch=call.data["switch"], by=call.principal.id)}


def last_rebuild(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """How the latest rebuild stands."""
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        return {"rebuild": shown(tx)}


def outcome(rooms: Rooms[Any, Any], caller: Principal, command_id: str) -> dict[str, Any] | None:
    """The decision of the caller's own command, as the door answered or would have answered it."""
    with rooms.database.read() as tx:
        before = rooms.base.store.answer(tx, caller.id, command_id)
    if before is None:
        return None
    version = max((one.stream_version for one in before.events if one.stream == before.subject), default=0)
    return Decision(id=id_in(before.subject), version=version, events=before.events, repeated=True).as_answer()


def _timers(tx: Connection, base: Foundation) -> dict[str, Any]:
    all_ = select(func.count()).select_from(t.timers)
    first = tx.execute(select(func.min(t.timers.c.due_at))).scalar()
    return {
        "waiting": _count(tx, all_),
        "overdue": _count(tx, all_.where(t.timers.c.due_at <= base.clock.now())),
        "next_due": instant_text(first) if first else None,
    }


def _count(tx: Connection, query: Select[int]) -> int:
    return tx.execute(query).scalar_one()


def _position(cursor: str | None) -> int:
    if cursor is None:
        return -1
    if not cursor.isdecimal() or len(cursor) > 18:
        raise Invalid({"after": ["not_a_position"]})
    return int(cursor)
