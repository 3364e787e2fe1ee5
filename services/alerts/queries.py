"""Alerts' queries: permission first, then rows to answers. Notes are opened from the history and kept nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from services.alerts import views as v
from services.alerts.domain import events as e
from services.alerts.domain.alert import Alert
from services.alerts.domain.codes import AlertState, Kind
from services.alerts.domain.policy import DEFAULT
from services.alerts.domain.roll_call import RollCall, roll_call_id
from services.alerts.handlers import Handlers
from services.alerts.schemas import (
    AlertPage,
    AlertPast,
    AlertRow,
    AttemptView,
    CardView,
    ContactView,
    PupilView,
    SignalView,
)
from services.alerts.views.troubles import open_troubles
from shared.access import tables as access
from shared.access.asof import Telling, Tellings, as_of, staff_names
from shared.access.paging import page, position
from shared.access.principals import Call
from shared.access.roles import FieldClass
from shared.access.timeline import timeline
from shared.hosting.foundation import Foundation
from shared.kernel.ids import stream_of
from shared.kernel.messages import Recorded
from shared.kernel.refusals import NotFound
from shared.storage.columns import instant_text
from shared.vault.tables import vault_persons

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


def _telling(tx: Connection, _seen: frozenset[FieldClass]) -> Telling[Alert]:
    def facts(it: Alert) -> Answer:
        name = tx.execute(select(v.cards.c.name).where(v.cards.c.child == it.child)).scalar()
        return {
            "alert": it.id,
            "child": it.child,
            "child_name": name,
            "level": it.level,
            "state": it.state,
            "step": it.step,
            "by": staff_names(tx, {it.by}).get(it.by) if it.by else None,
            "outcome": it.outcome,
        }

    return Telling(kind=Alert, facts=facts, view=AlertPast())


class Queries:
    """What alerts' query doors lead to."""

    past: ClassVar[Tellings] = {"alert": _telling}

    def __init__(self, base: Foundation, handlers: Handlers) -> None:
        self._gate, self._database, self._store, self._handlers = base.gate, base.database, base.store, handlers

    def board(self, call: Asked) -> Answer:
        """Open alerts within reach: those that nobody has in hand first, then the gravest, then the oldest.

        Resolved ones are listed by the moment of their end, the latest first.
        """
        a, data = v.alerts.c, call.data
        with self._database.read() as tx:
            query = _alerts().where(self._gate.listing(tx, call).children(a.child))
            if data["state"] == "open":
                query = query.where(a.alert.in_(select(v.open_alerts.c.alert)))
                query = query.order_by(a.urgency, a.raised_at, a.alert)
                if data["after"]:
                    query = query.where(_below(*position(data["after"], 3)))
            else:
                query = query.where(a.state == AlertState.RESOLVED).order_by(a.resolved_at.desc(), a.alert.desc())
                if data["after"]:
                    query = query.where(_before(*position(data["after"], 2)))
            rows = tx.execute(query.limit(data["limit"] + 1)).all()
            return page(rows, data["limit"], _key, lambda row: AlertRow().shown(_row(row), call.principal.sees))

    def troubles(self, call: Asked) -> Answer:
        """The troubles of the house that are open, the oldest first; at most one for each kind, reader and source."""
        t = open_troubles.c
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            rows = tx.execute(select(t.kind, t.reader, t.source, t.since).order_by(t.since, t.reader, t.source)).all()
        return {"items": [dict(row._mapping) | {"since": instant_text(row.since)} for row in rows]}

    def alert(self, call: Asked) -> Answer:
        """One alert with its policy, the calls that were made, what was learnt, and its notes."""
        wanted, sees = call.data["alert"], call.principal.sees
        with self._database.read() as tx:
            row = tx.execute(_alerts().where(v.alerts.c.alert == wanted)).one_or_none()
            if row is None:
                raise NotFound("alert", id=wanted)
            self._gate.clear(tx, call, child=row.child)
            facts: dict[str, Any] = {**_row(row), "attempts": [], "signals": [], "note": None, "resolution_note": None}
            facts["steps"] = _steps(row)
            history = self._store.stream(tx, stream_of("alerts", "alert", wanted), opened=True)
            people = _names(tx, [one.cause.actor.id for one in history])
            called = dict(
                tx.execute(select(v.contacts.c.contact, v.contacts.c.name).where(v.contacts.c.child == row.child)).all()
            )
            for one in history:
                happened = one.event
                if isinstance(happened, e.AlertRaised):
                    facts["note"] = happened.note
                elif isinstance(happened, e.AlertResolved):
                    facts["resolution_note"] = happened.note
                    facts["resolved_by_name"] = people.get(one.cause.actor.id)
                elif isinstance(happened, e.SignalAttached):
                    said = {"signal": happened.signal.value, "note": happened.note}
                    facts["signals"].append(SignalView().shown({**said, **_by(one, people)}, sees))
                elif isinstance(happened, e.ContactAttempted):
                    said = {"contact": happened.contact, "result": happened.result.value, "note": happened.note}
                    said["contact_name"] = called.get(happened.contact)
                    facts["attempts"].append(AttemptView().shown({**said, **_by(one, people)}, sees))
            return AlertPage().shown(facts, sees)

    def contact_card(self, call: Asked) -> Answer:
        """The contact card, whose reading is recorded before it is shown, and whom to call next."""
        wanted, sees = call.data["child"], call.principal.sees
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=wanted)
            card = tx.execute(select(v.cards).where(v.cards.c.child == wanted)).one_or_none()
            if card is None:
                raise NotFound("child", id=wanted)
            c, a = v.contacts.c, v.attempts.c
            contacts = tx.execute(select(v.contacts).where(c.child == wanted).order_by(c.place, c.contact)).all()
            tried = (
                select(a.contact, a.result, a.at)
                .join(v.open_alerts, v.open_alerts.c.alert == a.alert)
                .where(v.open_alerts.c.child == wanted)
                .order_by(a.at)
            )
            attempts = {row.contact: (row.result, row.at) for row in tx.execute(tried)}
        self._handlers.note_reading(call, wanted)
        facts = {**card._mapping, "contacts": [ContactView().shown(row, sees) for row in contacts]}
        return CardView().shown({**facts, "next_to_call": _next_to_call(contacts, attempts)}, sees)

    def roll_call(self, call: Asked) -> Answer:
        """A class's pupils with what a roll call found of them, and their open alerts for absence."""
        data, k, o = call.data, access.children.c, v.open_alerts.c
        with self._database.read() as tx:
            self._gate.clear(tx, call, place=data["klass"])
            place, school = access.places, access.places.alias()
            names = select(place.c.name, school.c.name.label("school_name"))
            names = names.outerjoin(school, school.c.place == place.c.parent).where(place.c.place == data["klass"])
            klass = tx.execute(names).one_or_none()
            if klass is None:
                raise NotFound("class", id=data["klass"])
            wanted = roll_call_id(data["klass"], data["day"], data["session"])
            history = self._store.stream(tx, stream_of("alerts", "roll_call", wanted), opened=True)
            roll = RollCall.replayed(wanted, [one.event for one in history])
            pupils = (
                select(k.child, v.cards.c.name, o.alert)
                .outerjoin(v.cards, v.cards.c.child == k.child)
                .outerjoin(v.open_alerts, and_(o.child == k.child, o.kind == Kind.ABSENCE))
                .where(or_(and_(k.klass == data["klass"], k.present.is_(True)), k.child.in_(list(roll.marks))))
                .order_by(v.cards.c.name, k.child)
            )
            items = []
            for row in tx.execute(pupils):
                state, reason = roll.marks.get(row.child, (None, None))
                facts = {**row._mapping, "state": state and state.value, "reason": reason and reason.value}
                items.append(PupilView().shown(facts, call.principal.sees))
            return {
                "klass": data["klass"],
                "class_name": klass.name,
                "school_name": klass.school_name,
                "taken": roll.exists,
                "version": roll.version,
                "pupils": items,
            }

    def policies(self, call: Asked) -> Answer:
        """The policies that are set, by division and kind, after the one that holds where none is set."""
        p, d = v.policies.c, access.divisions.c
        default = {
            "policy": None,
            "division": None,
            "division_name": None,
            "kind": None,
            "number": DEFAULT.version,
            "steps": [{"role": one.role.value, "wait_minutes": one.wait_minutes} for one in DEFAULT.steps],
            "resolve_minutes": DEFAULT.resolve_minutes,
            "version": 0,
        }
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            query = select(v.policies, d.name.label("division_name"), d.code).outerjoin(
                access.divisions, d.division == p.division
            )
            rows = tx.execute(query.where(reach.in_divisions(p.division)).order_by(d.code, p.kind, p.policy)).all()
        names = ("policy", "division", "division_name", "kind", "number", "resolve_minutes", "version")
        found = [{**{name: row._mapping[name] for name in names}, "steps": _steps(row)} for row in rows]
        return {"items": [default, *found], "next": None}

    def alert_as_of(self, call: Asked) -> Answer:
        """An alert as it stood: how grave it was, who had it, how far it had climbed."""
        wanted, seen = call.data["alert"], call.principal.sees
        with self._database.read() as tx:
            history = self._store.stream(tx, stream_of("alerts", "alert", wanted))
            if not history or not isinstance(history[0].event, e.AlertRaised):
                raise NotFound("alert", id=wanted)
            self._gate.clear(tx, call, child=history[0].event.child)
            return as_of(tx, call, _telling(tx, seen), wanted, history, self._store.clock.now(), seen=seen)

    def timeline(self, call: Asked) -> Answer:
        """What happened with alerts for a child, the latest first."""
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=call.data["child"])
            return timeline(tx, self._store, call)


def _alerts() -> Select[Any]:
    a, k = v.alerts.c, access.children.c
    klass, school = access.places.alias(), access.places.alias()
    village = func.coalesce(a.village, k.village)
    listed = [column for column in v.alerts.c if column.name != "village"]
    return (
        select(
            *listed,
            village.label("village"),
            access.divisions.c.name.label("village_name"),
            v.cards.c.name.label("child_name"),
            vault_persons.c.standing.label("child_standing"),
            klass.c.name.label("class_name"),
            school.c.name.label("school_name"),
            access.staff.c.name.label("acknowledged_by_name"),
        )
        .select_from(v.alerts)
        .outerjoin(access.children, k.child == a.child)
        .outerjoin(access.divisions, access.divisions.c.division == village)
        .outerjoin(v.cards, v.cards.c.child == a.child)
        .outerjoin(vault_persons, vault_persons.c.person == a.child)
        .outerjoin(klass, klass.c.place == a.klass)
        .outerjoin(school, school.c.place == a.school)
        .outerjoin(access.staff, access.staff.c.staff == a.acknowledged_by)
    )


def _row(row: Row[Any]) -> dict[str, Any]:
    return {**row._mapping, "step_role": row.roles[row.step - 1]}


def _key(row: Row[Any]) -> tuple[str, ...]:
    if row.state == AlertState.RESOLVED:
        return (row.resolved_at.isoformat(), row.alert)
    return (str(row.urgency), row.raised_at.isoformat(), row.alert)


def _below(urgency: str, raised: str, alert: str) -> ColumnElement[bool]:
    a, rank, instant = v.alerts.c, int(urgency), datetime.fromisoformat(raised)
    later = or_(a.raised_at > instant, and_(a.raised_at == instant, a.alert > alert))
    return or_(a.urgency > rank, and_(a.urgency == rank, later))


def _before(resolved: str, alert: str) -> ColumnElement[bool]:
    a, instant = v.alerts.c, datetime.fromisoformat(resolved)
    return or_(a.resolved_at < instant, and_(a.resolved_at == instant, a.alert < alert))


def _steps(row: Row[Any]) -> list[dict[str, Any]]:
    return [{"role": role, "wait_minutes": wait} for role, wait in zip(row.roles, row.waits, strict=True)]


def _names(tx: Connection, staff: Sequence[str]) -> dict[str, str | None]:
    s = access.staff.c
    return dict(tx.execute(select(s.staff, s.name).where(s.staff.in_(set(staff)))).all())


def _by(one: Recorded, people: Mapping[str, str | None]) -> dict[str, Any]:
    return {"at": one.time, "by": one.cause.actor.id, "by_name": people.get(one.cause.actor.id)}


def _next_to_call(contacts: Sequence[Row[Any]], attempts: Mapping[str, tuple[str, datetime]]) -> str | None:
    """Who can be called and was not yet, in the order of the card; then whoever was called longest ago."""
    able = [row.contact for row in contacts if row.status in ("living", "unknown") and (row.phone or row.other_phone)]
    fresh = [one for one in able if one not in attempts]
    if fresh:
        return str(fresh[0])
    again = [one for one in able if attempts[one][0] != "wrong_number"]
    return str(min(again, key=lambda one: attempts[one][1])) if again else None
