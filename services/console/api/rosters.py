"""Rosters for programs: upload, dry run, start, follow, take the result."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console import rosters as importing
from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import CODES
from services.console.doors import call, command

rosters = Resources("rosters", "Rosters and their import")
_IMPORT = "registry:roster:import"


class Uploaded(Schema):
    """A file that waits for a day for its import, and its dry run."""

    upload = fields.String(required=True)
    preview = fields.Dict(required=True)


class ToStart(Schema):
    """Which upload to import, and on what ground the children's data is kept."""

    upload = fields.UUID(required=True)
    legal_basis = fields.String(required=True, validate=validate.OneOf(list(CODES["legal_basis"]), error="unknown"))
    school = fields.UUID()


class Mapping(Schema):
    """What the columns of a sheet mean: number of the column (from 1) → field. `key` comes from the dry run."""

    key = fields.String(required=True)
    mapping = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Import(Schema):
    """How an import is getting on, in numbers of rows; `done` of `chunks` parts are in."""

    roster = fields.String(required=True)
    school = fields.String(allow_none=True)
    state = fields.String(required=True)
    rows = fields.Integer(required=True)
    chunks = fields.Integer(required=True)
    done = fields.Integer(required=True)
    registered = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    counted = fields.Integer(required=True)
    duplicate = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    started = fields.String()
    ended = fields.String(allow_none=True)
    seen = fields.Dict(allow_none=True, metadata={"description": "An earlier import of the very same file."})


class Row(Schema):
    """What became of a row, and what is wrong with it."""

    sheet = fields.String()
    row = fields.Integer()
    name = fields.String(allow_none=True)
    outcome = fields.String()
    child = fields.String(allow_none=True)
    problems = fields.List(fields.Dict())


class Confirmed(Schema):
    """The mapping is remembered."""

    id = fields.String(required=True)
    repeated = fields.Boolean(required=True)


@rosters.get("/rosters", needs=_IMPORT, query=PageQuery, answers=page_of(Import, "Imports"))
def listed(asked: dict[str, Any]) -> dict[str, Any]:
    """One's own imports, the latest first."""
    return call("registry", "imports", asked)


@rosters.post("/rosters/uploads", needs=_IMPORT, answers=Uploaded, status=201, upload=True)
def upload(given: dict[str, Any]) -> dict[str, Any]:
    """Upload a file; the answer says what would become of each row. Nothing is changed yet."""
    kept = importing.upload(given["file"].read(importing.LARGEST + 1))
    return {"upload": kept, "preview": importing.preview(kept, limit=300)}


@rosters.post("/rosters/mappings", needs=_IMPORT, takes=Mapping, answers=Confirmed)
def confirm(given: dict[str, Any]) -> dict[str, Any]:
    """Remember what the columns mean, for all sheets with the same headings."""
    return command("registry", "confirm_mapping", given)


@rosters.post("/rosters", needs=_IMPORT, takes=ToStart, answers=Import, status=201)
def start(given: dict[str, Any]) -> dict[str, Any]:
    """Start the import of an upload. It goes on with each order to `/rosters/{roster}/chunks`."""
    data = {name: str(value) for name, value in given.items()}
    return command("registry", "start_import", data, timeout=importing.PATIENCE)


@rosters.get("/rosters/<uuid:roster>", needs=_IMPORT, answers=Import)
def show(roster: str) -> dict[str, Any]:
    """How an import is getting on."""
    return importing.progress(roster)


@rosters.post("/rosters/<uuid:roster>/chunks", needs=_IMPORT, answers=Import)
def go_on(roster: str) -> dict[str, Any]:
    """Let the next part of the rows in; nothing when none is left. Answers the progress."""
    return command("registry", "import_chunk", {"roster": roster}, timeout=importing.PATIENCE)


class ResultQuery(PageQuery):
    """All rows in the order of the file, or those of one group."""

    show = fields.String(load_default=None, validate=validate.OneOf(list(importing.GROUPS)))


@rosters.get("/rosters/<uuid:roster>/result", needs=_IMPORT, query=ResultQuery, answers=page_of(Row, "Rows"))
def result(asked: dict[str, Any], roster: str) -> dict[str, Any]:
    """What became of the rows, a part of the file to a page."""
    return call("registry", "import_result", {"roster": roster} | asked)
