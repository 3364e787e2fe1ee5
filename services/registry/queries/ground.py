"""What all of registry's queries stand on: the foundation, and rows of children with the names of where they belong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from services.registry.handlers import Handlers
from services.registry.views import tables as t
from shared.access import tables as access
from shared.access.principals import Call
from shared.hosting.foundation import Foundation
from shared.kernel.clock import day_of, whole_years
from shared.vault.tables import vault_persons

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


class Ground:
    """The foundation; the handlers, for a reading that must be recorded and a roster that must be read."""

    def __init__(self, base: Foundation, handlers: Handlers) -> None:
        self._base, self._gate, self._database, self._store = base, base.gate, base.database, base.store
        self._handlers = handlers

    def _today(self) -> date:
        return day_of(self._base.clock.now())

    def _shown(self, tx: Connection, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
        """Rows of `listed_children` as values, with their ages and risks."""
        risks: dict[str, list[str]] = defaultdict(list)
        ids = [row.child for row in rows]
        query = select(t.risks).where(t.risks.c.child.in_(ids)).order_by(t.risks.c.risk)
        for one in tx.execute(query) if ids else ():
            risks[one.child].append(one.risk)
        today = self._today()
        return [
            {
                **row._mapping,
                "age": whole_years(row.born, today) if row.born else None,
                "risks": risks[row.child],
            }
            for row in rows
        ]


def listed_children() -> Select[Any]:
    """Children with the names of their village, school, class and responsible person."""
    c = t.children.c
    return (
        select(
            t.children,
            access.divisions.c.name.label("village_name"),
            t.schools.c.name.label("school_name"),
            t.classes.c.name.label("class_name"),
            t.classes.c.grade.label("grade"),
            access.staff.c.name.label("responsible_name"),
            vault_persons.c.standing.label("standing"),
        )
        .outerjoin(access.divisions, access.divisions.c.division == c.village)
        .outerjoin(t.schools, t.schools.c.school == c.school)
        .outerjoin(t.classes, t.classes.c.klass == c.klass)
        .outerjoin(access.staff, access.staff.c.staff == c.responsible)
        .outerjoin(vault_persons, vault_persons.c.person == c.child)
    )
