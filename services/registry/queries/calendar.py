"""Is this a school day, is it a workday; and who keeps the daily watch over a child by it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from services.registry.handlers.responsible import Responsibles
from services.registry.queries.ground import Answer, Asked, Ground
from services.registry.views import calendar_tables as v
from services.registry.views import tables as t
from shared.access import tables as access
from shared.kernel.refusals import NotFound, Refusal
from shared.localisation.school_days import AreaCalendar, nearest


class CalendarQueries(Ground):
    """Calendars."""

    def calendar_days(self, call: Asked) -> Answer:
        """What the days of an area are, with the terms and exceptions that hold there, its own and those above it.

        Each of `items` has `day`, `worked`, `basis` (override, calendar, estimate), `in_term` (None: no term is known
        near it) and `taught`. `terms` and `days` are those set for the area itself.
        """
        data = call.data
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            found = _calendar(tx, data["division"])
            own = {
                name: [dict(row._mapping) for row in tx.execute(query)]
                for name, query in (
                    ("terms", select(v.terms).where(v.terms.c.division == data["division"]).order_by(v.terms.c.first)),
                    ("days", select(v.days).where(v.days.c.division == data["division"]).order_by(v.days.c.day)),
                )
            }
        first = data["first"] or self._today()
        items = [_said(found.on(first + timedelta(days=number))) for number in range(data["days"])]
        dated = {name: [_dated(one) for one in rows] for name, rows in own.items()}
        return {"division": data["division"], **dated, "items": items, "next": None}

    def watch(self, call: Asked) -> Answer:
        """Who keeps the daily watch over a child, today or on a coming day: derived from the calendar, never stored.

        In a term the teacher of its class does, in the holidays the director of its village; whoever answers for the
        child where nobody is on record for that or no term is known. Refuses `registry.watch_past`: who answered on a
        past day is asked at `answering`.
        """
        wanted, on = call.data["child"], call.data["on"] or self._today()
        if on < self._today():
            with self._database.read() as tx:
                self._gate.clear(tx, call, child=wanted)
            raise Refusal("registry.watch_past")
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=wanted)
            child = tx.execute(select(t.children).where(t.children.c.child == wanted)).one_or_none()
            if child is None:
                raise NotFound("child", id=wanted)
            school = select(t.schools.c.division).where(t.schools.c.school == child.school)
            where = tx.execute(school).scalar() or child.village
            day = _calendar(tx, where).on(on)
            on_record = Responsibles(tx)
            keeper, by = child.responsible, "responsible"
            if day.in_term and (teacher := on_record.teacher(child.klass)):
                keeper, by = teacher, "teacher"
            elif day.in_term is False and (director := on_record.director(child.village)):
                keeper, by = director, "village_director"
            name = tx.execute(select(access.staff.c.name).where(access.staff.c.staff == keeper)).scalar()
        return {"child": wanted, "staff": keeper, "staff_name": name, "by": by, **_said(day)}


def _calendar(tx: Connection, division: str) -> AreaCalendar:
    """What holds for an area: its own calendar, then that of the one above it, up to the county. Raises NotFound."""
    chain: list[str] = []
    above: str | None = division
    d = access.divisions.c
    while above is not None:
        row = tx.execute(select(d.division, d.parent).where(d.division == above)).one_or_none()
        if row is None:
            raise NotFound("division", id=above)
        chain.append(row.division)
        above = row.parent
    terms = tx.execute(select(v.terms).where(v.terms.c.division.in_(chain))).all()
    days = tx.execute(select(v.days).where(v.days.c.division.in_(chain))).all()
    return nearest(
        AreaCalendar(
            terms=tuple((row.first, row.last) for row in terms if row.division == one),
            worked={row.day: row.worked for row in days if row.division == one and row.worked is not None},
            taught={row.day: row.taught for row in days if row.division == one and row.taught is not None},
        )
        for one in chain
    )


def _said(day: Any) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "worked": day.worked,
        "basis": day.basis,
        "in_term": day.in_term,
        "taught": day.taught,
    }


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    return {name: one.isoformat() if isinstance(one, date) else one for name, one in row.items()}
