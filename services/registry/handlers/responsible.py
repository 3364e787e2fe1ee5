"""Who answers for a child that is new: the class's teacher on record, else the village's director on record."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from services.registry.domain.codes import StaffRole
from shared.access import tables as access


class Responsibles:
    """Teachers of classes and directors of villages by their grants in force, the longest granted first."""

    def __init__(self, tx: Connection) -> None:
        g = access.grants.c
        query = select(g.role, g.place, g.division, g.staff).where(
            g.ended.is_(False), g.role.in_([StaffRole.TEACHER, StaffRole.VILLAGE_DIRECTOR])
        )
        self._known: dict[tuple[str, str], list[str]] = defaultdict(list)
        for role, place, division, staff in tx.execute(query.order_by(g.id)):
            where = place if role == StaffRole.TEACHER else division
            if where is not None:
                self._known[role, where].append(staff)

    def of(self, klass: str | None, village: str) -> str | None:
        """The one for a child of this class and village; None when nobody is on record."""
        teachers = self._known.get((StaffRole.TEACHER, klass), []) if klass else []
        return next(iter([*teachers, *self._known.get((StaffRole.VILLAGE_DIRECTOR, village), [])]), None)
