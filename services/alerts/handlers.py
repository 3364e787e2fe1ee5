"""Alerts' commands: permission, aggregate, decision. The claim on one open alert has the last word on a second one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from services.alerts import views as v
from services.alerts.domain import commands as c
from services.alerts.domain.alert import Alert
from services.alerts.domain.codes import LEVELS, Kind, Level, Part, Responder, Signal
from services.alerts.domain.policy import DEFAULT, Policy, Terms, policy_id
from services.alerts.domain.reading import Readings, readings_id
from services.alerts.domain.roll_call import Missed, RollCall, roll_call_id
from services.alerts.domain.trouble import Trouble, trouble_id
from services.alerts.views.troubles import open_troubles
from shared.access import tables as access
from shared.access.permissions import Permission
from shared.access.principals import Call, by_system
from shared.eventstore.timers import Timer
from shared.eventstore.work import Decision, Work
from shared.hosting.foundation import Foundation
from shared.kernel.aggregate import Aggregate
from shared.kernel.clock import SHANGHAI, day_of
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Changed, Denied, NotFound, Refusal

_RACES = 5
"""How often a decision is taken anew that ran into somebody else's alert."""


class Handlers:
    """What alerts' command doors lead to, and what its timers ring for."""

    def __init__(self, base: Foundation) -> None:
        self._base, self._gate, self._desk, self._clock = base, base.gate, base.desk, base.clock

    def take_roll_call(self, call: Call[c.TakeRollCall]) -> Decision:
        """Take or amend a class's roll call. Who is absent without a reason has an alert in the same decision."""
        data, today = call.data, day_of(self._clock.now())

        def take(work: Work) -> RollCall:
            self._gate.clear(work.tx, call, place=data.klass)
            roll = work.find(RollCall, roll_call_id(data.klass, data.day, data.session), opened=True)
            work.expect(roll)
            _must_be_of_class(work.tx, data.klass, [one.child for one in data.marks if one.child not in roll.marks])
            found = roll.take(klass=data.klass, day=data.day, session=data.session, marks=data.marks, today=today)
            for one in found:
                if isinstance(one, Missed):
                    alert_id = derived_id(call.command_id, f"alerts.absence {one.child}")
                    told = (Signal.ABSENT_AGAIN, None, None, roll.id)
                    _raise(work, alert_id, one.child, Kind.ABSENCE, *told)
                else:
                    known = _open_alert(work, one.child, Kind.ABSENCE)
                    if known is not None:
                        known.attach(one.signal, roll_call=roll.id)
            return roll

        return self._raising(call, take)

    def raise_alert(self, call: Call[c.RaiseAlert]) -> Decision:
        """Raise an alert, or attach a signal to the open one of its kind, whose id the decision then gives."""
        data = call.data

        def decide(work: Work) -> Alert:
            self._gate.clear(work.tx, call, child=data.child)
            if not call.principal.is_system:
                _must_be_known(work.tx, data.child)
            again = (Signal.RAISED_AGAIN, data.level, data.note, None)
            return _raise(work, call.command_id, data.child, data.kind, *again)

        return self._raising(call, decide)

    def attach_signal(self, call: Call[c.AttachSignal]) -> None:
        """Tell the child's open alert of a kind what was learnt; where none is open there is nothing to tell."""
        data = call.data

        def attach(work: Work) -> Alert:
            self._gate.clear(work.tx, call, child=data.child)
            alert = _open_alert(work, data.child, data.kind)
            if alert is None:
                return Alert(call.command_id)
            alert.attach(data.signal)
            return alert

        self._desk.decide(call.order(), attach)

    def acknowledge_alert(self, call: Call[c.OfAlert]) -> Decision:
        """Take an alert in hand. Refuses `alerts.already_acknowledged {by, by_name, at}` when another was faster."""

        def acknowledge(work: Work) -> Alert:
            alert = work.load(Alert, call.data.alert)
            self._gate.clear(work.tx, call, child=alert.child)
            try:
                alert.acknowledge(by=call.principal.id)  # before the version: who is too late shall hear who has it
            except Refusal as refusal:
                raise _with_who(work.tx, alert.id, refusal) from refusal
            work.expect(alert)
            return alert

        try:
            return self._desk.decide(call.order(), acknowledge)
        except Changed:
            # Somebody was faster by the blink of an eye: deciding anew says who, where that is the reason.
            return self._desk.decide(call.order(), acknowledge)

    def record_contact_attempt(self, call: Call[c.RecordContactAttempt]) -> Decision:
        """Record a call to somebody on the card. Refuses `alerts.contact_unknown`."""
        data = call.data

        def record(alert: Alert, work: Work) -> None:
            on_card = select(v.contacts.c.contact).where(
                v.contacts.c.child == alert.child, v.contacts.c.contact == data.contact
            )
            if work.tx.execute(on_card).first() is None:
                raise Refusal("alerts.contact_unknown")
            alert.record_attempt(contact=data.contact, result=data.result, note=data.note)

        return self._on(call, data.alert, record)

    def resolve_alert(self, call: Call[c.ResolveAlert]) -> Decision:
        """Resolve an alert."""
        data = call.data
        return self._on(call, data.alert, lambda alert, _: alert.resolve(data.outcome, note=data.note))

    def set_policy(self, call: Call[c.SetPolicy]) -> Decision:
        """Set the policy for a kind of alert in a division."""
        data = call.data

        def decide(work: Work) -> Policy:
            self._gate.clear(work.tx, call, division=data.division)
            policy = work.find(Policy, policy_id(data.division, data.kind))
            work.expect(policy)
            policy.set(division=data.division, kind=data.kind, steps=data.steps, resolve_minutes=data.resolve_minutes)
            return policy

        return self._desk.decide(call.order(), decide)

    def report_troubles(self, call: Call[c.ReportTroubles]) -> Decision:
        """Raise the troubles that a service meets and resolve those that it no longer does. Only services report."""

        def decide(work: Work) -> Aggregate:
            self._gate.clear(work.tx, call, anywhere=True)
            reader = _reporting(call)
            met = {trouble_id(one.kind, reader, one.source): one for one in call.data.troubles}
            t = open_troubles.c
            known = set(work.tx.execute(select(t.trouble).where(t.reader == reader)).scalars())
            found = work.find_all(Trouble, sorted(met.keys() | known))
            for trouble, it in found.items():
                if trouble in met:
                    it.rise(met[trouble].kind, reader=reader, source=met[trouble].source)
                else:
                    it.resolve()
            return next((it for it in found.values() if it.recorded), Trouble(call.command_id))

        return self._desk.decide(call.order(), decide)

    def escalate(self, tx: Connection, timer: Timer) -> None:
        """An alert's time is up."""
        command = c.EscalateAlert(alert=timer.subject, after=timer.data["after"])
        may = Permission.ALERT_RAISE
        call = by_system("alerts", command, may, name="escalate", command_id=timer.command_id, within=tx)
        self._on(call, command.alert, lambda alert, _: alert.escalate(after=command.after))

    def note_reading(self, call: Call[Any], child: str) -> None:
        """Record that the caller, who was cleared to, reads a contact card."""
        now = self._clock.now().astimezone(SHANGHAI)

        def note(work: Work) -> Readings:
            readings = work.find(Readings, readings_id(call.principal.id, now.date()))
            readings.read(child, minute=now.hour * 60 + now.minute)
            return readings

        self._desk.decide(call.order(), note)

    def _on(self, call: Call[Any], alert_id: str, act: Callable[[Alert, Work], None]) -> Decision:
        def decide(work: Work) -> Alert:
            alert = work.load(Alert, alert_id)
            self._gate.clear(work.tx, call, child=alert.child)
            work.expect(alert)
            act(alert, work)
            return alert

        return self._desk.decide(call.order(), decide)

    def _raising(self, call: Call[Any], decide: Callable[[Work], Aggregate]) -> Decision:
        """Decide; where another raises the same alert at the same moment, decide anew and find it open.

        Two roll calls that raise several alerts each may also wait for each other; the database lets one go on.
        """
        for _ in range(_RACES):
            try:
                return self._desk.decide(call.order(), decide)
            except DBAPIError as error:
                words = str(error.orig)
                lost = any(one in words for one in (*v.ONE_OPEN, "deadlock detected"))
                if not lost or call.within is not None:  # the follower takes a reaction's transaction anew
                    raise
        return self._desk.decide(call.order(), decide)


def _raise(
    work: Work,
    alert_id: str,
    child: str,
    kind: Kind,
    again: Signal,
    level: Level | None,
    note: str | None,
    roll_call: str | None,
) -> Alert:
    known = _open_alert(work, child, kind)
    if known is not None:
        known.attach(again, level=level, roll_call=roll_call, note=note)
        return known
    alert = work.find(Alert, alert_id)
    where = work.tx.execute(select(access.children).where(access.children.c.child == child)).one_or_none()
    village = where.village if where else None
    alert.open(
        child=child,
        kind=kind,
        level=level or LEVELS[kind],
        terms=_terms(work.tx, village, kind),
        village=village,
        school=where.school if where else None,
        klass=where.klass if where else None,
        roll_call=roll_call,
        note=note,
    )
    return alert


def _open_alert(work: Work, child: str, kind: Kind) -> Alert | None:
    o = v.open_alerts.c
    known = work.tx.execute(select(o.alert).where(o.child == child, o.kind == kind)).scalar()
    return work.load(Alert, known) if known else None


def _terms(tx: Connection, division: str | None, kind: Kind) -> Terms:
    """The policy of the nearest division that has one, from the village upwards; the default where none has."""
    p, d = v.policies.c, access.divisions.c
    while division is not None:
        row = tx.execute(select(v.policies).where(p.division == division, p.kind == kind)).one_or_none()
        if row is not None:
            return Terms(
                policy=row.policy,
                version=row.number,
                steps=tuple(
                    c.Step(role=Responder(role), wait_minutes=wait)
                    for role, wait in zip(row.roles, row.waits, strict=True)
                ),
                resolve_minutes=row.resolve_minutes,
            )
        division = tx.execute(select(d.parent).where(d.division == division)).scalar()
    return DEFAULT


def _reporting(call: Call[Any]) -> Part:
    """The service that reports. Raises Denied for anybody else."""
    name = call.principal.id.removeprefix("system:")
    if not call.principal.is_system or name not in list(Part):
        raise Denied(str(call.permission))
    return Part(name)


def _with_who(tx: Connection, alert: str, refusal: Refusal) -> Refusal:
    if refusal.code != "alerts.already_acknowledged":
        return refusal
    a, s = v.alerts.c, access.staff.c
    query = select(a.acknowledged_at, s.name).outerjoin(access.staff, s.staff == a.acknowledged_by)
    row = tx.execute(query.where(a.alert == alert)).one()
    name = {"by_name": row.name} if row.name else {}
    return Refusal(refusal.code, **refusal.facts, **name, at=row.acknowledged_at.isoformat())


def _must_be_known(tx: Connection, child: str) -> None:
    if tx.execute(select(access.children.c.child).where(access.children.c.child == child)).first() is None:
        raise NotFound("child", id=child)


def _must_be_of_class(tx: Connection, klass: str, children: Sequence[str]) -> None:
    k = access.children.c
    pupils = set(tx.execute(select(k.child).where(k.klass == klass, k.present.is_(True))).scalars())
    strangers = [one for one in children if one not in pupils]
    if strangers:
        raise Refusal("alerts.not_in_class", children=strangers)
