"""An alert: a child's safety is in question until somebody resolves it, and somebody's turn it is until then."""

from __future__ import annotations

from dataclasses import dataclass

from services.alerts.domain.codes import AlertState, Answer, Kind, Level, Outcome, Responder, Signal
from services.alerts.domain.events import (
    AlertAcknowledged,
    AlertEscalated,
    AlertRaised,
    AlertResolved,
    ContactAttempted,
    SignalAttached,
)
from services.alerts.domain.policy import Terms
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What comes if nothing is done: after so many minutes from the last step the alert climbs to this role."""

    step: int
    role: Responder
    minutes: int


def next_step(roles: tuple[Responder, ...], waits: tuple[int, ...], step: int, within: int | None) -> Next:
    """What follows on a step (from 1) of a policy. `within` is the time of whoever acknowledged, if somebody did."""
    following = min(step + 1, len(roles))
    return Next(step=following, role=roles[following - 1], minutes=waits[step - 1] if within is None else within)


class Alert(Aggregate):
    """One alert with its copy of the policy."""

    service = "alerts"
    kind = "alert"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.child = ""
        self.level = Level.YELLOW
        self.state = AlertState.RAISED
        self.by: str | None = None
        self.outcome: Outcome | None = None
        self.roles: tuple[Responder, ...] = ()
        self.waits: tuple[int, ...] = ()
        self.resolve_minutes = 0
        self.step = 0
        self.times = 0

    @property
    def next(self) -> Next | None:
        """What comes next. None only when it is resolved."""
        if self.state is AlertState.RESOLVED:
            return None
        within = self.resolve_minutes if self.state is AlertState.ACKNOWLEDGED else None
        return next_step(self.roles, self.waits, self.step, within)

    def open(
        self,
        *,
        child: str,
        kind: Kind,
        level: Level,
        terms: Terms,
        village: str | None,
        school: str | None,
        klass: str | None,
        roll_call: str | None = None,
        note: str | None = None,
    ) -> None:
        """Raise it under these terms. Raising it again changes nothing."""
        if self.exists:
            return
        self.record(
            AlertRaised(
                alert=Ref(self.id),
                child=Person(child),
                kind=kind,
                level=level,
                village=_ref(village),
                school=_ref(school),
                klass=_ref(klass),
                policy=_ref(terms.policy),
                policy_version=terms.version,
                roles=tuple(one.role for one in terms.steps),
                waits=tuple(one.wait_minutes for one in terms.steps),
                resolve_minutes=terms.resolve_minutes,
                roll_call=_ref(roll_call),
                note=note or None,
            )
        )

    def attach(
        self, signal: Signal, *, level: Level | None = None, roll_call: str | None = None, note: str | None = None
    ) -> None:
        """Add what was learnt. It may make the alert graver, never lighter. Refuses `alerts.already_resolved`."""
        self._must_be_open()
        graver = min(self.level, level or self.level, key=lambda one: one.rank)
        self.record(
            SignalAttached(
                alert=Ref(self.id),
                child=Person(self.child),
                signal=signal,
                level=graver,
                roll_call=_ref(roll_call),
                note=note or None,
            )
        )

    def acknowledge(self, *, by: str) -> None:
        """Take it in hand. Twice by the same person is once.

        Refuses `alerts.already_acknowledged {by}` when another has it, and `alerts.already_resolved`.
        """
        self._must_be_open()
        if self.by == by:
            return
        if self.by is not None:
            raise Refusal("alerts.already_acknowledged", by=self.by)
        self.record(AlertAcknowledged(alert=Ref(self.id), child=Person(self.child), by=Person(by)))

    def escalate(self, *, after: int) -> None:
        """Its time is up: it climbs, and whoever acknowledged has it no longer. The last step comes again and again.

        `after` is how often it had climbed when the deadline was set; a deadline that is no longer the present one,
        or that comes when all is over, changes nothing.
        """
        ahead = self.next
        if ahead is None or after != self.times:
            return
        self.record(
            AlertEscalated(
                alert=Ref(self.id), child=Person(self.child), step=ahead.step, role=ahead.role, times=self.times + 1
            )
        )

    def record_attempt(self, *, contact: str, result: Answer, note: str | None = None) -> None:
        """Somebody on the contact card was called. Refuses `alerts.already_resolved`."""
        self._must_be_open()
        self.record(
            ContactAttempted(
                alert=Ref(self.id), child=Person(self.child), contact=Person(contact), result=result, note=note or None
            )
        )

    def resolve(self, outcome: Outcome, *, note: str | None = None) -> None:
        """It is over. The same outcome again changes nothing; another refuses `alerts.already_resolved {outcome}`."""
        if self.outcome is outcome:
            return
        self._must_be_open()
        self.record(AlertResolved(alert=Ref(self.id), child=Person(self.child), outcome=outcome, note=note or None))

    def _must_be_open(self) -> None:
        if self.outcome is not None:
            raise Refusal("alerts.already_resolved", outcome=self.outcome.value)

    def _apply_alert_raised(self, event: AlertRaised) -> None:
        self.child, self.level = event.child, event.level
        self.roles, self.waits, self.resolve_minutes = event.roles, event.waits, event.resolve_minutes
        self.step = 1

    def _apply_signal_attached(self, event: SignalAttached) -> None:
        self.level = event.level

    def _apply_alert_acknowledged(self, event: AlertAcknowledged) -> None:
        self.state, self.by = AlertState.ACKNOWLEDGED, event.by

    def _apply_alert_escalated(self, event: AlertEscalated) -> None:
        self.state, self.by = AlertState.RAISED, None
        self.step, self.times = event.step, event.times

    def _apply_contact_attempted(self, event: ContactAttempted) -> None:
        """Nothing that a decision needs."""

    def _apply_alert_resolved(self, event: AlertResolved) -> None:
        self.state, self.outcome = AlertState.RESOLVED, event.outcome


def _ref(value: str | None) -> Ref | None:
    return Ref(value) if value else None
