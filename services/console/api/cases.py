"""`/cases`: cases and their notes. Confidential notes are withheld from who may not read them."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.console import files
from services.console.api.answers import Done
from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import CASE_STATES, CLOSE_REASONS, NOTE_CLASSES
from services.console.doors import call, command

cases = Resources("cases", "Cases and their notes")


class CasesQuery(PageQuery):
    """Cases of a state or a child."""

    state = fields.String(load_default=None, validate=validate.OneOf(list(CASE_STATES)))
    child = fields.UUID(load_default=None)


class CaseRow(Schema):
    """A case, with how its latest alert stands; `notes` is their number."""

    case = fields.String()
    child = fields.String()
    child_name = fields.String(allow_none=True)
    origin = fields.String()
    state = fields.String()
    opened_at = fields.String()
    counsellor = fields.String(allow_none=True)
    counsellor_name = fields.String(allow_none=True)
    alert = fields.String(allow_none=True)
    alert_state = fields.String(allow_none=True)
    alert_outcome = fields.String(allow_none=True)
    notes = fields.Integer()
    version = fields.Integer()


class NoteOut(Schema):
    """A note. `text` is null where it is withheld or erased."""

    note = fields.String()
    note_class = fields.String()
    by = fields.String()
    by_name = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    at = fields.String()
    text = fields.String(allow_none=True)
    withheld = fields.Boolean()


class FileOut(Schema):
    """A file. `size` is in bytes; `name` is null where it is withheld or erased."""

    file = fields.String()
    note_class = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    name = fields.String(allow_none=True)
    by = fields.String()
    by_name = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    at = fields.String()
    withheld = fields.Boolean()


class Files(Schema):
    """The files of a case, oldest first."""

    items = fields.List(fields.Nested(FileOut), required=True)
    next = fields.String(required=True, allow_none=True)


class FileIn(Schema):
    """Who may read the file: as with notes."""

    note_class = fields.String(required=True, validate=validate.OneOf(list(NOTE_CLASSES)))


class FileMade(Done):
    """What became of the order, and the reference of the file."""

    file = fields.String(required=True)


class CasePage(Schema):
    """One case with its notes and files, oldest first."""

    case = fields.String()
    child = fields.String()
    child_name = fields.String(allow_none=True)
    origin = fields.String()
    state = fields.String()
    opened_at = fields.String()
    counsellor = fields.String(allow_none=True)
    counsellor_name = fields.String(allow_none=True)
    alert = fields.String(allow_none=True)
    alert_state = fields.String(allow_none=True)
    alert_outcome = fields.String(allow_none=True)
    notes = fields.List(fields.Nested(NoteOut))
    files = fields.List(fields.Nested(FileOut))
    version = fields.Integer()


class CaseIn(Schema):
    """A case opened by hand."""

    child = fields.UUID(required=True)
    why = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))


class NoteIn(Schema):
    """A note: ordinary, or confidential."""

    note_class = fields.String(required=True, validate=validate.OneOf(list(NOTE_CLASSES)))
    text = fields.String(required=True, validate=validate.Length(1, 10_000))


class ClosingIn(Schema):
    """Why a case is closed."""

    reason = fields.String(required=True, validate=validate.OneOf(list(CLOSE_REASONS)))
    text = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))


@cases.get("/cases", needs="casework:case:view", query=CasesQuery, answers=page_of(CaseRow, "Cases"))
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Cases within reach, the latest opened first."""
    return call("casework", "cases", query | {"child": str(query["child"]) if query["child"] else None})


@cases.post("/cases", needs="casework:case:open", takes=CaseIn, answers=Done, status=201)
def open_case(given: dict[str, Any]) -> dict[str, Any]:
    """Open a case for a child."""
    return command("casework", "open_case", given | {"child": str(given["child"])})


@cases.get("/cases/<uuid:case>", needs="casework:case:view", answers=CasePage)
def show(case: str) -> dict[str, Any]:
    """One case with its notes."""
    return call("casework", "case", {"case": case})


@cases.post("/cases/<uuid:case>/notes", needs="casework:note:add", takes=NoteIn, answers=Done, status=201)
def add_note(given: dict[str, Any], case: str) -> dict[str, Any]:
    """Write a note."""
    return command("casework", "add_note", given | {"case": case})


@cases.get("/cases/<uuid:case>/files", needs="casework:case:view", answers=Files)
def listed_files(case: str) -> dict[str, Any]:
    """The files of a case. Names of confidential ones are withheld from who may not read them."""
    return {"items": call("casework", "case", {"case": case})["files"], "next": None}


@cases.post(
    "/cases/<uuid:case>/files",
    needs="casework:file:attach",
    takes=FileIn,
    answers=FileMade,
    status=201,
    upload=True,
)
def attach_file(given: dict[str, Any], said: dict[str, Any], case: str) -> dict[str, Any]:
    """Attach a PDF, JPEG or PNG of at most 10 MiB. Its type is found from its content, and its name must end so."""
    return files.attach(case, given["file"], said["note_class"])


@cases.file("/cases/<uuid:case>/files/<uuid:file>", needs="casework:case:view")
def download(case: str, file: str) -> Response:
    """A file, as it was attached."""
    return files.download(case, file)


@cases.post("/cases/<uuid:case>/closing", needs="casework:case:close", takes=ClosingIn, answers=Done)
def close(given: dict[str, Any], case: str) -> dict[str, Any]:
    """Close the case."""
    return command("casework", "close_case", given | {"case": case})


@cases.post("/cases/<uuid:case>/reopening", needs="casework:case:open", answers=Done)
def reopen(case: str) -> dict[str, Any]:
    """Open the case again."""
    return command("casework", "reopen_case", {"case": case})
