"""Staff, the roles they hold, and what a signed-in person may be."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, and_, func, or_, select

from services.registry.domain.staff import StaffMember
from services.registry.queries.ground import Answer, Asked, Ground
from services.registry.schemas import StaffView
from shared.access import tables as access
from shared.access.paging import page, position
from shared.eventstore import tables as log
from shared.kernel.refusals import Denied, NotFound

MOST_TOLD = 100
"""Events in the history of a member of staff, the latest first."""


class StaffQueries(Ground):
    """Staff and grants."""

    def staff(self, call: Asked) -> Answer:
        """Staff in the order of being registered, with the roles in force; of one role, place or name where asked.

        Names and roles of staff are shown to all who may see staff; numbers to those who see numbers.
        """
        s, g, data = access.staff.c, access.grants.c, call.data
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            query = select(access.staff).order_by(s.staff).limit(data["limit"] + 1)
            holding = select(g.staff).where(g.ended.is_(False))
            if data["role"] is not None:
                holding = holding.where(g.role == data["role"])
            if data["division"] is not None:
                holding = holding.where(_within(self._gate.under(tx, [data["division"]])))
            if data["role"] is not None or data["division"] is not None:
                query = query.where(s.staff.in_(holding))
            if data["query"] is not None:
                query = query.where(s.name.contains(data["query"], autoescape=True))
            if data["after"]:
                query = query.where(s.staff > position(data["after"], 1)[0])
            rows = tx.execute(query).all()
            held = self._held(tx, [row.staff for row in rows])

            def shown(row: Any) -> dict[str, Any]:
                grants = held[row.staff]
                roles = sorted({one["role"] for one in grants})
                told = {**row._mapping, "roles": roles, "grants": grants}
                return StaffView().shown(told, call.principal.sees)

            return page(rows, data["limit"], lambda row: (row.staff,), shown)

    def staff_member(self, call: Asked) -> Answer:
        """A member of staff with the grants in force and what happened to roles and account, the latest first."""
        staff = call.data["staff"]
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            row = tx.execute(select(access.staff).where(access.staff.c.staff == staff)).one_or_none()
            if row is None:
                raise NotFound("staff", id=staff)
            every = [(one.ended, _grant(one)) for one in tx.execute(_grants().where(access.grants.c.staff == staff))]
            told = {**row._mapping, "grants": [one for ended, one in every if not ended]}
            told["roles"] = sorted({one["role"] for one in told["grants"]})
            shown: Answer = StaffView().shown(told, call.principal.sees)
            return shown | {"history": _history(tx, staff, {one["id"]: one for _, one in every})}

    def grants(self, call: Asked) -> Answer:
        """Grants in force, of a member of staff, a division or a place, with the names of all three."""
        g, data = access.grants.c, call.data
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            named = [g[name] == data[name] for name in ("staff", "division", "place") if data[name] is not None]
            return {"items": [_grant(row) for row in tx.execute(_in_force().where(*named))], "next": None}

    def grants_of(self, call: Asked) -> Answer:
        """Name and grants in force of a member of staff: what the console asks when somebody signs in.

        For the console, and for oneself; others ask `grants`.
        """
        staff = call.data["staff"]
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            if not call.principal.is_system and call.principal.id != staff:
                raise Denied(str(call.permission), reach=True)
            return self._of(tx, staff)

    def my_grants(self, call: Asked) -> Answer:
        """Name and grants in force of the caller."""
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            return self._of(tx, call.principal.id)

    def _of(self, tx: Connection, staff: str) -> Answer:
        row = tx.execute(select(access.staff).where(access.staff.c.staff == staff)).one_or_none()
        if row is None:
            raise NotFound("staff", id=staff)
        held = tx.execute(_in_force().where(access.grants.c.staff == staff))
        return {"staff": staff, "name": row.name, "grants": [_grant(one) for one in held]}

    def _held(self, tx: Connection, staff: list[str]) -> dict[str, list[dict[str, Any]]]:
        held: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in tx.execute(_in_force().where(access.grants.c.staff.in_(staff))) if staff else ():
            held[row.staff].append(_grant(row))
        return held


def _history(tx: Connection, staff: str, grants: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What the log says of a member of staff: by whom and when, with the role and place that each grant stood for."""
    c = log.events.c
    query = select(c.entry).where(c.stream == StaffMember(staff).stream)
    rows = tx.execute(query.order_by(c.stream_version.desc()).limit(MOST_TOLD)).scalars()
    entries = [msgspec.json.decode(bytes(one)) for one in rows]
    actors = {one["actor"]["id"] for one in entries}
    s = access.staff.c
    names = {row.staff: row.name for row in tx.execute(select(s.staff, s.name).where(s.staff.in_(actors)))}
    return [
        {
            "type": one["type"],
            "time": one["time"],
            "actor": {**one["actor"], "name": names.get(one["actor"]["id"])},
            "act": one["data"].get("act"),
            **{name: grants.get(one["data"].get("grant"), {}).get(name) for name in ("role", "scope", "where")},
        }
        for one in entries
    ]


def _within(divisions: frozenset[str]) -> Any:
    """A condition on grants: for one of these divisions, or for a school or class in one of them."""
    g, p = access.grants.c, access.places.c
    schools = select(p.place).where(p.division.in_(divisions))
    places = select(p.place).where(or_(p.division.in_(divisions), p.parent.in_(schools)))
    return or_(g.division.in_(divisions), g.place.in_(places))


def _in_force() -> Select[Any]:
    return _grants().where(access.grants.c.ended.is_(False))


def _grants() -> Select[Any]:
    g, d, p = access.grants.c, access.divisions.c, access.places.c
    school = access.places.alias()
    return (
        select(
            access.grants,
            access.staff.c.name.label("staff_name"),
            func.coalesce(d.name, p.name).label("where_name"),
            school.c.name.label("school_name"),
        )
        .outerjoin(access.staff, access.staff.c.staff == g.staff)
        .outerjoin(access.divisions, d.division == g.division)
        .outerjoin(access.places, p.place == g.place)
        .outerjoin(school, and_(school.c.place == p.parent, or_(p.kind == "class")))
        .order_by(g.id)
    )


def _grant(row: Any) -> dict[str, Any]:
    where = " ".join(part for part in (row.school_name, row.where_name) if part) or None
    return {
        "id": row.id,
        "staff": row.staff,
        "staff_name": row.staff_name,
        "role": row.role,
        "scope": row.scope,
        "division": row.division,
        "place": row.place,
        "where": where,
    }
