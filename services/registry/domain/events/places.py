"""Divisions, schools, classes, staff and the roles they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.registry.domain.codes import AccountAct, GrantScope, Level, StaffRole, Stage
from shared.kernel.messages import Event, Person, PublicText, Ref, event, personal


@event("registry.division_registered", version=1)
@dataclass(frozen=True, kw_only=True)
class DivisionRegistered(Event):
    """A county, township or village."""

    division: Ref
    code: PublicText
    name: PublicText
    level: Level
    parent: Ref | None
    valid_from: date


@event("registry.school_opened", version=1)
@dataclass(frozen=True, kw_only=True)
class SchoolOpened(Event):
    """A school in a division."""

    school: Ref
    name: PublicText
    division: Ref
    stages: tuple[Stage, ...]


@event("registry.class_formed", version=1)
@dataclass(frozen=True, kw_only=True)
class ClassFormed(Event):
    """A class of a school. `grade`: 1 to 12, 0 for a kindergarten."""

    klass: Ref
    school: Ref
    name: PublicText
    grade: int


@event("registry.class_counted", version=1)
@dataclass(frozen=True, kw_only=True)
class ClassCounted(Event):
    """How many pupils a class has on its roll, and how many of them are left behind. Private."""

    klass: Ref
    pupils: int
    left_behind: int
    on: date


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
    """A role for a division with what lies under it, a place, or the children assigned."""

    grant: Ref
    staff: Person
    role: StaffRole
    scope: GrantScope
    division: Ref | None = None
    place: Ref | None = None


@event("registry.role_ended", version=1)
@dataclass(frozen=True, kw_only=True)
class RoleEnded(Event):
    """A grant that holds no longer."""

    grant: Ref
    staff: Person


@event("registry.account_managed", version=1)
@dataclass(frozen=True, kw_only=True)
class AccountManaged(Event):
    """An administrator's act on a person's account at the console. Private: no neighbour needs it."""

    staff: Person
    act: AccountAct
