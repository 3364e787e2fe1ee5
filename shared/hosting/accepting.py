"""Going on with a source whose log was restored from a backup, after somebody has decided so.

What this service keeps of the source is made again from the restored log, beside the live rows, up to the size with
which the new epoch began; then, in one transaction, it takes their place, the reactor's place is put there too, the
service witnesses the log from there on, and its own log says who decided. From there the follower goes on by itself:
every event after that place is new, so no reaction runs twice. Where nothing is missing, only the epoch changes.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from shared.access.principals import Call
from shared.contracts import LANGUAGE
from shared.eventstore.beside import Beside, Difference, exclude_appends
from shared.eventstore.rebuilding import OwnViews, own_tables, waiting_timers
from shared.eventstore.work import Work
from shared.hosting import contradictions
from shared.hosting.engine import Engine
from shared.hosting.foundation import Rooms, origin_of
from shared.kernel.refusals import Invalid, Refusal
from shared.ledger.tables import log_contradictions
from shared.messaging.contradictions import ContradictionReason
from shared.messaging.deciding import FollowedLog, followed_log_id, followed_log_of
from shared.messaging.epochs import shared_size
from shared.messaging.rebuilding import HeardViews, Source, heard_tables
from shared.messaging.tables import follower_positions, parked

Asked = Call[dict[str, Any]]
_c = follower_positions.c
_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Restored:
    """What is decided: to go on with `source` in `epoch`, from the `size` that it shares with what was followed."""

    source: str
    epoch: str
    size: int
    reason: ContradictionReason


def accept(rooms: Rooms[Any, Any], engine: Engine, call: Asked) -> dict[str, Any]:
    """Begin it: `{"id", "size"}`, to be watched as a rebuild is; `size` is how many entries the logs share.

    Of a log that was written anew without a new epoch, the caller says up to where it agrees (`agreed`): too much of
    it, and the log is contradicted again.

    Raises Refusal `log.source_not_restored` {source} where this service goes on with the source as it is, or hears of
    other epochs than the caller names.
    """
    base, source = rooms.base, call.data["source"]
    if source == base.name or source not in LANGUAGE:
        raise Invalid({"source": ["is_this_service" if source == base.name else "not_a_service"]})
    epochs = [(one["id"], one["began"]) for one in call.data["epochs"]]
    epoch = epochs[0][0]
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        followed = set(tx.execute(select(_c.epoch).where(_c.source == source)).scalars()) - {""}
        known = base.store.aggregate(tx, followed_log_of(base.name), followed_log_id(base.name, source))
        contradicted = _contradicted(tx, rooms, source)
    following = engine.followings.get(source)
    head = following.follower.heard if following is not None else None
    agreed = call.data["agreed"]
    # What nobody here follows is only witnessed: there the log itself has shown that it is not what it was.
    restored = bool(followed - {epoch}) or (contradicted and len(epochs) > 1 and known.epoch != epoch)
    rewritten = agreed is not None and (contradicted or (following is not None and following.state == "stopped"))
    if not (restored or rewritten) or (head is not None and list(head.epochs) != epochs):
        raise Refusal("log.source_not_restored", source=source)
    sizes = [shared_size(epochs, one, known.accepted) for one in followed or {known.epoch or ""}] if restored else []
    size = min([*sizes, *([agreed] if agreed is not None else [])])
    decided = _Restored(source=source, epoch=epoch, size=size, reason=call.data["reason"])
    work = functools.partial(_accepted, rooms, engine, call, decided)
    return {"id": engine.rebuilder.begin(switch=True, by=call.principal.id, work=work), "size": decided.size}


def _contradicted(tx: Connection, rooms: Rooms[Any, Any], source: str) -> bool:
    """Whether what was cosigned last of a log is what the log has contradicted."""
    base, at = rooms.base, log_contradictions.c
    origin = origin_of(base.settings, source)
    knows = base.witness.knows(tx, origin)
    if knows.note is None:
        return False
    met = select(at.id).where(at.log == origin, at.witness == base.witness.key.name, at.known_note == knows.note)
    return tx.execute(met).first() is not None


def _accepted(
    rooms: Rooms[Any, Any], engine: Engine, call: Asked, decided: _Restored, *, told: Callable[[int, int], None]
) -> list[Difference]:
    base, name = rooms.base, decided.source
    source = next((one for one in engine.rebuilder.sources if one.name == name), None)
    with base.database.read() as tx:
        beyond = select(_c.projector).where(_c.source == name, _c.position >= decided.size)
        ahead = set(tx.execute(beyond).scalars())
    if source is None or ahead.isdisjoint(one.name for one in source.projectors):
        with base.database.begin() as tx:
            _settle(tx, rooms, call, decided)
    else:
        _rebuilt(rooms, engine, call, decided, source, told)
    base.desk.kick()
    if name in engine.followings:
        engine.followings[name].follower.wake.set()
    return []


def _rebuilt(
    rooms: Rooms[Any, Any],
    engine: Engine,
    call: Asked,
    decided: _Restored,
    source: Source,
    told: Callable[[int, int], None],
) -> None:
    """Make the source's views again beside the live ones, with whatever else feeds the same tables."""
    base, tables = rooms.base, set(heard_tables([source]))
    sources = [one for one in engine.rebuilder.sources if tables & set(heard_tables([one]))]
    own = [one for one in base.own if tables & set(one.metadata.sorted_tables)]
    everything = {*heard_tables(sources), *(own_tables(own) if own else ())}
    with Beside(base.database, sorted(everything, key=lambda one: one.name)) as beside:
        until = decided.size - 1
        heard = [
            HeardViews(base.database, base.vault, one, beside, until=until if one is source else None)
            for one in sources
        ]
        mine = OwnViews(base.database, base.store, own, beside) if own else None
        for _ in range(_TRIES):
            for one in heard:
                one.replay(told)
            if mine is not None:
                mine.replay(told)
            alone: AbstractContextManager[Connection] = beside.alone()
            with alone as tx:
                if not all(one.hold(tx) for one in heard):
                    continue
                exclude_appends(tx)
                for one in heard:
                    one.finish(tx)
                if mine is not None:
                    mine.finish(tx)
                beside.switch(tx, waiting_timers(base.database, base.clock))
                _settle(tx, rooms, call, decided)
            return
    raise RuntimeError("the live views moved faster than they could be followed")


def _settle(tx: Connection, rooms: Rooms[Any, Any], call: Asked, decided: _Restored) -> None:
    """Put the places right, witness from there on, and record who decided, in the caller's transaction."""
    base, source, began = rooms.base, decided.source, decided.size
    mine = tx.execute(select(follower_positions).where(_c.source == source).with_for_update()).all()
    for row in mine:
        lost = row.position >= began
        place = {"position": began - 1, "leaf": None if began else ""} if lost else {}
        tx.execute(
            update(follower_positions)
            .where(_c.source == source, _c.projector == row.projector)
            .values(epoch=decided.epoch, **place)
        )
    tx.execute(delete(parked).where(parked.c.source == source, parked.c.position >= began))
    left = base.witness.accept(tx, origin_of(base.settings, source), began)
    seen = max((row.position + 1 for row in mine), default=0)

    def decide(work: Work) -> FollowedLog:
        rooms.gate.clear(work.tx, call, anywhere=True)
        it = work.find(followed_log_of(base.name), followed_log_id(base.name, source))
        it.accept(source, decided.epoch, began, seen)
        if left is not None:
            it.witness_anew(source, left)
        contradictions.settle(base, work, source, decided.reason)
        return it

    base.desk.decide(dataclasses.replace(call.order(), within=tx), decide)
