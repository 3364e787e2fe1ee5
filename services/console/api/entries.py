"""`/logs/{service}/entries`: the entries of a log for auditors' programs, personal parts closed."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate
from marshmallow.schema import Schema

from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import SERVICES
from services.console.doors import call
from shared.kernel.refusals import NotFound

entries = Resources("entries", "What stands in the logs")


class EntriesQuery(PageQuery):
    """Entries of a type, a person or a stream, recorded from `since` on and before `until`; or several of these.

    `after` is the `next` of the page before, or a position to begin behind. `latest` begins at the end of the log and
    goes back.
    """

    type = fields.String(load_default=None, validate=validate.Length(max=100))
    person = fields.UUID(load_default=None)
    stream = fields.String(load_default=None, validate=validate.Length(max=120))
    since = fields.AwareDateTime(load_default=None, format="iso")
    until = fields.AwareDateTime(load_default=None, format="iso")
    latest = fields.Boolean(load_default=False)


class EntryOut(Schema):
    """An entry: its place in the log, its leaf hash (hex), and its text exactly as it was hashed."""

    position = fields.Integer(required=True)
    leaf = fields.String(required=True)
    entry = fields.String(required=True)


class EntriesPage(page_of(EntryOut, "EntriesPageBase")):  # type: ignore[misc]
    """A page of entries, and the size of the whole log."""

    size = fields.Integer(required=True)


@entries.get("/logs/<service>/entries", needs="log:entry:view", query=EntriesQuery, answers=EntriesPage)
def listed(query: dict[str, Any], service: str) -> dict[str, Any]:
    """Entries of a log as they were written, oldest first."""
    if service not in SERVICES:
        raise NotFound("log", id=service)
    for name in ("since", "until"):
        query[name] = query[name].isoformat() if query[name] else None
    query["person"] = str(query["person"]) if query["person"] else None
    return call(service, "log_entries", {name: value for name, value in query.items() if value is not None})
