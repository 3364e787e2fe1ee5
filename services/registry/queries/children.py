"""Children in lists, one child, its contact card, its timeline, and how many there are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from services.registry.domain.child import Child
from services.registry.domain.codes import AccessKind
from services.registry.queries.ground import Answer, Asked, Ground, listed_children
from services.registry.schemas import ChildRow, ChildView, ContactCardView, ContactView
from services.registry.views import tables as t
from shared.access import tables as access
from shared.access.gate import Reach
from shared.access.paging import page, position
from shared.access.timeline import timeline
from shared.kernel.clock import whole_years
from shared.kernel.ids import stream_of
from shared.kernel.refusals import NotFound
from shared.localisation.identity import masked_identity

_FILTERS = ("village", "school", "klass", "responsible", "arrangement", "present")
_FIGURES = {
    "school": (t.children.c.school, t.schools.c.name),
    "village": (t.children.c.village, access.divisions.c.name),
}


class ChildQueries(Ground):
    """Children."""

    def children(self, call: Asked) -> Answer:
        """Children within reach by the sound of their names, of a village, school, class, responsible person or risk.

        The cursor names a child, never a name: it may stand in an address.
        """
        data, c = call.data, t.children.c
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            query = listed_children().where(reach.children(c.child))
            query = query.where(*(c[name] == data[name] for name in _FILTERS if data[name] is not None))
            if data["risk"] is not None:
                query = query.where(c.child.in_(select(t.risks.c.child).where(t.risks.c.risk == data["risk"])))
            key = func.coalesce(c.sort_key, "~")
            if data["after"]:
                last = position(data["after"], 1)[0]
                after = select(func.coalesce(c.sort_key, "~")).where(c.child == last).scalar_subquery()
                query = query.where(or_(key > after, and_(key == after, c.child > last)))
            rows = tx.execute(query.order_by(key, c.child).limit(data["limit"] + 1)).all()
            answer = page(rows, data["limit"], lambda row: (row.child,), lambda row: {"child": row.child})
            shown = self._shown(tx, rows[: data["limit"]])
            answer["items"] = [ChildRow().shown(one, call.principal.sees) for one in shown]
            return answer

    def child(self, call: Asked) -> Answer:
        """One child with its facts, the version of its history, and its contacts without their numbers.

        The identity number is shown but for its middle. Address and number are opened from the history.
        """
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=call.data["child"])
            facts, child = self._facts(tx, call.data["child"])
            number = child.identity[0]
            contacts = [
                {
                    "contact": one.id,
                    "relation": one.details.relation,
                    "order": place,
                    "status": one.details.status,
                    "away": one.details.away,
                    "name": one.details.name,
                    **_stands(child, one.id),
                }
                for place, one in enumerate(child.card.contacts, 1)
            ]
            sees = call.principal.sees
            shown = [ContactView().shown(one, sees) for one in contacts]
            identity = masked_identity(number) if number else None
            return ChildView().shown({**facts, "identity": identity, "contacts": shown}, sees)

    def contact_card(self, call: Asked) -> Answer:
        """The contact card, whose reading is recorded before it is shown."""
        wanted = call.data["child"]
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=wanted)
            facts, child = self._facts(tx, wanted)
            phone = select(access.staff.c.phone).where(access.staff.c.staff == child.responsible)
            facts["responsible_phone"] = tx.execute(phone).scalar()
        self._handlers.note_reading(call, [wanted], AccessKind.CONTACT_CARD)
        sees = call.principal.sees
        contacts = [
            ContactView().shown(
                {"contact": one.id, "order": place, **vars(one.details), **_stands(child, one.id)}, sees
            )
            for place, one in enumerate(child.card.contacts, 1)
        ]
        return ContactCardView().shown({**facts, "contacts": contacts}, sees)

    def timeline(self, call: Asked) -> Answer:
        """What happened to the child, as registry knows it, the latest first."""
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=call.data["child"])
            return timeline(tx, self._store, call)

    def figures(self, call: Asked) -> Answer:
        """How many children under watch within reach there are, by school, village, arrangement or risk."""
        by, c = call.data["by"], t.children.c
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            watched = and_(reach.children(c.child), c.present.is_(True))
            total = tx.execute(select(func.count()).select_from(t.children).where(watched)).scalar() or 0
            items = [{"key": row[0], "name": row[1], "children": row[2]} for row in tx.execute(_counts(by, watched))]
            return {"by": by, "children": int(total), "items": items, "next": None, **self._roll(tx, reach)}

    def _roll(self, tx: Connection, reach: Reach) -> dict[str, int]:
        """Pupils on the rolls of the classes within reach, and those of them that rosters call left behind."""
        c = t.classes.c
        sums = select(func.coalesce(func.sum(c.pupils), 0), func.coalesce(func.sum(c.left_behind), 0))
        pupils, left_behind = tx.execute(sums.where(reach.in_places(c.klass))).one()
        return {"pupils": int(pupils), "left_behind": int(left_behind)}

    def _facts(self, tx: Connection, wanted: str) -> tuple[dict[str, Any], Child]:
        row = tx.execute(listed_children().where(t.children.c.child == wanted)).one_or_none()
        if row is None:
            raise NotFound("child", id=wanted)
        history = self._store.stream(tx, stream_of("registry", "child", wanted), opened=True)
        child = Child.replayed(wanted, [one.event for one in history])
        above = access.divisions.alias()
        township = (
            select(above.c.name)
            .join(access.divisions, access.divisions.c.parent == above.c.division)
            .where(access.divisions.c.division == row.village)
        )
        facts = {
            **self._shown(tx, [row])[0],
            **self._opened(row, child),
            "version": child.version,
            **_stands(child, child.id),
            "address": child.address,
            "township_name": tx.execute(township).scalar(),
        }
        return facts, child

    def _opened(self, row: Row[Any], child: Child) -> dict[str, Any]:
        """What the view has lost by a restriction and an opening lets this reader see, from the history."""
        if row.name is not None or child.name is None:
            return {}
        age = whole_years(child.born, self._today()) if child.born else None
        return {"name": child.name, "sex": child.sex, "born": child.born, "age": age}


def _stands(child: Child, person: str) -> dict[str, bool]:
    """Whether a person's fields are gone or closed: what stands where a name would stand."""
    erased = person in child.erased
    return {"erased": erased, "restricted": person in child.restricted and not erased}


def _counts(by: str, watched: Any) -> Any:
    c = t.children.c
    number = func.count().label("children")
    if by == "risk":
        query = select(t.risks.c.risk, t.risks.c.risk, number).join(t.children, c.child == t.risks.c.child)
        return query.where(watched).group_by(t.risks.c.risk).order_by(t.risks.c.risk)
    if by == "arrangement":
        query = select(c.arrangement, c.arrangement, number).where(watched)
        return query.group_by(c.arrangement).order_by(number.desc(), c.arrangement)
    key, name = _FIGURES[by]
    table = t.schools if by == "school" else access.divisions
    on = t.schools.c.school if by == "school" else access.divisions.c.division
    query = select(key, name, number).select_from(t.children.outerjoin(table, on == key)).where(watched)
    return query.group_by(key, name).order_by(number.desc(), name)
