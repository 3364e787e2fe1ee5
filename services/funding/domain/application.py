"""An application for a grant to a child: drafted, submitted, approved by someone else, paid by a third.

社会救助暂行办法 art. 48: apply, review, approve, pay; no one person holds two of these for the same grant.
"""

from __future__ import annotations

from datetime import date

from services.funding.domain.codes import ApplicationState as State
from services.funding.domain.codes import Method, RefusalReason
from services.funding.domain.events import (
    ApplicationApproved,
    ApplicationDrafted,
    ApplicationPaid,
    ApplicationRefused,
    ApplicationReturned,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal

_OPEN = (State.DRAFT, State.RETURNED)


class Application(Aggregate):
    """An application with the people who acted on it."""

    service = "funding"
    kind = "application"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.state = State.DRAFT
        self.fund = ""
        self.child = ""
        self.amount = 0
        self.submitted_by: str | None = None
        self.approved_by: str | None = None

    def draft(self, *, child: str, fund: str, amount: int, reason: str) -> None:
        """Begin it. Drafting it again changes nothing."""
        if not self.exists:
            self._draft(child, fund, amount, reason)

    def amend(self, *, fund: str, amount: int, reason: str) -> None:
        """Change what it says, while it is a draft or was returned. Refuses `funding.application_not_open`."""
        self._in(*_OPEN)
        self._draft(self.child, fund, amount, reason)

    def submit(self, *, by: str) -> None:
        """Hand it in. Submitting it again changes nothing. Refuses `funding.application_not_open`."""
        if self.state is State.SUBMITTED:
            return
        self._in(*_OPEN)
        self.record(
            ApplicationSubmitted(
                application=Ref(self.id), fund=Ref(self.fund), child=Person(self.child), amount=self.amount, by=Ref(by)
            )
        )

    def send_back(self, *, note: str) -> None:
        """Send it back to be completed. Refuses `funding.application_not_open` unless it waits for approval."""
        if self.state is State.RETURNED:
            return
        self._in(State.SUBMITTED)
        self.record(ApplicationReturned(application=Ref(self.id), child=Person(self.child), note=note))

    def approve(self, *, by: str) -> None:
        """Approve it; approving it again changes nothing. Whether the fund has the money is the claim's to say.

        Refuses `funding.application_not_open`, and `funding.approver_is_applicant` when whoever submitted it approves.
        """
        if self.state is State.APPROVED:
            return
        self._in(State.SUBMITTED)
        if by == self.submitted_by:
            raise Refusal("funding.approver_is_applicant")
        self.record(
            ApplicationApproved(
                application=Ref(self.id), fund=Ref(self.fund), child=Person(self.child), amount=self.amount, by=Ref(by)
            )
        )

    def refuse(self, *, reason: RefusalReason, by: str) -> None:
        """Refuse it for good. Refuses itself as `approve` does."""
        if self.state is State.REFUSED:
            return
        self._in(State.SUBMITTED)
        if by == self.submitted_by:
            raise Refusal("funding.approver_is_applicant")
        self.record(ApplicationRefused(application=Ref(self.id), child=Person(self.child), reason=reason))

    def withdraw(self) -> None:
        """Take it back before it is paid; what was set aside is available again."""
        if self.state is State.WITHDRAWN:
            return
        self._in(*_OPEN, State.SUBMITTED, State.APPROVED)
        released = self.amount if self.state is State.APPROVED else 0
        self.record(
            ApplicationWithdrawn(
                application=Ref(self.id), fund=Ref(self.fund), child=Person(self.child), released=released
            )
        )

    def pay(self, *, by: str, method: Method, paid_on: date, today: date) -> None:
        """Record the payment, once. `paid_on` may lie in the past (work is written down late), never in the future.

        Refuses `funding.application_not_approved`, `funding.payer_is_approver` and `funding.payer_is_applicant` (three
        different people apply, approve and pay), `funding.paid_in_future`.
        """
        if self.state is State.PAID:
            return
        if self.state is not State.APPROVED:
            raise Refusal("funding.application_not_approved", state=self.state.value)
        if by == self.approved_by:
            raise Refusal("funding.payer_is_approver")
        if by == self.submitted_by:
            raise Refusal("funding.payer_is_applicant")
        if paid_on > today:
            raise Refusal("funding.paid_in_future", paid_on=paid_on.isoformat())
        self.record(
            ApplicationPaid(
                application=Ref(self.id),
                fund=Ref(self.fund),
                child=Person(self.child),
                amount=self.amount,
                by=Ref(by),
                method=method,
                paid_on=paid_on,
            )
        )

    def _in(self, *states: State) -> None:
        if self.state not in states:
            raise Refusal("funding.application_not_open", state=self.state.value)

    def _draft(self, child: str, fund: str, amount: int, reason: str) -> None:
        self.record(
            ApplicationDrafted(
                application=Ref(self.id), fund=Ref(fund), child=Person(child), amount=amount, reason=reason
            )
        )

    def _apply_application_drafted(self, event: ApplicationDrafted) -> None:
        self.fund, self.child, self.amount = event.fund, event.child, event.amount

    def _apply_application_submitted(self, event: ApplicationSubmitted) -> None:
        self.state, self.submitted_by = State.SUBMITTED, event.by

    def _apply_application_returned(self, event: ApplicationReturned) -> None:
        self.state = State.RETURNED

    def _apply_application_approved(self, event: ApplicationApproved) -> None:
        self.state, self.approved_by = State.APPROVED, event.by

    def _apply_application_refused(self, event: ApplicationRefused) -> None:
        self.state = State.REFUSED

    def _apply_application_withdrawn(self, event: ApplicationWithdrawn) -> None:
        self.state = State.WITHDRAWN

    def _apply_application_paid(self, event: ApplicationPaid) -> None:
        self.state = State.PAID
