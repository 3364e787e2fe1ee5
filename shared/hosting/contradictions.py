"""The contradictions on a service's record: which are open, which somebody has decided, and the decision itself.

Both sides keep a record: the witness of what it was shown, the log of what it was told. Each is decided where it is
kept. One that still stands cannot be talked away: first the log is healed, or somebody lets the witness go on with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, literal, not_, select

from shared.access.principals import Call
from shared.contracts import LANGUAGE
from shared.eventstore import tables as t
from shared.eventstore.work import Decision, Work
from shared.hosting.foundation import Foundation, Rooms, origin_of, witness_name
from shared.kernel.refusals import NotFound, Refusal
from shared.ledger.tables import log_contradictions, log_cosignatures
from shared.messaging.contradictions import ContradictionReason, LogContradiction, contradiction_of
from shared.storage.columns import instant_text

if TYPE_CHECKING:
    from shared.hosting.engine import Engine

Asked = Call[dict[str, Any]]
MOST_SHOWN = 100
"""Contradictions that an answer shows, the latest first."""
_SHOWN = ("id", "log", "witness", "kind", "known_size", "known_note", "offered_size", "offered_note")
_c = log_contradictions.c


def listed(rooms: Rooms[Any, Any], engine: Engine, call: Asked) -> dict[str, Any]:
    """Those on record, the latest first, with what was decided: `{"items"}`. `stands` may not be decided yet."""
    base = rooms.base
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        rows = _latest(tx, MOST_SHOWN)
        items = shown(base, tx, rows)
        for item, row in zip(items, rows, strict=True):
            item["stands"] = item["decided"] is None and _stands(base, engine, tx, row)
    return {"items": items}


def decide(rooms: Rooms[Any, Any], engine: Engine, call: Asked) -> Decision:
    """Say what was behind a contradiction; the log keeps who did.

    Raises NotFound, and Refusal `log.contradiction_stands` {log, witness} while log and witness still contradict each
    other, `log.contradiction_is_decided` for one that somebody has decided.
    """
    base, asked = rooms.base, call.data

    def decision(work: Work) -> LogContradiction:
        rooms.gate.clear(work.tx, call, anywhere=True)
        row = work.tx.execute(select(log_contradictions).where(_c.id == asked["contradiction"])).one_or_none()
        if row is None:
            raise NotFound("contradiction", id=asked["contradiction"])
        it = work.find(contradiction_of(base.name), row.id)
        if not it.decided and _stands(base, engine, work.tx, row):
            raise Refusal("log.contradiction_stands", log=row.log, witness=row.witness)
        it.decide(row, asked["reason"])
        return it

    return base.desk.decide(call.order(), decision)


def settle(base: Foundation, work: Work, source: str, reason: ContradictionReason) -> None:
    """Decide all that this service as a witness has on record of a log, within a decision to go on with that log."""
    mine = (_c.log == origin_of(base.settings, source), _c.witness == base.witness.key.name, undecided(base))
    for row in work.tx.execute(select(log_contradictions).where(*mine).order_by(_c.time)).all():
        work.find(contradiction_of(base.name), row.id).decide(row, reason)


def undecided(base: Foundation) -> ColumnElement[bool]:
    """Whether nobody has decided a contradiction of `log_contradictions` yet."""
    prefix = f"{base.name}.{LogContradiction.kind}-"
    return not_(exists().where(t.events.c.stream == literal(prefix).concat(_c.id)))


def how_many(base: Foundation, tx: Connection) -> int:
    """How many are on record and nobody has decided."""
    found: int = tx.execute(select(func.count()).select_from(log_contradictions).where(undecided(base))).scalar_one()
    return found


def shown(base: Foundation, tx: Connection, rows: list[Row[Any]]) -> list[dict[str, Any]]:
    """Rows as an answer has them, each with `decided`: `{by, role, time, reason, event}`, None while it is open."""
    kind = contradiction_of(base.name)
    found = base.store.streams(tx, [kind(row.id).stream for row in rows])
    items = []
    for row in rows:
        item = {name: getattr(row, name) for name in _SHOWN} | {"time": instant_text(row.time), "decided": None}
        for one in found[kind(row.id).stream]:
            item["decided"] = {
                "by": one.cause.actor.id,
                "role": one.cause.actor.role,
                "time": instant_text(one.time),
                "reason": str(vars(one.event)["reason"]),
                "event": one.id,
            }
        items.append(item)
    return items


def met_with(base: Foundation, tx: Connection) -> set[str]:
    """The services with whom this one has a contradiction that nobody has decided, as the log or as its witness."""
    rows = tx.execute(select(_c.log, _c.witness).where(undecided(base)).distinct()).all()
    names = {origin_of(base.settings, one): one for one in LANGUAGE}
    names |= {witness_name(base.settings, one): one for one in LANGUAGE}
    return {names[one] for row in rows for one in row if names.get(one, base.name) != base.name}


def latest(base: Foundation, tx: Connection, limit: int) -> list[dict[str, Any]]:
    """The latest on record, as `shown` gives them."""
    return shown(base, tx, _latest(tx, limit))


def _latest(tx: Connection, limit: int) -> list[Row[Any]]:
    return list(tx.execute(select(log_contradictions).order_by(_c.time.desc(), _c.id).limit(limit)).all())


def _stands(base: Foundation, engine: Engine, tx: Connection, row: Row[Any]) -> bool:
    """Whether the witness still holds against the log what it held when they met."""
    if row.witness == base.witness.key.name:
        return base.witness.knows(tx, row.log).note == row.known_note
    # A witness gives its time in whole seconds.
    at, since = log_cosignatures.c, row.time.replace(microsecond=0)
    agreed = select(at.size).where(at.witness == row.witness, at.time >= since).limit(1)
    if tx.execute(agreed).first() is not None:
        return False
    agreeing = engine.witnesses.agreeing() if engine.witnesses else []
    return row.witness not in {witness_name(base.settings, one) for one in agreeing}
