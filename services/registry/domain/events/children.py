"""A child: who it is, where it lives and learns, who looks after it, whom to call, who answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.registry.domain.codes import (
    AccessKind,
    Arrangement,
    ChildScope,
    ContactStatus,
    IdentityMissing,
    LeaveReason,
    Relation,
    Risk,
    Sex,
)
from shared.kernel.messages import Event, Person, Ref, event, personal


@event("registry.child_registered", version=1)
@dataclass(frozen=True, kw_only=True)
class ChildRegistered(Event):
    """A child under watch."""

    child: Person
    village: Ref
    school: Ref | None
    klass: Ref | None
    scope: ChildScope
    name: str | None = personal("identity", of="child")
    sex: Sex | None = personal("identity", of="child")
    born: date | None = personal("identity", of="child")


@event("registry.child_corrected", version=1)
@dataclass(frozen=True, kw_only=True)
class ChildCorrected(Event):
    """Name, sex or birth date as they are now known to be; all three are given."""

    child: Person
    name: str | None = personal("identity", of="child")
    sex: Sex | None = personal("identity", of="child")
    born: date | None = personal("identity", of="child")


@event("registry.identity_recorded", version=1)
@dataclass(frozen=True, kw_only=True)
class IdentityRecorded(Event):
    """The identity number, or why there is none. Private: no neighbour needs the number."""

    child: Person
    missing: IdentityMissing | None = None
    number: str | None = personal("identity", of="child")


@event("registry.child_enrolled", version=1)
@dataclass(frozen=True, kw_only=True)
class ChildEnrolled(Event):
    """The school and class that the child now attends; none when it attends none."""

    child: Person
    school: Ref | None
    klass: Ref | None


@event("registry.child_moved", version=1)
@dataclass(frozen=True, kw_only=True)
class ChildMoved(Event):
    """The village that the child now lives in."""

    child: Person
    village: Ref


@event("registry.child_left", version=1)
@dataclass(frozen=True, kw_only=True)
class ChildLeft(Event):
    """The child is no longer under watch."""

    child: Person
    reason: LeaveReason


@event("registry.child_returned", version=1)
@dataclass(frozen=True, kw_only=True)
class ChildReturned(Event):
    """The child is under watch again."""

    child: Person


@event("registry.address_recorded", version=1)
@dataclass(frozen=True, kw_only=True)
class AddressRecorded(Event):
    """Where the child lives."""

    child: Person
    address: str | None = personal("contact", of="child")


@event("registry.contact_recorded", version=1)
@dataclass(frozen=True, kw_only=True)
class ContactRecorded(Event):
    """A person on the child's contact card, as now known. `order` is the calling order, from 1.

    `away`: works away from home. Age (years, as told) and health stay in registry.
    """

    child: Person
    contact: Person
    relation: Relation
    order: int
    status: ContactStatus
    away: bool
    name: str | None = personal("contact", of="contact")
    phone: str | None = personal("contact", of="contact")
    other_phone: str | None = personal("contact", of="contact")
    occupation: str | None = personal("contact", of="contact")
    employer: str | None = personal("contact", of="contact")
    workplace: str | None = personal("contact", of="contact")
    employer_phone: str | None = personal("contact", of="contact")
    address: str | None = personal("contact", of="contact")
    age: int | None = personal("health", of="contact")
    health: str | None = personal("health", of="contact")


@event("registry.contact_removed", version=1)
@dataclass(frozen=True, kw_only=True)
class ContactRemoved(Event):
    """A person who no longer stands on the child's contact card."""

    child: Person
    contact: Person


@event("registry.care_arranged", version=1)
@dataclass(frozen=True, kw_only=True)
class CareArranged(Event):
    """Who looks after the child since a day. `carer` is a person on the contact card."""

    child: Person
    arrangement: Arrangement
    since: date
    carer: Person | None = None


@event("registry.risk_found", version=1)
@dataclass(frozen=True, kw_only=True)
class RiskFound(Event):
    """A risk that the register shows.

    未成年人保护法 art. 21: under 8 never unattended, under 16 never living alone.
    """

    child: Person
    risk: Risk


@event("registry.risk_cleared", version=1)
@dataclass(frozen=True, kw_only=True)
class RiskCleared(Event):
    """A risk that the register no longer shows."""

    child: Person
    risk: Risk


@event("registry.responsible_named", version=1)
@dataclass(frozen=True, kw_only=True)
class ResponsibleNamed(Event):
    """The one member of staff who answers for the child from now on."""

    child: Person
    staff: Person


@event("registry.records_read", version=1)
@dataclass(frozen=True, kw_only=True)
class RecordsRead(Event):
    """Someone read sensitive records of these people. `minute` counts the day's minutes in Asia/Shanghai. Private.

    Who read is the actor of the entry. 未成年人网络保护条例 art. 36: each access is recorded.
    """

    people: tuple[Person, ...]
    what: AccessKind
    minute: int
