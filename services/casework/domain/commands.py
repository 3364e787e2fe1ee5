"""What casework can be asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from services.casework.domain.codes import CloseReason, NoteClass, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """Open a case for a child by hand, saying why."""

    child: str
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBecause:
    """Open a case for a child because of what a neighbour said; an alert joins the case that is open already."""

    child: str
    origin: Origin
    alert: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Write a note into a case."""

    case: str
    note_class: NoteClass
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadFile:
    """Bring a chunk of a file for a case. Further chunks name the `file` that the first was answered with."""

    case: str
    content: bytes
    file: str | None = None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachFile:
    """Attach a file that was brought to a case."""

    case: str
    file: str
    name: str
    note_class: NoteClass


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCase:
    """Close a case with a reason."""

    case: str
    reason: CloseReason
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenCase:
    """Open a closed case again."""

    case: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignCounsellor:
    """Say which counsellor answers for a case."""

    case: str
    staff: str
