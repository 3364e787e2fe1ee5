"""Requests to read together what is restricted: which there are, and whether one is open."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, and_, or_, select

from services.registry.queries.ground import Answer, Asked, Ground
from services.registry.schemas import OpeningView
from services.registry.views import tables as t
from shared.access import tables as access
from shared.access.paging import page, position
from shared.kernel.refusals import NotFound
from shared.storage.columns import instant_text

_MOMENTS = ("asked_at", "decided_at", "until", "ended_at")


class OpeningQueries(Ground):
    """Openings."""

    def openings(self, call: Asked) -> Answer:
        """The requests about children within reach, the latest first."""
        data, c = call.data, t.openings.c
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            query = _listed().where(reach.children(c.child))
            for name in ("state", "child"):
                if data[name] is not None:
                    query = query.where(c[name] == data[name])
            if data["after"]:
                last = position(data["after"], 1)[0]
                at = select(c.asked_at).where(c.opening == last).scalar_subquery()
                query = query.where(or_(c.asked_at < at, and_(c.asked_at == at, c.opening < last)))
            rows = tx.execute(query.order_by(c.asked_at.desc(), c.opening.desc()).limit(data["limit"] + 1)).all()
        sees = call.principal.sees
        return page(rows, data["limit"], lambda row: (row.opening,), lambda row: OpeningView().shown(_shown(row), sees))

    def opening(self, call: Asked) -> Answer:
        """One request."""
        with self._database.read() as tx:
            row = tx.execute(_listed().where(t.openings.c.opening == call.data["opening"])).one_or_none()
            if row is None:
                self._gate.clear(tx, call, anywhere=True)
                raise NotFound("opening", id=call.data["opening"])
            self._gate.clear(tx, call, child=row.child)
            call.opened.clear()  # who asks how far it has come reads nothing that is restricted
        return OpeningView().shown(_shown(row), call.principal.sees)


def _listed() -> Select[Any]:
    c, asked, decided = t.openings.c, access.staff.alias(), access.staff.alias()
    return (
        select(
            t.openings,
            access.divisions.c.name.label("village_name"),
            asked.c.name.label("asked_by_name"),
            decided.c.name.label("decided_by_name"),
        )
        .outerjoin(t.children, t.children.c.child == c.child)
        .outerjoin(access.divisions, access.divisions.c.division == t.children.c.village)
        .outerjoin(asked, asked.c.staff == c.asked_by)
        .outerjoin(decided, decided.c.staff == c.decided_by)
    )


def _shown(row: Row[Any]) -> dict[str, Any]:
    moments = {name: row._mapping[name] for name in _MOMENTS}
    return {**row._mapping, **{name: instant_text(at) if at else None for name, at in moments.items()}}
