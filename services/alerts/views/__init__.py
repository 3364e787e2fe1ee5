"""Alerts' tables and the projectors that write them, and the timers that make alerts climb.

`alerts_open` is a claim: the database lets one alert of a kind be open for a child, whoever raises it. `alerts_cards`
and `alerts_contacts` are the service's own copy of the contact cards, so that a child can be looked for while registry
is down. Notes and reasons stand in the history alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from services.alerts.domain import events as e
from services.alerts.domain.alert import next_step
from services.alerts.domain.codes import AlertState, Responder
from shared.contracts import registry as r
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.eventstore.timers import Timer, clear_timer, set_timer
from shared.kernel.ids import derived_id
from shared.kernel.messages import Recorded
from shared.storage.columns import Id, Instant, Json, Words

ESCALATE = "alerts_escalate"
"""The timer that rings when an alert's time is up."""
ONE_OPEN = ("alerts_one_open", "alerts_open.child")
"""How PostgreSQL and SQLite name the claim that a second open alert runs into."""

metadata = MetaData()
cards_metadata = MetaData()

alerts = Table(
    "alerts_alerts",
    metadata,
    Column("alert", Id, primary_key=True),
    Column("child", Id, nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("level", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("village", Id),
    Column("school", Id),
    Column("klass", Id),
    Column("raised_at", Instant, nullable=False),
    Column("acknowledged_by", Id),
    Column("acknowledged_at", Instant),
    Column("resolved_at", Instant),
    Column("resolved_by", Id),
    Column("outcome", String(30)),
    Column("policy", Id),
    Column("policy_version", Integer, nullable=False),
    Column("roles", Json, nullable=False),
    Column("waits", Json, nullable=False),
    Column("resolve_minutes", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("next_role", String(40)),
    Column("next_at", Instant),
    Column("urgency", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Index("alerts_alerts_board", "urgency", "raised_at", "alert"),
)
"""`urgency` orders the board: those that nobody has in hand first, the gravest of them first."""

open_alerts = Table(
    "alerts_open",
    metadata,
    Column("alert", Id, primary_key=True),
    Column("child", Id, nullable=False),
    Column("kind", String(40), nullable=False),
    UniqueConstraint("child", "kind", name=ONE_OPEN[0]),
)
attempts = Table(
    "alerts_attempts",
    metadata,
    Column("event", Id, primary_key=True),
    Column("alert", Id, nullable=False, index=True),
    Column("contact", Id, nullable=False),
    Column("result", String(20), nullable=False),
    Column("at", Instant, nullable=False),
)
policies = Table(
    "alerts_policies",
    metadata,
    Column("policy", Id, primary_key=True),
    Column("division", Id, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("roles", Json, nullable=False),
    Column("waits", Json, nullable=False),
    Column("resolve_minutes", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)
cards = Table(
    "alerts_cards",
    cards_metadata,
    Column("child", Id, primary_key=True),
    Column("name", String(200), info={"personal_of": "child"}),
    Column("address", Words, info={"personal_of": "child"}),
)
contacts = Table(
    "alerts_contacts",
    cards_metadata,
    Column("child", Id, nullable=False),
    Column("contact", Id, nullable=False),
    Column("relation", String(20), nullable=False),
    Column("place", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("away", Boolean, nullable=False),
    Column("name", String(200), info={"personal_of": "contact"}),
    Column("phone", String(60), info={"personal_of": "contact"}),
    Column("other_phone", String(60), info={"personal_of": "contact"}),
    Column("occupation", Words, info={"personal_of": "contact"}),
    Column("employer", Words, info={"personal_of": "contact"}),
    Column("workplace", Words, info={"personal_of": "contact"}),
    Column("employer_phone", String(60), info={"personal_of": "contact"}),
    Column("address", Words, info={"personal_of": "contact"}),
    PrimaryKeyConstraint("child", "contact"),
)

board = Projector("alerts.board", metadata)
card_copies = Projector("alerts.cards", cards_metadata)


@board.when(e.AlertRaised)
def _raised(rows: Rows, event: e.AlertRaised, recorded: Recorded) -> None:
    rows.add(open_alerts, alert=event.alert, child=event.child, kind=event.kind)
    rows.add(
        alerts,
        alert=event.alert,
        child=event.child,
        kind=event.kind,
        level=event.level,
        state=AlertState.RAISED,
        village=event.village,
        school=event.school,
        klass=event.klass,
        raised_at=recorded.time,
        policy=event.policy,
        policy_version=event.policy_version,
        roles=[one.value for one in event.roles],
        waits=list(event.waits),
        resolve_minutes=event.resolve_minutes,
        step=1,
        times=0,
        urgency=_urgency(AlertState.RAISED, event.level.rank),
        version=recorded.stream_version,
    )
    _set_deadline(rows, event.alert, recorded)


@board.when(e.SignalAttached)
def _attached(rows: Rows, event: e.SignalAttached, recorded: Recorded) -> None:
    urgency = _urgency(AlertState(_standing(rows, event.alert)["state"]), event.level.rank)
    _change(rows, event.alert, recorded, level=event.level, urgency=urgency)


@board.when(e.AlertAcknowledged)
def _acknowledged(rows: Rows, event: e.AlertAcknowledged, recorded: Recorded) -> None:
    _stands(
        rows, event.alert, AlertState.ACKNOWLEDGED, recorded, acknowledged_by=event.by, acknowledged_at=recorded.time
    )
    _set_deadline(rows, event.alert, recorded)


@board.when(e.AlertEscalated)
def _escalated(rows: Rows, event: e.AlertEscalated, recorded: Recorded) -> None:
    facts = {"step": event.step, "times": event.times, "acknowledged_by": None, "acknowledged_at": None}
    _stands(rows, event.alert, AlertState.RAISED, recorded, **facts)
    _set_deadline(rows, event.alert, recorded)


@board.when(e.ContactAttempted)
def _attempted(rows: Rows, event: e.ContactAttempted, recorded: Recorded) -> None:
    values = {"event": recorded.id, "alert": event.alert, "contact": event.contact, "result": event.result}
    rows.add(attempts, **values, at=recorded.time)
    _change(rows, event.alert, recorded)
    if _standing(rows, event.alert)["state"] == AlertState.ACKNOWLEDGED:
        _set_deadline(rows, event.alert, recorded)


@board.when(e.AlertResolved)
def _resolved(rows: Rows, event: e.AlertResolved, recorded: Recorded) -> None:
    rows.remove(open_alerts, event.alert)
    clear_timer(rows, _timer(event.alert))
    facts = {"outcome": event.outcome, "resolved_at": recorded.time, "resolved_by": recorded.cause.actor.id}
    _stands(rows, event.alert, AlertState.RESOLVED, recorded, **facts, next_role=None, next_at=None)


@board.when(e.PolicySet)
def _policy(rows: Rows, event: e.PolicySet, recorded: Recorded) -> None:
    rows.put(
        policies,
        policy=event.policy,
        division=event.division,
        kind=event.kind,
        number=event.number,
        roles=[one.value for one in event.roles],
        waits=list(event.waits),
        resolve_minutes=event.resolve_minutes,
        version=recorded.stream_version,
    )


def _urgency(state: AlertState, level: int) -> int:
    return 10 * list(AlertState).index(state) + level


def _stands(rows: Rows, alert: str, state: AlertState, recorded: Recorded, **facts: Any) -> None:
    urgency = _urgency(state, _standing(rows, alert)["urgency"] % 10)
    _change(rows, alert, recorded, state=state, urgency=urgency, **facts)


def _change(rows: Rows, alert: str, recorded: Recorded, **facts: Any) -> None:
    values = {"version": recorded.stream_version, **facts}
    rows.change(alerts, alert, **values)


def _standing(rows: Rows, alert: str) -> Mapping[str, Any]:
    row = rows.read(alerts, alert)
    if row is None:
        raise LookupError(f"no alert {alert}")
    return row


def _timer(alert: str) -> str:
    """An alert has one timer at a time."""
    return derived_id(alert, "alerts.escalate")


def _set_deadline(rows: Rows, alert: str, recorded: Recorded) -> None:
    """Count the time anew from this event: the one timer of the alert, and what the board says of it."""
    row = _standing(rows, alert)
    within = row["resolve_minutes"] if row["state"] == AlertState.ACKNOWLEDGED else None
    ahead = next_step(tuple(Responder(one) for one in row["roles"]), tuple(row["waits"]), row["step"], within)
    due = recorded.time + timedelta(minutes=ahead.minutes)
    rows.change(alerts, alert, next_role=ahead.role, next_at=due)
    set_timer(rows, Timer(id=_timer(alert), kind=ESCALATE, due_at=due, subject=alert, data={"after": row["times"]}))


@card_copies.when(r.ChildRegistered)
def _registered(rows: Rows, event: r.ChildRegistered, _: Recorded) -> None:
    rows.add(cards, child=event.child, name=event.name)


@card_copies.when(r.ChildCorrected)
def _corrected(rows: Rows, event: r.ChildCorrected, _: Recorded) -> None:
    rows.change(cards, event.child, name=event.name)


@card_copies.when(r.AddressRecorded)
def _address(rows: Rows, event: r.AddressRecorded, _: Recorded) -> None:
    rows.change(cards, event.child, address=event.address)


@card_copies.when(r.ContactRecorded)
def _contact(rows: Rows, event: r.ContactRecorded, _: Recorded) -> None:
    rows.put(
        contacts,
        child=event.child,
        contact=event.contact,
        relation=event.relation,
        place=event.order,
        status=event.status,
        away=event.away,
        name=event.name,
        phone=event.phone,
        other_phone=event.other_phone,
        occupation=event.occupation,
        employer=event.employer,
        workplace=event.workplace,
        employer_phone=event.employer_phone,
        address=event.address,
    )


@card_copies.when(r.ContactRemoved)
def _removed(rows: Rows, event: r.ContactRemoved, _: Recorded) -> None:
    rows.remove(contacts, (event.child, event.contact))
