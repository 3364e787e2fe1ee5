"""What alerts says: that a child's safety is in question, who has it in hand, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.kernel.messages import Event, Person, Ref, event


@event("alerts.alert_raised", version=1)
@dataclass(frozen=True, kw_only=True)
class AlertRaised(Event):
    """An alert is open. `kind`: absence, incident, living_alone, unattended_under_8 …; `level`: red, orange, yellow."""

    alert: Ref
    child: Person
    kind: str
    level: str
    village: Ref | None
    school: Ref | None
    klass: Ref | None


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
    """Nobody acknowledged in time, or who did has not resolved it in time; it climbs to `step`, held by `role`."""

    alert: Ref
    child: Person
    step: int
    role: str


@event("alerts.contact_attempted", version=1)
@dataclass(frozen=True, kw_only=True)
class ContactAttempted(Event):
    """Someone on the contact card was called. `result`: reached, no_answer, wrong_number, switched_off."""

    alert: Ref
    child: Person
    contact: Person
    result: str


@event("alerts.alert_resolved", version=1)
@dataclass(frozen=True, kw_only=True)
class AlertResolved(Event):
    """It is over. `outcome`: found_safe, with_family, ill, injured, false_alarm, handed_to_police, other."""

    alert: Ref
    child: Person
    outcome: str


@event("alerts.erasure_weighed", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureWeighed(Event):
    """What stands in alerts against erasing a person: codes, and the day after which nothing does, if it is known."""

    erasure: Ref
    request: int
    child: Person
    reasons: tuple[str, ...]
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
    AlertRaised,
    AlertAcknowledged,
    AlertEscalated,
    ContactAttempted,
    AlertResolved,
    ErasureWeighed,
    PersonErased,
    PersonRestricted,
    RestrictionLifted,
)
