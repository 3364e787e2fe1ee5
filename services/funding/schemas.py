"""What comes in at funding's doors and what is shown. Amounts are in fen."""

from __future__ import annotations

from marshmallow import fields

from services.funding.domain import commands
from services.funding.domain.codes import ApplicationState, Method, RefusalReason, Source
from shared.access.roles import FieldClass
from shared.access.schemas import AsOf, Command, Fen, Id, Line, Paged, Prose, Query, View, kept


class OpenFund(Command):
    """Open a fund."""

    makes = commands.OpenFund
    name = Line(required=True, most=100)
    purpose = Prose(required=True, most=1000)


class RecordDonation(Command):
    """Record money received."""

    makes = commands.RecordDonation
    fund = Id(required=True)
    amount = Fen(required=True)
    source = fields.Enum(Source, by_value=True, required=True)
    received_on = fields.Date(required=True)
    donor = Id(load_default=None)
    donor_name = Line(load_default=None, most=100)


class DraftApplication(Command):
    """Begin an application."""

    makes = commands.DraftApplication
    child = Id(required=True)
    fund = Id(required=True)
    amount = Fen(required=True)
    reason = Prose(required=True, most=2000)


class AmendApplication(Command):
    """Change a draft."""

    makes = commands.AmendApplication
    application = Id(required=True)
    fund = Id(required=True)
    amount = Fen(required=True)
    reason = Prose(required=True, most=2000)


class OfApplication(Command):
    """Submit, approve or withdraw."""

    makes = commands.OfApplication
    application = Id(required=True)


class ReturnApplication(Command):
    """Send back."""

    makes = commands.ReturnApplication
    application = Id(required=True)
    note = Prose(required=True, most=2000)


class RefuseApplication(Command):
    """Refuse."""

    makes = commands.RefuseApplication
    application = Id(required=True)
    reason = fields.Enum(RefusalReason, by_value=True, required=True)


class PayApplication(Command):
    """Pay."""

    makes = commands.PayApplication
    application = Id(required=True)
    method = fields.Enum(Method, by_value=True, required=True)
    paid_on = fields.Date(required=True)


class Everything(Query):
    """No conditions."""


class OneFund(Query):
    """A fund, by its reference."""

    fund = Id(required=True)


class OneApplication(Query):
    """An application, by its reference."""

    application = Id(required=True)


class Donations(Paged):
    """A fund's donations."""

    fund = Id(required=True)


class Applications(Paged):
    """Applications, of a state, a fund or a child."""

    state = fields.Enum(ApplicationState, by_value=True, load_default=None)
    fund = Id(load_default=None)
    child = Id(load_default=None)


class Ledger(Paged):
    """A fund's postings."""

    fund = Id(required=True)


class FundAsOf(AsOf):
    """A fund as it stood."""

    fund = Id(required=True)


class ApplicationAsOf(AsOf):
    """An application as it stood."""

    application = Id(required=True)


class Timeline(Paged):
    """A child's grants as a timeline."""

    child = Id(required=True)


class FundView(View):
    """A fund with what is left in it."""

    fund = fields.String()
    name = fields.String()
    purpose = fields.String()
    received = fields.Integer()
    available = fields.Integer()
    set_aside = fields.Integer()
    paid = fields.Integer()
    version = fields.Integer()


class FundPast(View):
    """A fund as it stood at a past moment."""

    fund = fields.String()
    name = fields.String()
    purpose = fields.String()
    received = fields.Integer()
    donations = fields.Integer()
    available = fields.Integer()
    set_aside = fields.Integer()
    paid = fields.Integer()


class ApplicationPast(View):
    """An application as it stood at a past moment, without words."""

    application = fields.String()
    fund = fields.String()
    fund_name = fields.String()
    child = fields.String()
    child_name = fields.String(metadata=kept(FieldClass.IDENTITY))
    amount = fields.Integer()
    state = fields.String()
    submitted_by = fields.String()
    approved_by = fields.String()


class DonationView(View):
    """A donation."""

    donation = fields.String()
    amount = fields.Integer()
    source = fields.String()
    received_on = fields.Date()
    donor = fields.String()
    donor_name = fields.String(metadata=kept(FieldClass.IDENTITY))


class ApplicationView(View):
    """An application as a list shows it."""

    application = fields.String()
    fund = fields.String()
    fund_name = fields.String()
    child = fields.String()
    child_name = fields.String(metadata=kept(FieldClass.IDENTITY))
    child_standing = fields.String()
    amount = fields.Integer()
    state = fields.String()
    submitted_by = fields.String()
    approved_by = fields.String()
    paid_by = fields.String()
    method = fields.String()
    paid_on = fields.Date()
    changed = fields.AwareDateTime()
    version = fields.Integer()


class ApplicationPage(ApplicationView):
    """An application with its words."""

    reason = fields.String(metadata=kept(FieldClass.IDENTITY))
    returned_note = fields.String(metadata=kept(FieldClass.IDENTITY))
