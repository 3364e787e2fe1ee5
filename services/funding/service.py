"""Funding's doors."""

from __future__ import annotations

from typing import Any, ClassVar

from services.funding import schemas as s
from services.funding.domain import commands as c
from services.funding.wiring import build
from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.eventstore.work import Decision
from shared.hosting.news import Reached, Tells, Told
from shared.hosting.service import Service, Wired, follows, rpc

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


class FundingService(Service):
    """Funds, donations, applications, payments, the ledger."""

    name = "funding"
    rooms = Wired(build)
    hears = follows("registry")
    tells: ClassVar[Tells] = {
        "application": Told(May.APPLICATION_VIEW, Reached.CHILD),
        "fund": Told(May.FUND_VIEW, Reached.ANYWHERE),
    }

    @rpc
    @command(s.OpenFund, May.FUND_OPEN)
    def open_fund(self, call: Call[c.OpenFund]) -> Decision:
        """Open a fund."""
        return self.rooms.handlers.open_fund(call)

    @rpc
    @command(s.RecordDonation, May.DONATION_RECORD)
    def record_donation(self, call: Call[c.RecordDonation]) -> Decision:
        """Record money received."""
        return self.rooms.handlers.record_donation(call)

    @rpc
    @command(s.DraftApplication, May.APPLICATION_SUBMIT)
    def draft_application(self, call: Call[c.DraftApplication]) -> Decision:
        """Begin an application."""
        return self.rooms.handlers.draft_application(call)

    @rpc
    @command(s.AmendApplication, May.APPLICATION_SUBMIT)
    def amend_application(self, call: Call[c.AmendApplication]) -> Decision:
        """Change a draft or a returned application."""
        return self.rooms.handlers.amend_application(call)

    @rpc
    @command(s.OfApplication, May.APPLICATION_SUBMIT)
    def submit_application(self, call: Call[c.OfApplication]) -> Decision:
        """Hand an application in."""
        return self.rooms.handlers.submit_application(call)

    @rpc
    @command(s.OfApplication, May.APPLICATION_SUBMIT)
    def withdraw_application(self, call: Call[c.OfApplication]) -> Decision:
        """Take an application back."""
        return self.rooms.handlers.withdraw_application(call)

    @rpc
    @command(s.ReturnApplication, May.APPLICATION_APPROVE)
    def return_application(self, call: Call[c.ReturnApplication]) -> Decision:
        """Send an application back to be completed."""
        return self.rooms.handlers.return_application(call)

    @rpc
    @command(s.RefuseApplication, May.APPLICATION_APPROVE)
    def refuse_application(self, call: Call[c.RefuseApplication]) -> Decision:
        """Refuse an application."""
        return self.rooms.handlers.refuse_application(call)

    @rpc
    @command(s.OfApplication, May.APPLICATION_APPROVE)
    def approve_application(self, call: Call[c.OfApplication]) -> Decision:
        """Approve an application and set its amount aside."""
        return self.rooms.handlers.approve_application(call)

    @rpc
    @command(s.PayApplication, May.APPLICATION_PAY)
    def pay_application(self, call: Call[c.PayApplication]) -> Decision:
        """Record that a grant was handed over."""
        return self.rooms.handlers.pay_application(call)

    @rpc
    @query(s.Everything, May.FUND_VIEW)
    def funds(self, call: Asked) -> Answer:
        """All funds."""
        return self.rooms.queries.funds(call)

    @rpc
    @query(s.OneFund, May.FUND_VIEW)
    def fund(self, call: Asked) -> Answer:
        """One fund."""
        return self.rooms.queries.fund(call)

    @rpc
    @query(s.Donations, May.FUND_VIEW)
    def donations(self, call: Asked) -> Answer:
        """A fund's donations."""
        return self.rooms.queries.donations(call)

    @rpc
    @query(s.Ledger, May.FUND_VIEW)
    def ledger(self, call: Asked) -> Answer:
        """A fund's postings."""
        return self.rooms.queries.ledger(call)

    @rpc
    @query(s.Applications, May.APPLICATION_VIEW)
    def applications(self, call: Asked) -> Answer:
        """Applications within reach."""
        return self.rooms.queries.applications(call)

    @rpc
    @query(s.OneApplication, May.APPLICATION_VIEW)
    def application(self, call: Asked) -> Answer:
        """One application with its words."""
        return self.rooms.queries.application(call)

    @rpc
    @query(s.FundAsOf, May.FUND_VIEW)
    def fund_as_of(self, call: Asked) -> Answer:
        """A fund as it stood, and the history of its fields."""
        return self.rooms.queries.fund_as_of(call)

    @rpc
    @query(s.ApplicationAsOf, May.APPLICATION_VIEW)
    def application_as_of(self, call: Asked) -> Answer:
        """An application as it stood, and the history of its fields."""
        return self.rooms.queries.application_as_of(call)

    @rpc
    @query(s.Timeline, May.APPLICATION_VIEW)
    def timeline(self, call: Asked) -> Answer:
        """A child's grants as a timeline."""
        return self.rooms.queries.timeline(call)
