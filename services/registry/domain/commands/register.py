"""What registry is asked to do. Texts come in trimmed and numbers in one form: the schemas see to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.registry.domain.codes import (
    AccountAct,
    Arrangement,
    ChildScope,
    ContactStatus,
    GrantScope,
    IdentityMissing,
    LeaveReason,
    LegalBasis,
    Level,
    Relation,
    Sex,
    StaffRole,
    Stage,
)


@dataclass(frozen=True, kw_only=True)
class DivisionRow:
    """A division by its code, with its parent's code."""

    code: str
    name: str
    level: Level
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class RegisterDivisions:
    """Register divisions, all or none. Parents may stand in the same list, in any order."""

    divisions: tuple[DivisionRow, ...]
    valid_from: date | None = None


@dataclass(frozen=True, kw_only=True)
class OpenSchool:
    """Open a school in a division."""

    name: str
    division: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, kw_only=True)
class FormClass:
    """Form a class of a school."""

    school: str
    name: str
    grade: int


@dataclass(frozen=True, kw_only=True)
class RegisterStaff:
    """Register a member of staff or a volunteer."""

    name: str
    phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class GrantRole:
    """Grant a role for a division, a place (school or class) or the children assigned."""

    staff: str
    role: StaffRole
    scope: GrantScope
    division: str | None = None
    place: str | None = None


@dataclass(frozen=True, kw_only=True)
class EndGrant:
    """End a grant."""

    staff: str
    grant: str


@dataclass(frozen=True, kw_only=True)
class ManageAccount:
    """Record what an administrator does with somebody's account at the console."""

    staff: str
    act: AccountAct


@dataclass(frozen=True, kw_only=True)
class ContactDetails:
    """What is known of a contact. `age` in years and `health` in words, as told."""

    relation: Relation
    name: str | None = None
    phone: str | None = None
    other_phone: str | None = None
    status: ContactStatus = ContactStatus.LIVING
    away: bool = False
    occupation: str | None = None
    employer: str | None = None
    workplace: str | None = None
    employer_phone: str | None = None
    address: str | None = None
    age: int | None = None
    health: str | None = None


@dataclass(frozen=True, kw_only=True)
class RegisterChild:
    """Register a child with whatever is known of it.

    Contacts stand in calling order; `carer` is the place of the one who looks after the child among them, from 1.
    `different_from` names children that look alike and were judged to be others.
    """

    name: str
    sex: Sex | None
    born: date
    village: str
    scope: ChildScope = ChildScope.LEFT_BEHIND
    school: str | None = None
    klass: str | None = None
    address: str | None = None
    identity_number: str | None = None
    identity_missing: IdentityMissing | None = None
    contacts: tuple[ContactDetails, ...] = ()
    arrangement: Arrangement | None = None
    since: date | None = None
    carer: int | None = None
    responsible: str | None = None
    different_from: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CorrectChild:
    """Put name, sex or birth date right; what is not given stays."""

    child: str
    name: str | None = None
    sex: Sex | None = None
    born: date | None = None


@dataclass(frozen=True, kw_only=True)
class RecordIdentity:
    """Record the identity number, or why it is missing: one of the two."""

    child: str
    number: str | None = None
    missing: IdentityMissing | None = None


@dataclass(frozen=True, kw_only=True)
class RecordAddress:
    """Record where the child lives."""

    child: str
    address: str


@dataclass(frozen=True, kw_only=True)
class EnrolChild:
    """Enrol the child at a school and in a class of it, or nowhere."""

    child: str
    school: str | None = None
    klass: str | None = None


@dataclass(frozen=True, kw_only=True)
class MoveChild:
    """The child lives in another village now."""

    child: str
    village: str


@dataclass(frozen=True, kw_only=True)
class RecordDeparture:
    """The child is no longer under watch."""

    child: str
    reason: LeaveReason


@dataclass(frozen=True, kw_only=True)
class RecordReturn:
    """The child is under watch again."""

    child: str


@dataclass(frozen=True, kw_only=True)
class ArrangeCare:
    """Who looks after the child since a day; `carer` stands on the contact card."""

    child: str
    arrangement: Arrangement
    since: date
    carer: str | None = None


@dataclass(frozen=True, kw_only=True)
class RecordContact:
    """Put a person on the contact card, or change what it says of one (`contact`). `order`: none keeps it, or last."""

    child: str
    details: ContactDetails
    contact: str | None = None
    order: int | None = None


@dataclass(frozen=True, kw_only=True)
class RemoveContact:
    """Take a person off the contact card."""

    child: str
    contact: str


@dataclass(frozen=True, kw_only=True)
class NameResponsible:
    """Name the one member of staff who answers for the child."""

    child: str
    staff: str


@dataclass(frozen=True, kw_only=True)
class WeighRisks:
    """Look again at the risks that depend on the child's age: a birthday has come."""

    child: str


@dataclass(frozen=True, kw_only=True)
class UploadRoster:
    """Keep a roster file, sealed, until its import has started. A large one comes in `parts`, in any order."""

    content: bytes
    upload: str | None = None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True, kw_only=True)
class ConfirmMapping:
    """Remember which column (from 1) holds which field, for all sheets with the same headings (`key`)."""

    key: str
    mapping: dict[int, str]


@dataclass(frozen=True, kw_only=True)
class StartImport:
    """Start to import an uploaded roster. `school`: the one that all rows belong to; none: the file names them."""

    upload: str
    legal_basis: LegalBasis
    school: str | None = None


@dataclass(frozen=True, kw_only=True)
class ImportChunk:
    """Import the next chunk, or the one of this number (from 1) and nothing if it is done."""

    roster: str
    chunk: int | None = None


@dataclass(frozen=True, kw_only=True)
class AbandonImport:
    """Give an import up."""

    roster: str
