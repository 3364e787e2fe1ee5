"""What stands in casework against erasing a person."""

from __future__ import annotations

from sqlalchemy import Connection, select

from services.casework import views as v
from services.casework.domain.codes import AgainstErasure, CaseState
from shared.hosting.erasing import Question
from shared.kernel.clock import day_of, years_after
from shared.kernel.erasing import Against


class AgainstErasing:
    """Weighs an erasure. `years` is for how long a closed case is kept."""

    def __init__(self, years: int) -> None:
        self._years = years

    def __call__(self, tx: Connection, asked: Question) -> Against:
        """An open case keeps what is known of the child and its people; a closed one keeps the child for some years.

        Whoever is named in a case of the child cannot ask.
        """
        c = v.cases.c
        found = tx.execute(select(c.state, c.closed_at, c.counsellor).where(c.child == asked.child)).all()
        several = []
        if any(one.state == CaseState.OPEN for one in found):
            several.append(Against((AgainstErasure.OPEN_CASE,)))
        closed = [day_of(one.closed_at) for one in found if one.closed_at is not None]
        until = years_after(max(closed), self._years) if closed else None
        if until is not None and until > asked.today and asked.person == asked.child:
            several.append(Against((AgainstErasure.CASE_RETENTION,), until))
        if asked.by in {one.counsellor for one in found}:
            several.append(Against((AgainstErasure.REQUESTER_NAMED,)))
        return Against.all_of(several)
