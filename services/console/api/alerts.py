"""`/alerts`: the board, one alert, and what responders do about it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import KINDS, LEVELS, OUTCOMES, RESULTS
from services.console.doors import call, command

alerts = Resources("alerts", "Alerts, and what was done about them")
_NOTE = validate.Length(max=2000)


class BoardQuery(PageQuery):
    """Open alerts, those that nobody has in hand first; or resolved ones, the latest first."""

    state = fields.String(load_default="open", validate=validate.OneOf(["open", "resolved"]))


class AlertRow(Schema):
    """An alert on the board. `state`: raised, acknowledged, resolved."""

    alert = fields.String()
    child = fields.String()
    child_name = fields.String(allow_none=True)
    kind = fields.String()
    level = fields.String()
    state = fields.String()
    village = fields.String(allow_none=True)
    village_name = fields.String(allow_none=True)
    school_name = fields.String(allow_none=True)
    class_name = fields.String(allow_none=True)
    raised_at = fields.String()
    acknowledged_by = fields.String(allow_none=True)
    acknowledged_by_name = fields.String(allow_none=True)
    step = fields.Integer(allow_none=True)
    step_role = fields.String(allow_none=True)
    next_role = fields.String(allow_none=True)
    next_at = fields.String(allow_none=True)
    resolved_at = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)
    version = fields.Integer()


class AlertPage(AlertRow):
    """One alert with its steps, the calls that were made, and what was learnt since."""

    steps = fields.List(fields.Dict())
    attempts = fields.List(fields.Dict())
    signals = fields.List(fields.Dict())
    note = fields.String(allow_none=True)
    resolution_note = fields.String(allow_none=True)


class AlertIn(Schema):
    """A new alert about a child. Without `level` the usual one of its kind."""

    child = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    level = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(LEVELS)))
    note = fields.String(load_default=None, allow_none=True, validate=_NOTE)


class AttemptIn(Schema):
    """A call to somebody on the contact card, and how it went."""

    contact = fields.UUID(required=True)
    result = fields.String(required=True, validate=validate.OneOf(list(RESULTS)))
    note = fields.String(load_default=None, allow_none=True, validate=_NOTE)


class ResolutionIn(Schema):
    """How it ended."""

    outcome = fields.String(required=True, validate=validate.OneOf(list(OUTCOMES)))
    note = fields.String(load_default=None, allow_none=True, validate=_NOTE)


@alerts.get("/alerts", needs="alerts:alert:view", query=BoardQuery, answers=page_of(AlertRow, "Alerts"))
def board(query: dict[str, Any]) -> dict[str, Any]:
    """The board."""
    return call("alerts", "board", query)


@alerts.post("/alerts", needs="alerts:alert:raise", takes=AlertIn, answers=Done, status=201)
def raise_alert(given: dict[str, Any]) -> dict[str, Any]:
    """Raise an alert, or attach to the one of the same kind that is open."""
    return command("alerts", "raise_alert", given | {"child": str(given["child"])})


@alerts.get("/alerts/<uuid:alert>", needs="alerts:alert:view", answers=AlertPage)
def show(alert: str) -> dict[str, Any]:
    """One alert."""
    return call("alerts", "alert", {"alert": alert})


@alerts.post("/alerts/<uuid:alert>/acknowledgement", needs="alerts:alert:acknowledge", answers=Done)
def acknowledge(alert: str) -> dict[str, Any]:
    """Take it on. Only one person can."""
    return command("alerts", "acknowledge_alert", {"alert": alert})


@alerts.post(
    "/alerts/<uuid:alert>/contact-attempts",
    needs="alerts:contact_attempt:record",
    takes=AttemptIn,
    answers=Done,
    status=201,
)
def attempt(given: dict[str, Any], alert: str) -> dict[str, Any]:
    """Record a call."""
    return command("alerts", "record_contact_attempt", given | {"alert": alert, "contact": str(given["contact"])})


@alerts.post("/alerts/<uuid:alert>/resolution", needs="alerts:alert:resolve", takes=ResolutionIn, answers=Done)
def resolve(given: dict[str, Any], alert: str) -> dict[str, Any]:
    """End it with an outcome."""
    return command("alerts", "resolve_alert", given | {"alert": alert})
