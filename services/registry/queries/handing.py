"""Hand-overs and transfers: which there are, who has signed, and whose children they are about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, and_, false, func, or_, select

from services.registry.queries.ground import Answer, Asked, Ground
from services.registry.schemas.answering import ListedChild, TransferView
from services.registry.views import answering_tables as a
from services.registry.views import tables as t
from shared.access import tables as access
from shared.access.gate import Reach
from shared.access.paging import page, position
from shared.access.permissions import Permission
from shared.access.principals import Principal
from shared.kernel.refusals import Denied, NotFound
from shared.storage.columns import instant_text
from shared.vault.tables import vault_persons

_MOMENTS = ("drawn_at", "given_at", "taken_at", "ended_at", "signed_at", "decided_at")


class HandingQueries(Ground):
    """Hand-overs and transfers."""

    def hand_overs(self, call: Asked) -> Answer:
        """The lists that the caller gives, takes or drew up, and for who may draw up others those of their children.

        The latest first.
        """
        data, c = call.data, a.hand_overs.c
        with self._database.read() as tx:
            query = _lists().where(_mine(call.principal, self._gate.listing(tx, call)))
            if data["state"] is not None:
                query = query.where(c.state == data["state"])
            rows = _paged(tx, query, c.drawn_at, c.hand_over, data)
        return page(rows, data["limit"], lambda row: (row.hand_over,), _said)

    def hand_over(self, call: Asked) -> Answer:
        """One list with the children on it, those first who passed on."""
        wanted = call.data["hand_over"]
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            row = tx.execute(_lists().where(a.hand_overs.c.hand_over == wanted)).one_or_none()
            if row is None:
                raise NotFound("hand_over", id=wanted)
            mine = _mine(call.principal, self._gate.reach(tx, call.principal))
            if tx.execute(select(a.hand_overs).where(a.hand_overs.c.hand_over == wanted, mine)).first() is None:
                raise Denied(str(call.permission), reach=True)
            h = a.hand_over_children.c
            query = (
                select(
                    h.child,
                    h.passed,
                    t.children.c.name,
                    access.divisions.c.name.label("village_name"),
                    vault_persons.c.standing.label("standing"),
                )
                .outerjoin(t.children, t.children.c.child == h.child)
                .outerjoin(access.divisions, access.divisions.c.division == t.children.c.village)
                .outerjoin(vault_persons, vault_persons.c.person == h.child)
                .where(h.hand_over == wanted)
                .order_by(h.passed.desc(), func.coalesce(t.children.c.sort_key, "~"), h.child)
            )
            children = [ListedChild().shown(one, call.principal.sees) for one in tx.execute(query)]
        return _said(row) | {"children": children}

    def transfers(self, call: Asked) -> Answer:
        """Transfers of children within reach, or into villages within reach, the latest first."""
        data, c = call.data, a.transfers.c
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            query = _transfers().where(or_(reach.children(c.child), reach.in_divisions(c.village)))
            if data["state"] is not None:
                query = query.where(c.state == data["state"])
            rows = _paged(tx, query, c.signed_at, c.transfer, data)
        sees = call.principal.sees
        return page(
            rows, data["limit"], lambda row: (row.transfer,), lambda row: TransferView().shown(_said(row), sees)
        )

    def transfer(self, call: Asked) -> Answer:
        """One transfer, for either side. `receiving`: whether the caller may sign for the side that takes the child."""
        wanted, c = call.data["transfer"], a.transfers.c
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            row = tx.execute(_transfers().where(c.transfer == wanted)).one_or_none()
            if row is None:
                raise NotFound("transfer", id=wanted)
            reach = self._gate.reach(tx, call.principal)
            here = select(c.transfer).where(c.transfer == wanted)
            sending = tx.execute(here.where(reach.children(c.child))).first() is not None
            receiving = tx.execute(here.where(reach.in_divisions(c.village))).first() is not None
            if not (sending or receiving):
                raise Denied(str(call.permission), reach=True)
        shown: Answer = TransferView().shown(_said(row), call.principal.sees)
        mine = row.signed_by == call.principal.id
        return shown | {"sending": sending, "receiving": receiving and not mine}


def _mine(principal: Principal, reach: Reach) -> Any:
    c, h = a.hand_overs.c, a.hand_over_children.c
    wide: Any = false()
    if Permission.HAND_OVER_DRAW in principal.permissions:
        wide = c.hand_over.in_(select(h.hand_over).where(reach.children(h.child)))
    return or_(c.giver == principal.id, c.receiver == principal.id, c.drawn_by == principal.id, wide)


def _paged(tx: Connection, query: Select[Any], at: Any, key: Any, data: dict[str, Any]) -> list[Row[Any]]:
    """A page of a list, the latest first, and one row more where there is one."""
    if data["after"]:
        last = position(data["after"], 1)[0]
        then = select(at).where(key == last).scalar_subquery()
        query = query.where(or_(at < then, and_(at == then, key < last)))
    return list(tx.execute(query.order_by(at.desc(), key.desc()).limit(data["limit"] + 1)))


def _lists() -> Select[Any]:
    c, h = a.hand_overs.c, a.hand_over_children.c
    giver, receiver, drawer, signer = (access.staff.alias() for _ in range(4))
    listed = select(func.count()).select_from(a.hand_over_children).where(h.hand_over == c.hand_over)
    return (
        select(
            a.hand_overs,
            giver.c.name.label("giver_name"),
            receiver.c.name.label("receiver_name"),
            drawer.c.name.label("drawn_by_name"),
            signer.c.name.label("given_by_name"),
            t.classes.c.name.label("class_name"),
            t.schools.c.name.label("school_name"),
            listed.scalar_subquery().label("listed"),
        )
        .outerjoin(giver, giver.c.staff == c.giver)
        .outerjoin(receiver, receiver.c.staff == c.receiver)
        .outerjoin(drawer, drawer.c.staff == c.drawn_by)
        .outerjoin(signer, signer.c.staff == c.given_by)
        .outerjoin(t.classes, t.classes.c.klass == c.klass)
        .outerjoin(t.schools, t.schools.c.school == t.classes.c.school)
    )


def _transfers() -> Select[Any]:
    c = a.transfers.c
    origin, village = access.divisions.alias(), access.divisions.alias()
    signer, decider, staff, present = (access.staff.alias() for _ in range(4))
    return (
        select(
            a.transfers,
            t.children.c.name.label("name"),
            vault_persons.c.standing.label("standing"),
            origin.c.name.label("origin_name"),
            village.c.name.label("village_name"),
            t.schools.c.name.label("school_name"),
            t.classes.c.name.label("class_name"),
            signer.c.name.label("signed_by_name"),
            decider.c.name.label("decided_by_name"),
            staff.c.name.label("staff_name"),
            present.c.name.label("responsible_name"),
        )
        .outerjoin(t.children, t.children.c.child == c.child)
        .outerjoin(vault_persons, vault_persons.c.person == c.child)
        .outerjoin(origin, origin.c.division == c.origin)
        .outerjoin(village, village.c.division == c.village)
        .outerjoin(t.schools, t.schools.c.school == c.school)
        .outerjoin(t.classes, t.classes.c.klass == c.klass)
        .outerjoin(signer, signer.c.staff == c.signed_by)
        .outerjoin(decider, decider.c.staff == c.decided_by)
        .outerjoin(staff, staff.c.staff == c.staff)
        .outerjoin(present, present.c.staff == t.children.c.responsible)
    )


def _said(row: Row[Any]) -> dict[str, Any]:
    said = dict(row._mapping)
    return said | {name: instant_text(said[name]) for name in _MOMENTS if said.get(name) is not None}
