"""`/erasures`: requests that a person be erased, what each service says to them, and how far they have come."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import ERASURE_GROUNDS, ERASURE_REFUSALS, ERASURE_STATES, LIFTING_REASONS
from services.console.doors import call, command

erasures = Resources("erasures", "Requests that a person be erased")


class ErasuresQuery(PageQuery):
    """Requests of a state or about a child."""

    state = fields.String(load_default=None, validate=validate.OneOf(list(ERASURE_STATES)))
    child = fields.UUID(load_default=None)


class Answered(Schema):
    """What a service says: codes of what stands against it, and the day after which nothing does."""

    service = fields.String()
    reasons = fields.List(fields.String())
    until = fields.String(allow_none=True)


class ErasureRow(Schema):
    """A request. `waiting` are the services that have not answered, or not carried it out yet.

    `closed`: somebody is restricted by it; `lifting`: who asked that this end, why, and which services have done it.
    """

    erasure = fields.String()
    request = fields.Integer()
    person = fields.String()
    child = fields.String()
    grounds = fields.String()
    state = fields.String()
    requested_by = fields.String()
    requested_at = fields.String()
    decided_by = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True)
    refusal = fields.String(allow_none=True)
    answers = fields.List(fields.Nested(Answered))
    carried = fields.List(fields.String())
    waiting = fields.List(fields.String())
    postponed = fields.List(fields.String())
    closed = fields.Boolean()
    lifting = fields.Dict(allow_none=True)
    until = fields.String(allow_none=True)
    version = fields.Integer()


class ErasureIn(Schema):
    """Who shall be erased, a child or a person on its card, and on what ground."""

    person = fields.UUID(required=True)
    grounds = fields.String(required=True, validate=validate.OneOf(list(ERASURE_GROUNDS)))


class LiftingIn(Schema):
    """Why a restriction shall end."""

    reason = fields.String(required=True, validate=validate.OneOf(list(LIFTING_REASONS)))


class NotErasedIn(Schema):
    """Why not."""

    reason = fields.String(required=True, validate=validate.OneOf(list(ERASURE_REFUSALS)))


@erasures.get("/erasures", needs="registry:erasure:view", query=ErasuresQuery, answers=page_of(ErasureRow, "Erasures"))
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Requests within reach, the latest first. Conditions that are not named do not count."""
    asked = {name: str(value) if name == "child" else value for name, value in query.items() if value is not None}
    return call("registry", "erasures", asked)


@erasures.post("/erasures", needs="registry:erasure:request", takes=ErasureIn, answers=Done, status=201)
def ask(given: dict[str, Any]) -> dict[str, Any]:
    """Ask that a person be erased."""
    return command("registry", "request_erasure", given | {"person": str(given["person"])})


@erasures.get("/erasures/<uuid:erasure>", needs="registry:erasure:view", answers=ErasureRow)
def show(erasure: str) -> dict[str, Any]:
    """One request."""
    return call("registry", "erasure", {"erasure": erasure})


@erasures.post("/erasures/<uuid:erasure>/approval", needs="registry:erasure:approve", answers=Done)
def approve(erasure: str) -> dict[str, Any]:
    """Approve it. Not by who asked. Every service weighs it once more before anything is done."""
    return command("registry", "approve_erasure", {"erasure": erasure})


@erasures.post("/erasures/<uuid:erasure>/refusal", needs="registry:erasure:approve", takes=NotErasedIn, answers=Done)
def refuse(given: dict[str, Any], erasure: str) -> dict[str, Any]:
    """Refuse it. Not by who asked."""
    return command("registry", "refuse_erasure", given | {"erasure": erasure})


@erasures.post("/erasures/<uuid:erasure>/withdrawal", needs="registry:erasure:request", answers=Done)
def withdraw(erasure: str) -> dict[str, Any]:
    """Take it back."""
    return command("registry", "withdraw_erasure", {"erasure": erasure})


@erasures.post("/erasures/<uuid:erasure>/lifting", needs="registry:erasure:request", takes=LiftingIn, answers=Done)
def ask_to_lift(given: dict[str, Any], erasure: str) -> dict[str, Any]:
    """Ask that the restriction that it became end."""
    return command("registry", "ask_to_lift", given | {"erasure": erasure})


@erasures.post("/erasures/<uuid:erasure>/lifting/approval", needs="registry:erasure:approve", answers=Done)
def approve_lifting(erasure: str) -> dict[str, Any]:
    """Approve that it end. Not by who asked."""
    return command("registry", "approve_lifting", {"erasure": erasure})


@erasures.post("/erasures/<uuid:erasure>/lifting/refusal", needs="registry:erasure:approve", answers=Done)
def refuse_lifting(erasure: str) -> dict[str, Any]:
    """Refuse that it end. Not by who asked."""
    return command("registry", "refuse_lifting", {"erasure": erasure})


@erasures.post("/erasures/<uuid:erasure>/lifting/withdrawal", needs="registry:erasure:request", answers=Done)
def withdraw_lifting(erasure: str) -> dict[str, Any]:
    """Take that request back: only who asked."""
    return command("registry", "withdraw_lifting", {"erasure": erasure})
