"""What alerts can be asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.alerts.domain.codes import (
    Answer,
    Kind,
    Level,
    Outcome,
    Part,
    Presence,
    Reason,
    Responder,
    Session,
    Signal,
    TroubleKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What was found of one pupil."""

    child: str
    state: Presence
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRollCall:
    """Call the roll of a class, or amend it."""

    klass: str
    day: date
    session: Session
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseAlert:
    """Raise an alert, or add to the one that is open. Without a level, the kind's."""

    child: str
    kind: Kind
    level: Level | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachSignal:
    """Something was learnt that belongs to the child's open alert of this kind, if there is one."""

    child: str
    kind: Kind
    signal: Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAlert:
    """Acknowledge an alert."""

    alert: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateAlert:
    """An alert's time is up. `after` is how often it had climbed when its deadline was set."""

    alert: str
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordContactAttempt:
    """Somebody on the contact card was called."""

    alert: str
    contact: str
    result: Answer
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveAlert:
    """It is over."""

    alert: str
    outcome: Outcome
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a policy: who holds it, and for how many minutes."""

    role: Responder
    wait_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolicy:
    """Say how alerts of a kind climb in a division and what lies under it."""

    division: str
    kind: Kind
    steps: Sequence[Step]
    resolve_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A trouble that a service meets with a source."""

    kind: TroubleKind
    source: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTroubles:
    """All the troubles that a service has at present: what is not among them is over."""

    troubles: Sequence[Met]
