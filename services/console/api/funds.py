"""`/funds`: funds with what is left in them, and what was given. Amounts are in fen."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import SOURCES
from services.console.doors import call, command

funds = Resources("funds", "Funds and donations, in fen")


class FundOut(Schema):
    """A fund: received = available + set_aside + paid, in fen."""

    fund = fields.String()
    name = fields.String()
    purpose = fields.String()
    received = fields.Integer()
    available = fields.Integer()
    set_aside = fields.Integer()
    paid = fields.Integer()
    version = fields.Integer()


class FundPage(FundOut):
    """A fund with the sums of its accounts, which add up to nothing."""

    accounts = fields.Dict(keys=fields.String(), values=fields.Integer())


class FundIn(Schema):
    """A new fund."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    purpose = fields.String(required=True, validate=validate.Length(1, 1000))


class DonationOut(Schema):
    """Money received, in fen."""

    donation = fields.String()
    amount = fields.Integer()
    source = fields.String()
    received_on = fields.String()
    donor = fields.String(allow_none=True)
    donor_name = fields.String(allow_none=True)


class DonationIn(Schema):
    """Money received, in fen."""

    amount = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    source = fields.String(required=True, validate=validate.OneOf(list(SOURCES)))
    received_on = fields.Date(required=True)
    donor = fields.UUID(load_default=None, allow_none=True)
    donor_name = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 100))


@funds.get("/funds", needs="funding:fund:view", answers=page_of(FundOut, "Funds"))
def listed() -> dict[str, Any]:
    """All funds."""
    return call("funding", "funds")


@funds.post("/funds", needs="funding:fund:open", takes=FundIn, answers=Done, status=201)
def open_fund(given: dict[str, Any]) -> dict[str, Any]:
    """Open a fund."""
    return command("funding", "open_fund", given)


@funds.get("/funds/<uuid:fund>", needs="funding:fund:view", answers=FundPage)
def show(fund: str) -> dict[str, Any]:
    """One fund."""
    return call("funding", "fund", {"fund": fund})


@funds.get(
    "/funds/<uuid:fund>/donations",
    needs="funding:fund:view",
    query=PageQuery,
    answers=page_of(DonationOut, "Donations"),
)
def donations(query: dict[str, Any], fund: str) -> dict[str, Any]:
    """What was given, the latest first."""
    return call("funding", "donations", query | {"fund": fund})


@funds.post("/funds/<uuid:fund>/donations", needs="funding:donation:record", takes=DonationIn, answers=Done, status=201)
def donate(given: dict[str, Any], fund: str) -> dict[str, Any]:
    """Record money received."""
    donor = str(given["donor"]) if given["donor"] else None
    day = given["received_on"].isoformat()
    return command("funding", "record_donation", given | {"fund": fund, "donor": donor, "received_on": day})
