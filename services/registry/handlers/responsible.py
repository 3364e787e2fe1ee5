"""Who answers for a child by the rule, and who may: the class's teacher, else the village's director, on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from services.registry.domain.authority_codes import AssignmentBasis
from services.registry.domain.child import Child
from services.registry.domain.codes import StaffRole
from shared.access import tables as access
from shared.access.gate import Gate, Reach
from shared.access.permissions import Permission
from shared.access.roles import holders_of

MAY_ANSWER = tuple(str(role) for role in holders_of(Permission.CONTACT_CARD_VIEW))
"""The roles that somebody who answers for a child acts in: without its contact card nobody can."""


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
        return self.teacher(klass) or self.director(village)

    def teacher(self, klass: str | None) -> str | None:
        """The teacher of a class; None when nobody is on record."""
        return next(iter(self._known.get((StaffRole.TEACHER, klass), [])), None) if klass else None

    def director(self, village: str) -> str | None:
        """The director of a village; None when nobody is on record."""
        return next(iter(self._known.get((StaffRole.VILLAGE_DIRECTOR, village), [])), None)

    def follow(self, child: Child) -> None:
        """Let a child whom somebody answers for by the rule have the one of its present class and village.

        Where nobody is on record for them, whoever answers for it goes on.
        """
        found = self.of(child.klass, child.village)
        if child.present and child.basis is AssignmentBasis.RULE and found is not None:
            child.name_responsible(found, basis=AssignmentBasis.RULE)


class Area:
    """Where somebody's grants in force, in roles that may answer for children, let them answer for some."""

    def __init__(self, tx: Connection, gate: Gate, staff: str) -> None:
        g = access.grants.c
        held = list(
            tx.execute(select(access.grants).where(g.staff == staff, g.ended.is_(False), g.role.in_(MAY_ANSWER)))
        )
        self._tx = tx
        self.divisions = gate.under(tx, [one.division for one in held if one.scope == "division"])
        self.places = frozenset(one.place for one in held if one.scope == "place")
        self.assigned = any(one.scope == "children" for one in held)

    def holds(self, child: Child) -> bool:
        """Whether a child, as it now lives and learns, lies within it. A grant for assigned children has no borders."""
        if self.assigned or child.village in self.divisions or {child.school, child.klass} & self.places:
            return True
        p = access.places.c
        school = self._tx.execute(select(p.division).where(p.place == child.school)).scalar()
        return school in self.divisions

    def outside(self, children: Sequence[str]) -> int:
        """How many of these children, as they are on record, lie outside it."""
        if self.assigned or not children:
            return 0
        c = access.children.c.child
        within = Reach(False, self.divisions, self.places, None).children(c)
        query = select(func.count()).select_from(access.children).where(c.in_(children), within)
        return len(children) - int(self._tx.execute(query).scalar() or 0)
