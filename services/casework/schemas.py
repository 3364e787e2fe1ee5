"""What comes in at casework's doors and what is shown."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from marshmallow import ValidationError, fields, validate

from services.casework.domain import commands
from services.casework.domain.codes import CaseState, CloseReason, NoteClass
from shared.access.roles import FieldClass
from shared.access.schemas import AsOf, Command, Id, Line, Paged, Prose, Query, View, kept
from shared.vault.attachments import CHUNK, MOST_CHUNKS

_MOST_PARTS = 1000
"""So many parts may be spoken of; too many are refused with words of their own."""


class OpenCase(Command):
    """Open a case."""

    makes = commands.OpenCase
    child = Id(required=True)
    why = Prose(load_default=None, allow_none=True, least=0, most=2000)


class AddNote(Command):
    """Write a note."""

    makes = commands.AddNote
    case = Id(required=True)
    note_class = fields.Enum(NoteClass, by_value=True, required=True)
    text = Prose(required=True, most=10_000)


class Content(fields.String):
    """A chunk of a file in base64."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:  # type: ignore[override]
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > (CHUNK + 2) // 3 * 4:
            raise ValidationError("too_large")
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValidationError("not_base64") from error
        if len(content) > CHUNK:
            raise ValidationError("too_large")
        return content


def _part() -> fields.Integer:
    return fields.Integer(load_default=1, strict=True, validate=validate.Range(1, _MOST_PARTS, error="range"))


class UploadFile(Command):
    """Bring a chunk of a file, each of 1,048,576 bytes but the last. Further chunks name the file of the first."""

    makes = commands.UploadFile
    case = Id(required=True)
    content = Content(required=True)
    file = Id(load_default=None, allow_none=True)
    part = _part()
    parts = _part()


class AttachFile(Command):
    """Attach a file that was brought. Its name must end as its content says."""

    makes = commands.AttachFile
    case = Id(required=True)
    file = Id(required=True)
    name = Line(required=True)
    note_class = fields.Enum(NoteClass, by_value=True, required=True)


class CloseCase(Command):
    """Close a case."""

    makes = commands.CloseCase
    case = Id(required=True)
    reason = fields.Enum(CloseReason, by_value=True, required=True)
    text = Prose(load_default=None, allow_none=True, least=0, most=2000)


class ReopenCase(Command):
    """Open a case again."""

    makes = commands.ReopenCase
    case = Id(required=True)
    text = Prose(load_default=None, allow_none=True, least=0, most=2000)


class AssignCounsellor(Command):
    """Name the counsellor."""

    makes = commands.AssignCounsellor
    case = Id(required=True)
    staff = Id(required=True)


class Cases(Paged):
    """Cases, of a state or a child."""

    state = fields.Enum(CaseState, by_value=True, load_default=None, allow_none=True)
    child = Id(load_default=None, allow_none=True)


class OneCase(Query):
    """A case, by its reference."""

    case = Id(required=True)


class ReadFile(Query):
    """A chunk of a case's file; parts count from 1."""

    case = Id(required=True)
    file = Id(required=True)
    part = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, MOST_CHUNKS, error="range"))


class CaseAsOf(AsOf):
    """A case as it stood."""

    case = Id(required=True)


class Timeline(Paged):
    """What happened with a child's cases."""

    child = Id(required=True)


class CaseView(View):
    """A case as a list shows it, with how its latest alert stands."""

    case = fields.String()
    child = fields.String()
    child_name = fields.String(metadata=kept(FieldClass.IDENTITY))
    child_standing = fields.String()
    origin = fields.String()
    state = fields.String()
    opened_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime()
    close_reason = fields.String()
    counsellor = fields.String()
    counsellor_name = fields.String()
    alert = fields.String()
    alert_kind = fields.String()
    alert_level = fields.String()
    alert_state = fields.String()
    alert_outcome = fields.String()
    notes = fields.Integer()
    version = fields.Integer()


class CasePast(View):
    """A case as it stood at a past moment, without words. `notes` and `alerts` are how many there were."""

    case = fields.String()
    child = fields.String()
    child_name = fields.String(metadata=kept(FieldClass.IDENTITY))
    state = fields.String()
    counsellor = fields.String()
    notes = fields.Integer()
    alerts = fields.Integer()


class NoteView(View):
    """A note as its reader may see it: `text` is None where it is withheld, or erased."""

    note = fields.String()
    note_class = fields.String()
    by = fields.String()
    by_name = fields.String()
    role = fields.String()
    at = fields.AwareDateTime()
    happened_on = fields.Date()
    text = fields.String()
    withheld = fields.Boolean()


class FileView(View):
    """A file as its reader may see it: `name` is None where it is withheld, or erased."""

    file = fields.String()
    note_class = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    by = fields.String()
    by_name = fields.String()
    role = fields.String()
    at = fields.AwareDateTime()
    happened_on = fields.Date()
    name = fields.String()
    withheld = fields.Boolean()


class FilePart(View):
    """A chunk of a file in base64; it has `parts` of them."""

    file = fields.String()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    part = fields.Integer()
    parts = fields.Integer()
    content = fields.String()


class AlertView(View):
    """An alert that belongs to a case, and how it ended."""

    alert = fields.String()
    kind = fields.String()
    level = fields.String()
    state = fields.String()
    outcome = fields.String()


class CasePage(CaseView):
    """A case with its words, its alerts and its notes."""

    why = fields.String(metadata=kept(FieldClass.IDENTITY))
    closing_text = fields.String(metadata=kept(FieldClass.IDENTITY))
    reopening_text = fields.String(metadata=kept(FieldClass.IDENTITY))
    alerts = fields.List(fields.Nested(AlertView))
    files = fields.List(fields.Nested(FileView))
    notes = fields.List(fields.Nested(NoteView))  # type: ignore[assignment]  # the list stands where its length stood
