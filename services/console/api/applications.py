"""`/applications`: from draft to payment, by three different people. Amounts are in fen."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import APPLICATION_STATES, METHODS, REFUSED_FOR
from services.console.doors import call, command

applications = Resources("applications", "Applications for funding, in fen")


class ApplicationsQuery(PageQuery):
    """Applications of a state, a fund or a child."""

    state = fields.String(load_default=None, validate=validate.OneOf(list(APPLICATION_STATES)))
    fund = fields.UUID(load_default=None)
    child = fields.UUID(load_default=None)


class ApplicationRow(Schema):
    """An application, in fen."""

    application = fields.String()
    fund = fields.String()
    fund_name = fields.String()
    child = fields.String()
    child_name = fields.String(allow_none=True)
    amount = fields.Integer()
    state = fields.String()
    submitted_by = fields.String(allow_none=True)
    approved_by = fields.String(allow_none=True)
    paid_by = fields.String(allow_none=True)
    method = fields.String(allow_none=True)
    paid_on = fields.String(allow_none=True)
    changed = fields.String()
    version = fields.Integer()


class ApplicationPage(ApplicationRow):
    """An application with its words."""

    reason = fields.String(allow_none=True)
    returned_note = fields.String(allow_none=True)


class ApplicationIn(Schema):
    """A draft for a child, in fen."""

    child = fields.UUID(required=True)
    fund = fields.UUID(required=True)
    amount = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class ReturnIn(Schema):
    """What is missing."""

    note = fields.String(required=True, validate=validate.Length(1, 2000))


class RefusedIn(Schema):
    """Why not."""

    reason = fields.String(required=True, validate=validate.OneOf(list(REFUSED_FOR)))


class PaymentIn(Schema):
    """How and when it was handed over."""

    method = fields.String(required=True, validate=validate.OneOf(list(METHODS)))
    paid_on = fields.Date(required=True)


@applications.get(
    "/applications",
    needs="funding:application:view",
    query=ApplicationsQuery,
    answers=page_of(ApplicationRow, "Applications"),
)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Applications within reach, the latest change first. Conditions that are not named do not count."""
    asked = {
        name: str(value) if name in ("fund", "child") else value for name, value in query.items() if value is not None
    }
    return call("funding", "applications", asked)


@applications.post("/applications", needs="funding:application:submit", takes=ApplicationIn, answers=Done, status=201)
def draft(given: dict[str, Any]) -> dict[str, Any]:
    """Begin an application."""
    ids = {"child": str(given["child"]), "fund": str(given["fund"])}
    return command("funding", "draft_application", given | ids)


@applications.get("/applications/<uuid:application>", needs="funding:application:view", answers=ApplicationPage)
def show(application: str) -> dict[str, Any]:
    """One application."""
    return call("funding", "application", {"application": application})


@applications.post("/applications/<uuid:application>/submission", needs="funding:application:submit", answers=Done)
def submit(application: str) -> dict[str, Any]:
    """Hand it in."""
    return command("funding", "submit_application", {"application": application})


@applications.post("/applications/<uuid:application>/withdrawal", needs="funding:application:submit", answers=Done)
def withdraw(application: str) -> dict[str, Any]:
    """Take it back."""
    return command("funding", "withdraw_application", {"application": application})


@applications.post("/applications/<uuid:application>/approval", needs="funding:application:approve", answers=Done)
def approve(application: str) -> dict[str, Any]:
    """Approve it; its amount is set aside. Not by who applied."""
    return command("funding", "approve_application", {"application": application})


@applications.post(
    "/applications/<uuid:application>/return", needs="funding:application:approve", takes=ReturnIn, answers=Done
)
def send_back(given: dict[str, Any], application: str) -> dict[str, Any]:
    """Send it back to be completed."""
    return command("funding", "return_application", given | {"application": application})


@applications.post(
    "/applications/<uuid:application>/refusal", needs="funding:application:approve", takes=RefusedIn, answers=Done
)
def refuse(given: dict[str, Any], application: str) -> dict[str, Any]:
    """Refuse it for good."""
    return command("funding", "refuse_application", given | {"application": application})


@applications.post(
    "/applications/<uuid:application>/payment", needs="funding:application:pay", takes=PaymentIn, answers=Done
)
def pay(given: dict[str, Any], application: str) -> dict[str, Any]:
    """Record the payment. Not by who applied or approved."""
    day = given["paid_on"].isoformat()
    return command("funding", "pay_application", given | {"application": application, "paid_on": day})
