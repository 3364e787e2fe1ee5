"""What has happened in casework. Whatever somebody wrote is sealed for its child under the purpose `notes`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.casework.domain.codes import AccessKind, AgainstErasure, CloseReason, MediaType, NoteClass, Origin
from shared.kernel.messages import Event, Person, Ref, attached, event, personal


@event("casework.case_opened", version=1)
@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case for a child is open. `alert` names the alert that opened it."""

    case: Ref
    child: Person
    origin: Origin
    alert: Ref | None = None
    why: str | None = personal("notes", of="child")


@event("casework.alert_attached", version=1)
@dataclass(frozen=True, kw_only=True)
class AlertAttached(Event):
    """A further alert for the child belongs to its open case. Private."""

    case: Ref
    child: Person
    alert: Ref


@event("casework.note_added", version=1)
@dataclass(frozen=True, kw_only=True)
class NoteAdded(Event):
    """Somebody, the actor of the entry, wrote a note. Private."""

    case: Ref
    child: Person
    note: Ref
    note_class: NoteClass
    text: str | None = personal("notes", of="child")


@event("casework.file_attached", version=1)
@dataclass(frozen=True, kw_only=True)
class FileAttached(Event):
    """Somebody, the actor of the entry, attached a file of `size` bytes, which the entry commits to. Private."""

    case: Ref
    child: Person
    file: Ref = attached("notes", of="child")
    note_class: NoteClass
    media_type: MediaType
    size: int
    name: str | None = personal("notes", of="child")


@event("casework.counsellor_assigned", version=1)
@dataclass(frozen=True, kw_only=True)
class CounsellorAssigned(Event):
    """A counsellor answers for the case from now on. Private."""

    case: Ref
    child: Person
    staff: Person


@event("casework.case_closed", version=1)
@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    """The case is closed."""

    case: Ref
    child: Person
    reason: CloseReason
    text: str | None = personal("notes", of="child")


@event("casework.case_reopened", version=1)
@dataclass(frozen=True, kw_only=True)
class CaseReopened(Event):
    """The case is open again."""

    case: Ref
    child: Person
    text: str | None = personal("notes", of="child")


@event("casework.records_read", version=1)
@dataclass(frozen=True, kw_only=True)
class RecordsRead(Event):
    """Somebody read sensitive records of these people. `minute` counts the day's minutes in Asia/Shanghai. Private.

    Who read is the actor of the entry. 未成年人网络保护条例 art. 36: each access is recorded.
    """

    people: tuple[Person, ...]
    what: AccessKind
    case: Ref
    minute: int


@event("casework.erasure_weighed", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureWeighed(Event):
    """What stands in casework against erasing a person: codes, and the day after which nothing does, if it is known."""

    erasure: Ref
    request: int
    child: Person
    reasons: tuple[AgainstErasure, ...]
    until: date | None = None


@event("casework.person_erased", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """Nothing personal about these people is left in casework: keys, sealed parts and views."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


@event("casework.person_restricted", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonRestricted(Event):
    """What casework keeps of these people is closed."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


@event("casework.restriction_lifted", version=1)
@dataclass(frozen=True, kw_only=True)
class RestrictionLifted(Event):
    """What casework keeps of these people is used again."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


EVENTS = (
    CaseOpened,
    AlertAttached,
    NoteAdded,
    FileAttached,
    CounsellorAssigned,
    CaseClosed,
    CaseReopened,
    RecordsRead,
    ErasureWeighed,
    PersonErased,
    PersonRestricted,
    RestrictionLifted,
)
