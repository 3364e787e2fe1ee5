"""What registry says: the places and people of authority, and what others must know of each child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.contracts.registry.calendar import EVENTS as _CALENDAR
from shared.contracts.registry.calendar import DaySet, TermSet
from shared.contracts.registry.erasing import EVENTS as _ERASING
from shared.contracts.registry.erasing import (
    ErasureRequested,
    ErasureSeconded,
    OpeningApproved,
    OpeningEnded,
    PersonErased,
    PersonRestricted,
    RestrictionLifted,
)
from shared.kernel.messages import Event, Person, PublicText, Ref, event, personal


@event("registry.division_registered", version=1)
@dataclass(frozen=True, kw_only=True)
class DivisionRegistered(Event):
    """A county, township or village. `level` is county, township or village."""

    division: Ref
    code: PublicText
    name: PublicText
    level: str
    parent: Ref | None
    valid_from: date


@event("registry.school_opened", version=1)
@dataclass(frozen=True, kw_only=True)
class SchoolOpened(Event):
    """A school in a division. `stages`: kindergarten, primary, junior, senior."""

    school: Ref
    name: PublicText
    division: Ref
    stages: tuple[str, ...]


@event("registry.class_formed", version=1)
@dataclass(frozen=True, kw_only=True)
class ClassFormed(Event):
    """A class of a school. `grade`: 1 to 12, 0 for a kindergarten."""

    klass: Ref
    school: Ref
    name: PublicText
    grade: int


@event("registry.staff_registered", version=1)
@dataclass(frozen=True, kw_only=True)
class StaffRegistered(Event):
    """A member of staff or a volunteer."""

    staff: Person
    name: str | None = personal("identity", of="staff")
    phone: str | None = personal("contact", of="staff")


@event("registry.role_granted", version=1)
@dataclass(frozen=True, kw_only=True)
class RoleGranted(Event):
    """A role for a division with what lies under it, a place, or the children assigned (`scope` says which)."""

    grant: Ref
    staff: Person
    role: str
    scope: str
    division: Ref | None = None
    place: Ref | None = None


@event("registry.role_ended", version=1)
@dataclass(frozen=True, kw_only=True)
class RoleEnded(Event):
    """A grant that holds no longer."""

    grant: Ref
    staff: Person


@event("registry.child_registered", version=1)
@dataclass(frozen=True, kw_only=True)
class ChildRegistered(Event):
    """A child under watch. `scope`: left_behind, hardship, migrating, former or other."""

    child: Person
    village: Ref
    school: Ref | None
    klass: Ref | None
    scope: str
    name: str | None = personal("identity", of="child")
    sex: str | None = personal("identity", of="child")
    born: date | None = personal("identity", of="child")


@event("registry.child_corrected", version=1)
@dataclass(frozen=True, kw_only=True)
class ChildCorrected(Event):
    """Name, sex or birth date as they are now known to be; all three are given."""

    child: Person
    name: str | None = personal("identity", of="child")
    sex: str | None = personal("identity", of="child")
    born: date | None = personal("identity", of="child")


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
    """The child is no longer under watch. `reason`: parents_returned, turned_sixteen, moved_away, error."""

    child: Person
    reason: str


@event("registry.child_returned", version=1)
@dataclass(frozen=True, kw_only=True)
class ChildReturned(Event):
    """The child is under watch again, where it was and with the same responsible person."""

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

    `relation`: father, mother, grandfather, grandmother, relative, carer, other. `status`: living, dead, unknown,
    imprisoned. `away`: works away from home.
    """

    child: Person
    contact: Person
    relation: str
    order: int
    status: str
    away: bool
    name: str | None = personal("contact", of="contact")
    phone: str | None = personal("contact", of="contact")
    other_phone: str | None = personal("contact", of="contact")
    occupation: str | None = personal("contact", of="contact")
    employer: str | None = personal("contact", of="contact")
    workplace: str | None = personal("contact", of="contact")
    employer_phone: str | None = personal("contact", of="contact")
    address: str | None = personal("contact", of="contact")


@event("registry.contact_removed", version=1)
@dataclass(frozen=True, kw_only=True)
class ContactRemoved(Event):
    """A person who no longer stands on the child's contact card."""

    child: Person
    contact: Person


@event("registry.care_arranged", version=1)
@dataclass(frozen=True, kw_only=True)
class CareArranged(Event):
    """Who looks after the child. `arrangement`: boarding, grandparents, relatives, carer, lodging, alone, parent."""

    child: Person
    arrangement: str
    since: date
    carer: Person | None = None


@event("registry.risk_found", version=1)
@dataclass(frozen=True, kw_only=True)
class RiskFound(Event):
    """A risk that the register shows. `risk`: living_alone, unattended_under_8, no_household_registration.

    未成年人保护法 art. 21: under 8 never unattended, under 16 never living alone.
    """

    child: Person
    risk: str


@event("registry.risk_cleared", version=1)
@dataclass(frozen=True, kw_only=True)
class RiskCleared(Event):
    """A risk that the register no longer shows."""

    child: Person
    risk: str


@event("registry.responsible_named", version=1)
@dataclass(frozen=True, kw_only=True)
class ResponsibleNamed(Event):
    """The one member of staff who answers for the child from now on."""

    child: Person
    staff: Person


EVENTS = (
    DivisionRegistered,
    SchoolOpened,
    ClassFormed,
    StaffRegistered,
    RoleGranted,
    RoleEnded,
    ChildRegistered,
    ChildCorrected,
    ChildEnrolled,
    ChildMoved,
    ChildLeft,
    ChildReturned,
    AddressRecorded,
    ContactRecorded,
    ContactRemoved,
    CareArranged,
    RiskFound,
    RiskCleared,
    ResponsibleNamed,
    *_ERASING,
    *_CALENDAR,
)

__all__ = [
    "EVENTS",
    "AddressRecorded",
    "CareArranged",
    "ChildCorrected",
    "ChildEnrolled",
    "ChildLeft",
    "ChildMoved",
    "ChildRegistered",
    "ChildReturned",
    "ClassFormed",
    "ContactRecorded",
    "ContactRemoved",
    "DaySet",
    "DivisionRegistered",
    "ErasureRequested",
    "ErasureSeconded",
    "OpeningApproved",
    "OpeningEnded",
    "PersonErased",
    "PersonRestricted",
    "ResponsibleNamed",
    "RestrictionLifted",
    "RiskCleared",
    "RiskFound",
    "RoleEnded",
    "RoleGranted",
    "SchoolOpened",
    "StaffRegistered",
    "TermSet",
]
