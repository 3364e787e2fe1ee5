"""What stands in funding against erasing a person."""

from __future__ import annotations

from sqlalchemy import Connection, select

from services.funding import views as v
from services.funding.domain.codes import AgainstErasure, ApplicationState
from shared.hosting.erasing import Question
from shared.kernel.clock import years_after
from shared.kernel.erasing import Against

_OVER = (ApplicationState.REFUSED, ApplicationState.WITHDRAWN, ApplicationState.PAID)


class AgainstErasing:
    """Weighs an erasure. `years` is for how long vouchers are kept (会计档案管理办法, table 1: thirty)."""

    def __init__(self, years: int) -> None:
        self._years = years

    def __call__(self, tx: Connection, asked: Question) -> Against:
        """Money that is applied for and not paid yet; payments whose vouchers must still be kept; who asks.

        Vouchers name the child and nobody of its card.
        """
        c = v.applications.c
        query = select(c.state, c.paid_on, c.submitted_by, c.approved_by, c.paid_by).where(c.child == asked.person)
        found = tx.execute(query).all()
        several = []
        unpaid = [one for one in found if one.state not in _OVER]
        if unpaid:
            several.append(Against((AgainstErasure.UNPAID_APPLICATION,)))
        paid = [one.paid_on for one in found if one.paid_on is not None]
        until = years_after(max(paid), self._years) if paid else None
        if until is not None and until > asked.today:
            several.append(Against((AgainstErasure.PAYMENT_RETENTION,), until))
        if any(asked.by in (one.submitted_by, one.approved_by, one.paid_by) for one in unpaid):
            several.append(Against((AgainstErasure.REQUESTER_NAMED,)))
        return Against.all_of(several)
