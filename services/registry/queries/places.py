"""Divisions, schools and classes."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select

from services.registry.queries.ground import Answer, Asked, Ground, listed_children
from services.registry.schemas import ChildRow
from services.registry.views import tables as t
from shared.access import tables as access
from shared.kernel.refusals import NotFound


class PlaceQueries(Ground):
    """Places. What they are called is no secret: all are listed for all who may see places."""

    def divisions(self, call: Asked) -> Answer:
        """Divisions by code, all or those right under a parent or of a level."""
        d, data = access.divisions.c, call.data
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            query = select(access.divisions).order_by(d.code)
            query = query.where(*(d[name] == data[name] for name in ("parent", "level") if data[name] is not None))
            return {"items": [dict(row._mapping) for row in tx.execute(query)], "next": None}

    def schools(self, call: Asked) -> Answer:
        """Schools by name with their pupils as last counted, all or those in a division with what lies under it."""
        s, k = t.schools.c, t.classes.c
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            query = (
                select(
                    s.school,
                    s.name,
                    s.division,
                    s.stages,
                    access.divisions.c.name.label("division_name"),
                    func.count(k.klass).label("classes"),
                    func.coalesce(func.sum(k.pupils), 0).label("pupils"),
                    func.coalesce(func.sum(k.left_behind), 0).label("left_behind"),
                )
                .outerjoin(t.classes, k.school == s.school)
                .outerjoin(access.divisions, access.divisions.c.division == s.division)
                .group_by(s.school, s.name, s.division, s.stages, access.divisions.c.name)
                .order_by(s.name, s.school)
            )
            if call.data["division"] is not None:
                query = query.where(s.division.in_(self._gate.under(tx, [call.data["division"]])))
            numbers = ("classes", "pupils", "left_behind")
            items = [{**row._mapping, **{one: int(row._mapping[one]) for one in numbers}} for row in tx.execute(query)]
            return {"items": items, "next": None}

    def classes(self, call: Asked) -> Answer:
        """Classes by school, grade and name, with their pupils as last counted and the children under watch in them."""
        k, c = t.classes.c, t.children.c
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            watched = and_(c.klass == k.klass, c.present.is_(True))
            shown = (k.klass, k.school, k.name, k.grade, k.pupils, k.left_behind, k.counted_on)
            query = (
                select(*shown, t.schools.c.name.label("school_name"), func.count(c.child).label("children"))
                .join(t.schools, t.schools.c.school == k.school)
                .outerjoin(t.children, watched)
                .group_by(*shown, t.schools.c.name)
                .order_by(t.schools.c.name, k.grade, func.length(k.name), k.name, k.klass)
            )
            if call.data["school"] is not None:
                query = query.where(k.school == call.data["school"])
            items = [
                {**row._mapping, "counted_on": row.counted_on.isoformat() if row.counted_on else None}
                for row in tx.execute(query)
            ]
            return {"items": items, "next": None}

    def class_roster(self, call: Asked) -> Answer:
        """The children under watch of a class, by the sound of their names, with the class and its teachers."""
        wanted = call.data["klass"]
        with self._database.read() as tx:
            self._gate.clear(tx, call, place=wanted)
            k = t.classes.c
            query = select(t.classes, t.schools.c.name.label("school_name"))
            klass = tx.execute(
                query.join(t.schools, t.schools.c.school == k.school).where(k.klass == wanted)
            ).one_or_none()
            if klass is None:
                raise NotFound("class", id=wanted)
            g, c = access.grants.c, t.children.c
            teachers = (
                select(access.staff.c.staff, access.staff.c.name)
                .join(access.grants, g.staff == access.staff.c.staff)
                .where(g.ended.is_(False), g.role == "teacher", or_(g.place == wanted, g.place == klass.school))
                .order_by(g.place != wanted, g.id)
            )
            rows = tx.execute(
                listed_children()
                .where(c.klass == wanted, c.present.is_(True))
                .order_by(func.coalesce(c.sort_key, "~"), c.child)
            ).all()
            return {
                "klass": wanted,
                "name": klass.name,
                "grade": klass.grade,
                "school": klass.school,
                "school_name": klass.school_name,
                "pupils": klass.pupils,
                "left_behind": klass.left_behind,
                "teachers": [{"staff": row.staff, "name": row.name} for row in tx.execute(teachers)],
                "items": [ChildRow().shown(one, call.principal.sees) for one in self._shown(tx, rows)],
                "next": None,
            }
