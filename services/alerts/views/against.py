"""What stands in alerts against erasing a person."""

from __future__ import annotations

from sqlalchemy import Connection, select

from services.alerts import views as v
from services.alerts.domain.codes import AgainstErasure
from shared.hosting.erasing import Question
from shared.kernel.erasing import Against


def against_erasure(tx: Connection, asked: Question) -> Against:
    """An alert that is open for the child keeps its card; whoever has it in hand cannot ask."""
    a, o = v.alerts.c, v.open_alerts.c
    query = select(a.acknowledged_by).join(v.open_alerts, o.alert == a.alert).where(o.child == asked.child)
    found = list(tx.execute(query).scalars())
    reasons = [AgainstErasure.OPEN_ALERT] if found else []
    if asked.by in found:
        reasons.append(AgainstErasure.REQUESTER_NAMED)
    return Against(tuple(reasons))
