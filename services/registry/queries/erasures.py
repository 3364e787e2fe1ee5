"""Requests for erasure: which there are, and how far each has come."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, and_, or_, select

from services.registry.domain.codes import Carrier, ErasureState
from services.registry.domain.erasure import ASKED
from services.registry.queries.ground import Answer, Asked, Ground
from services.registry.schemas import ErasureView
from services.registry.views import tables as t
from shared.access import tables as access
from shared.access.paging import page, position
from shared.kernel.refusals import NotFound
from shared.storage.columns import instant_text
from shared.vault.tables import vault_persons

_DECIDED = (ErasureState.ERASED, ErasureState.RESTRICTED)


class ErasureQueries(Ground):
    """Erasures."""

    def erasures(self, call: Asked) -> Answer:
        """The requests about children within reach, the latest first."""
        data, c = call.data, t.erasures.c
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            query = _listed().where(reach.children(c.child))
            for name in ("state", "child"):
                if data[name] is not None:
                    query = query.where(c[name] == data[name])
            if data["after"]:
                last = position(data["after"], 1)[0]
                at = select(c.requested_at).where(c.erasure == last).scalar_subquery()
                query = query.where(or_(c.requested_at < at, and_(c.requested_at == at, c.erasure < last)))
            rows = tx.execute(query.order_by(c.requested_at.desc(), c.erasure.desc()).limit(data["limit"] + 1)).all()
        sees = call.principal.sees
        return page(rows, data["limit"], lambda row: (row.erasure,), lambda row: ErasureView().shown(_shown(row), sees))

    def erasure(self, call: Asked) -> Answer:
        """One request."""
        with self._database.read() as tx:
            row = tx.execute(_listed().where(t.erasures.c.erasure == call.data["erasure"])).one_or_none()
            if row is None:
                self._gate.clear(tx, call, anywhere=True)
                raise NotFound("erasure", id=call.data["erasure"])
            self._gate.clear(tx, call, child=row.child)
        return ErasureView().shown(_shown(row), call.principal.sees)


def _listed() -> Select[Any]:
    c, asked, decided = t.erasures.c, access.staff.alias(), access.staff.alias()
    return (
        select(
            t.erasures,
            t.children.c.name.label("child_name"),
            vault_persons.c.standing.label("child_standing"),
            asked.c.name.label("requested_by_name"),
            decided.c.name.label("decided_by_name"),
        )
        .outerjoin(t.children, t.children.c.child == c.child)
        .outerjoin(vault_persons, vault_persons.c.person == c.child)
        .outerjoin(asked, asked.c.staff == c.requested_by)
        .outerjoin(decided, decided.c.staff == c.decided_by)
    )


def _shown(row: Row[Any]) -> dict[str, Any]:
    answered = {one["service"] for one in row.answers}
    waiting: list[Carrier] = []
    if row.state in (ErasureState.REQUESTED, ErasureState.SECONDED):
        waiting = [one for one in ASKED if one not in answered]
    elif row.state in _DECIDED:
        waiting = [one for one in Carrier if one not in row.carried]
    elif row.state == ErasureState.LIFTED:
        waiting = [one for one in Carrier if one not in row.lifting["done"]]
    return {
        **row._mapping,
        "requested_at": instant_text(row.requested_at),
        "decided_at": instant_text(row.decided_at) if row.decided_at else None,
        "waiting": [str(one) for one in waiting],
    }
