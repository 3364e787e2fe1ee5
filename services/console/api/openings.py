"""`/openings`: two people read together, for a while, what is restricted about a child."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import OPENING_REASONS, OPENING_STATES
from services.console.doors import call, command

openings = Resources("openings", "Requests to read together what is restricted")


class OpeningsQuery(PageQuery):
    """Requests of a state or about a child."""

    state = fields.String(load_default=None, validate=validate.OneOf(list(OPENING_STATES)))
    child = fields.UUID(load_default=None)


class OpeningRow(Schema):
    """A request. While its state is `open`, and until `until`, the two of `asked_by` and `decided_by` read."""

    opening = fields.String()
    request = fields.Integer()
    child = fields.String()
    reason = fields.String()
    minutes = fields.Integer()
    state = fields.String()
    asked_by = fields.String()
    asked_at = fields.String()
    decided_by = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True)
    until = fields.String(allow_none=True)
    ended_at = fields.String(allow_none=True)
    version = fields.Integer()


class OpeningIn(Schema):
    """What is restricted about which child must be read, why, and for how many minutes."""

    child = fields.UUID(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(list(OPENING_REASONS)))
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(5, 60))


@openings.get("/openings", needs="registry:opening:view", query=OpeningsQuery, answers=page_of(OpeningRow, "Openings"))
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Requests within reach, the latest first. Conditions that are not named do not count."""
    asked = {name: str(value) if name == "child" else value for name, value in query.items() if value is not None}
    return call("registry", "openings", asked)


@openings.post("/openings", needs="registry:opening:request", takes=OpeningIn, answers=Done, status=201)
def ask(given: dict[str, Any]) -> dict[str, Any]:
    """Ask to read, with a second person, what is restricted."""
    return command("registry", "ask_to_open", given | {"child": str(given["child"])})


@openings.get("/openings/<uuid:opening>", needs="registry:opening:view", answers=OpeningRow)
def show(opening: str) -> dict[str, Any]:
    """One request."""
    return call("registry", "opening", {"opening": opening})


@openings.post("/openings/<uuid:opening>/approval", needs="registry:opening:approve", answers=Done)
def approve(opening: str) -> dict[str, Any]:
    """Approve it as the second person. Not by who asked."""
    return command("registry", "approve_opening", {"opening": opening})


@openings.post("/openings/<uuid:opening>/refusal", needs="registry:opening:approve", answers=Done)
def refuse(opening: str) -> dict[str, Any]:
    """Refuse it. Not by who asked."""
    return command("registry", "refuse_opening", {"opening": opening})


@openings.post("/openings/<uuid:opening>/withdrawal", needs="registry:opening:request", answers=Done)
def withdraw(opening: str) -> dict[str, Any]:
    """Take it back: only who asked."""
    return command("registry", "withdraw_opening", {"opening": opening})


@openings.post("/openings/<uuid:opening>/end", needs="registry:opening:request", answers=Done)
def close(opening: str) -> dict[str, Any]:
    """Close what is open before its time."""
    return command("registry", "close_opening", {"opening": opening})
