"""Who answers for a child, and who did on a past date; the children that somebody answers for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from services.registry.queries.ground import Answer, Asked, Ground
from services.registry.schemas.answering import AnsweredChild
from services.registry.views import answering_tables as a
from services.registry.views import tables as t
from shared.access import tables as access
from shared.access.paging import page, position
from shared.kernel.clock import SHANGHAI
from shared.kernel.refusals import NotFound, Refusal
from shared.storage.columns import instant_text
from shared.vault.tables import vault_persons


class AnsweringQueries(Ground):
    """Who answers."""

    def answering(self, call: Asked) -> Answer:
        """Who answered for a child on a day (all, where it passed on that day), or from the beginning until now.

        The answer is `{child, on, items}`, the latest first, each with `staff`, `staff_name`, `since`, `until` (None:
        it goes on), `basis` and `source`. Refuses `as_of_in_future`, and `as_of_too_early` for a day before the first.
        """
        wanted, on = call.data["child"], call.data["on"]
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=wanted)
            spans = _spans(tx, wanted)
        if on is not None:
            begin, end = self._day(on)
            if spans and spans[0]["since"] >= end:
                raise Refusal("as_of_too_early", first=spans[0]["since"].astimezone(SHANGHAI).date().isoformat())
            spans = [one for one in spans if one["since"] < end and (one["until"] is None or one["until"] > begin)]
        items = [
            one | {"since": instant_text(one["since"]), "until": instant_text(one["until"]) if one["until"] else None}
            for one in reversed(spans)
        ]
        return {"child": wanted, "on": on.isoformat() if on else None, "items": items, "next": None}

    def answered_by(self, call: Asked) -> Answer:
        """The children within the caller's reach that somebody answers for now, or did at the end of a day.

        Children who have left are told too, and marked: whoever answered for them is still the one to ask.
        """
        data, c = call.data, a.answering.c
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            name = select(access.staff.c.name).where(access.staff.c.staff == data["staff"])
            found = tx.execute(name).one_or_none()
            if found is None:
                raise NotFound("staff", id=data["staff"])
            last = select(c.child, func.max(c.version).label("version"))
            if data["on"] is not None:
                last = last.where(c.since < self._day(data["on"])[1])
            ever = select(c.child).where(c.staff == data["staff"])
            latest = last.where(c.child.in_(ever)).group_by(c.child).subquery()
            query = (
                select(
                    c.child,
                    c.since,
                    c.basis,
                    t.children.c.name,
                    t.children.c.present,
                    access.divisions.c.name.label("village_name"),
                    t.classes.c.name.label("class_name"),
                    vault_persons.c.standing.label("standing"),
                )
                .join(latest, (latest.c.child == c.child) & (latest.c.version == c.version))
                .join(t.children, t.children.c.child == c.child)
                .outerjoin(access.divisions, access.divisions.c.division == t.children.c.village)
                .outerjoin(t.classes, t.classes.c.klass == t.children.c.klass)
                .outerjoin(vault_persons, vault_persons.c.person == c.child)
                .where(c.staff == data["staff"], reach.children(c.child))
            )
            if data["after"]:
                query = query.where(c.child > position(data["after"], 1)[0])
            rows: list[Row[Any]] = list(tx.execute(query.order_by(c.child).limit(data["limit"] + 1)))
        sees = call.principal.sees

        def shown(row: Row[Any]) -> dict[str, Any]:
            return AnsweredChild().shown({**row._mapping, "since": instant_text(row.since)}, sees)

        answer = page(rows, data["limit"], lambda row: (row.child,), shown)
        on = data["on"].isoformat() if data["on"] else None
        return answer | {"staff": data["staff"], "staff_name": found.name, "on": on}

    def _day(self, on: date) -> tuple[datetime, datetime]:
        """The first moment of a day in Asia/Shanghai, and of the one after it. Refuses `as_of_in_future`."""
        if on > self._today():
            raise Refusal("as_of_in_future", field="on")
        begin = datetime.combine(on, time(), SHANGHAI)
        return begin, begin + timedelta(days=1)


def _spans(tx: Connection, child: str) -> list[dict[str, Any]]:
    """Who answered from when until when, the first first."""
    c = a.answering.c
    query = (
        select(a.answering, access.staff.c.name.label("staff_name"))
        .outerjoin(access.staff, access.staff.c.staff == c.staff)
        .where(c.child == child)
        .order_by(c.version)
    )
    rows = tx.execute(query).all()
    ends = [row.since for row in rows[1:]] + [None]
    return [
        {
            "staff": row.staff,
            "staff_name": row.staff_name,
            "since": row.since,
            "until": until,
            "basis": row.basis,
            "source": row.source,
        }
        for row, until in zip(rows, ends, strict=True)
    ]
