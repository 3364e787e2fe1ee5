"""Funding's commands: permission, aggregate, decision. The fund's claim has the last word on money."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from services.funding import views
from services.funding.domain import commands as c
from services.funding.domain.application import Application
from services.funding.domain.fund import Fund
from shared.access import tables as access
from shared.access.principals import Call
from shared.eventstore.work import Decision, Work
from shared.hosting.foundation import Foundation
from shared.kernel.clock import day_of
from shared.kernel.ids import derived_id
from shared.kernel.refusals import NotFound, Refusal


class Handlers:
    """What funding's command doors lead to."""

    def __init__(self, base: Foundation) -> None:
        self._base, self._gate, self._desk, self._clock = base, base.gate, base.desk, base.clock

    def open_fund(self, call: Call[c.OpenFund]) -> Decision:
        """Open a fund; its reference is the command's id."""

        def decide(work: Work) -> Fund:
            self._gate.clear(work.tx, call, anywhere=True)
            fund = work.find(Fund, call.command_id)
            fund.open(name=call.data.name, purpose=call.data.purpose)
            return fund

        return self._desk.decide(call.order(), decide)

    def record_donation(self, call: Call[c.RecordDonation]) -> Decision:
        """Record money received. A donor without a reference gets one derived from the command."""
        data = call.data

        def decide(work: Work) -> Fund:
            self._gate.clear(work.tx, call, anywhere=True)
            fund = work.load(Fund, data.fund)
            fund.receive(
                donation=call.command_id,
                amount=data.amount,
                source=data.source,
                received_on=data.received_on,
                today=day_of(self._clock.now()),
                donor=data.donor or derived_id(call.command_id, "donor"),
                donor_name=data.donor_name,
            )
            return fund

        return self._desk.decide(call.order(), decide)

    def draft_application(self, call: Call[c.DraftApplication]) -> Decision:
        """Begin an application; its reference is the command's id."""
        data = call.data

        def decide(work: Work) -> Application:
            self._gate.clear(work.tx, call, child=data.child)
            _must_be_watched(work.tx, data.child)
            work.load(Fund, data.fund)
            application = work.find(Application, call.command_id)
            application.draft(child=data.child, fund=data.fund, amount=data.amount, reason=data.reason)
            return application

        return self._desk.decide(call.order(), decide)

    def amend_application(self, call: Call[c.AmendApplication]) -> Decision:
        """Change what a draft or a returned application says."""
        data = call.data

        def amend(application: Application, work: Work) -> None:
            work.load(Fund, data.fund)
            application.amend(fund=data.fund, amount=data.amount, reason=data.reason)

        return self._on(call, data.application, amend)

    def submit_application(self, call: Call[c.OfApplication]) -> Decision:
        """Hand an application in."""
        return self._on(call, call.data.application, lambda it, _: it.submit(by=call.principal.id))

    def return_application(self, call: Call[c.ReturnApplication]) -> Decision:
        """Send an application back to be completed."""
        return self._on(call, call.data.application, lambda it, _: it.send_back(note=call.data.note))

    def refuse_application(self, call: Call[c.RefuseApplication]) -> Decision:
        """Refuse an application for good."""
        reason = call.data.reason
        return self._on(call, call.data.application, lambda it, _: it.refuse(reason=reason, by=call.principal.id))

    def withdraw_application(self, call: Call[c.OfApplication]) -> Decision:
        """Take an application back."""
        return self._on(call, call.data.application, lambda it, _: it.withdraw())

    def approve_application(self, call: Call[c.OfApplication]) -> Decision:
        """Approve an application and set its amount aside.

        Refuses `funding.insufficient_funds {available, requested}`. Two approvals at the same moment may both see
        enough; the database lets only those pass that the fund can bear, and the other is refused here.
        """

        def approve(application: Application, work: Work) -> None:
            application.approve(by=call.principal.id)
            if application.recorded:
                _must_have(work.tx, application)

        try:
            return self._on(call, call.data.application, approve)
        except IntegrityError as error:
            if views.NEVER_OVERDRAWN not in str(error.orig):
                raise
        return self._on(call, call.data.application, approve)

    def pay_application(self, call: Call[c.PayApplication]) -> Decision:
        """Record that a grant was handed over."""
        data, today = call.data, day_of(self._clock.now())

        def pay(application: Application, _: Work) -> None:
            application.pay(by=call.principal.id, method=data.method, paid_on=data.paid_on, today=today)

        return self._on(call, data.application, pay)

    def _on(self, call: Call[Any], application_id: str, act: Callable[[Application, Work], None]) -> Decision:
        def decide(work: Work) -> Application:
            application = work.load(Application, application_id)
            self._gate.clear(work.tx, call, child=application.child)
            work.expect(application)
            act(application, work)
            return application

        return self._desk.decide(call.order(), decide)


def _must_be_watched(tx: Connection, child: str) -> None:
    known = tx.execute(select(access.children.c.present).where(access.children.c.child == child)).scalar()
    if known is None:
        raise NotFound("child", id=child)


def _must_have(tx: Connection, application: Application) -> None:
    query = select(views.claims.c.available).where(views.claims.c.fund == application.fund)
    available = tx.execute(query).scalar() or 0
    if available < application.amount:
        raise Refusal("funding.insufficient_funds", available=available, requested=application.amount)
