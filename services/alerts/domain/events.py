"""What has happened in alerts.

Why a pupil is absent and whatever somebody wrote is sealed; who is on a roll and what it found are codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.alerts.domain.codes import (
    AgainstErasure,
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
from shared.kernel.messages import Event, Person, Ref, event, personal


@event("alerts.roll_call_taken", version=1)
@dataclass(frozen=True, kw_only=True)
class RollCallTaken(Event):
    """The roll of a class was called. `present` were there; each other pupil has a `PupilMarked`."""

    roll_call: Ref
    klass: Ref
    day: date
    session: Session
    present: tuple[Person, ...]


@event("alerts.pupil_marked", version=1)
@dataclass(frozen=True, kw_only=True)
class PupilMarked(Event):
    """What was found of a pupil who was not simply there, or what is known of them now.

    `explained` says whether there is a reason, which stays true when the reason itself is erased.
    """

    roll_call: Ref
    child: Person
    state: Presence
    explained: bool
    reason: Reason | None = personal("incident", of="child")


@event("alerts.alert_raised", version=1)
@dataclass(frozen=True, kw_only=True)
class AlertRaised(Event):
    """An alert is open.

    It carries its policy as it was then: who holds each step (`roles`), for how many minutes (`waits`), and how many
    minutes whoever acknowledges has (`resolve_minutes`). `policy` is None for the service's own default.
    """

    alert: Ref
    child: Person
    kind: Kind
    level: Level
    village: Ref | None
    school: Ref | None
    klass: Ref | None
    policy: Ref | None
    policy_version: int
    roles: tuple[Responder, ...]
    waits: tuple[int, ...]
    resolve_minutes: int
    roll_call: Ref | None = None
    note: str | None = personal("incident", of="child")


@event("alerts.signal_attached", version=1)
@dataclass(frozen=True, kw_only=True)
class SignalAttached(Event):
    """Something was learnt while the alert was open. `level` is how grave it is from now on."""

    alert: Ref
    child: Person
    signal: Signal
    level: Level
    roll_call: Ref | None = None
    note: str | None = personal("incident", of="child")


@event("alerts.alert_acknowledged", version=1)
@dataclass(frozen=True, kw_only=True)
class AlertAcknowledged(Event):
    """Someone has it in hand."""

    alert: Ref
    child: Person
    by: Person


@event("alerts.alert_escalated", version=1)
@dataclass(frozen=True, kw_only=True)
class AlertEscalated(Event):
    """Its time was up. It waits to be acknowledged at `step` (from 1), for the `times`-th time after it was raised."""

    alert: Ref
    child: Person
    step: int
    role: Responder
    times: int


@event("alerts.contact_attempted", version=1)
@dataclass(frozen=True, kw_only=True)
class ContactAttempted(Event):
    """Someone on the contact card was called."""

    alert: Ref
    child: Person
    contact: Person
    result: Answer
    note: str | None = personal("incident", of="child")


@event("alerts.alert_resolved", version=1)
@dataclass(frozen=True, kw_only=True)
class AlertResolved(Event):
    """It is over."""

    alert: Ref
    child: Person
    outcome: Outcome
    note: str | None = personal("incident", of="child")


@event("alerts.policy_set", version=1)
@dataclass(frozen=True, kw_only=True)
class PolicySet(Event):
    """How alerts of a kind climb in a division from now on; alerts that are open keep the policy they have."""

    policy: Ref
    division: Ref
    kind: Kind
    number: int
    roles: tuple[Responder, ...]
    waits: tuple[int, ...]
    resolve_minutes: int


@event("alerts.card_read", version=1)
@dataclass(frozen=True, kw_only=True)
class CardRead(Event):
    """Someone read a child's contact card. `minute` counts the day's minutes in Asia/Shanghai. Private."""

    child: Person
    minute: int


@event("alerts.trouble_raised", version=1)
@dataclass(frozen=True, kw_only=True)
class TroubleRaised(Event):
    """Something is wrong between two services, about no child: `reader` does not hear, or cannot apply, `source`.

    Private: it is for those who run the house.
    """

    trouble: Ref
    kind: TroubleKind
    reader: Part
    source: Part


@event("alerts.trouble_resolved", version=1)
@dataclass(frozen=True, kw_only=True)
class TroubleResolved(Event):
    """The reader says that it is over."""

    trouble: Ref


@event("alerts.erasure_weighed", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureWeighed(Event):
    """What stands in alerts against erasing a person: codes, and the day after which nothing does, if it is known."""

    erasure: Ref
    request: int
    child: Person
    reasons: tuple[AgainstErasure, ...]
    until: date | None = None


@event("alerts.person_erased", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """Nothing personal about these people is left in alerts: keys, sealed parts and views."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


@event("alerts.person_restricted", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonRestricted(Event):
    """What alerts keeps of these people is closed."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


@event("alerts.restriction_lifted", version=1)
@dataclass(frozen=True, kw_only=True)
class RestrictionLifted(Event):
    """What alerts keeps of these people is used again."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


EVENTS = (
    RollCallTaken,
    PupilMarked,
    AlertRaised,
    SignalAttached,
    AlertAcknowledged,
    AlertEscalated,
    ContactAttempted,
    AlertResolved,
    PolicySet,
    CardRead,
    TroubleRaised,
    TroubleResolved,
    ErasureWeighed,
    PersonErased,
    PersonRestricted,
    RestrictionLifted,
)
