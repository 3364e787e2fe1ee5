"""Rows meet the register: each is registered, brings a known child up to date, changes nothing, or is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from services.registry.domain import commands as c
from services.registry.domain.child import Child
from services.registry.domain.codes import RowOutcome
from services.registry.domain.rosters import RosterImport
from services.registry.handlers.importing.carrying import bring_up_to_date
from services.registry.handlers.importing.matching import Lookalikes, Match
from services.registry.handlers.importing.planning import HeldRow
from services.registry.handlers.responsible import Responsibles
from services.registry.views.marks import Marker
from shared.access import tables as access
from shared.access.gate import Reach
from shared.eventstore.work import Work
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Refusal

Result = dict[str, Any]


class Meeting:
    """One chunk's rows in one decision."""

    def __init__(self, work: Work, marker: Marker, reach: Reach, roster: RosterImport, today: date) -> None:
        self._work, self._marker, self._reach = work, marker, reach
        self._roster, self._today = roster, today
        self._responsibles = Responsibles(work.tx)

    def let_in(self, rows: Sequence[HeldRow]) -> list[Result]:
        """What became of each row. A row that is refused leaves nothing behind; the others go in."""
        wanted = [row.child for row in rows if row.child is not None]
        matches = iter(Lookalikes(self._work.tx, self._marker).like(wanted))
        met = [(row, next(matches) if row.child is not None else None) for row in rows]
        sources = {id(row): derived_id(self._roster.id, f"{row.sheet}\x1f{row.row}") for row in rows}
        known = [match.same for _, match in met if match is not None and match.same is not None]
        new = [sources[id(row)] for row, match in met if match is not None and not match.alike]
        children = self._work.find_all(Child, [*dict.fromkeys(known), *new], opened=True)
        near = self._within_reach(known)
        results = []
        for row, match in met:
            if row.child is None or match is None:
                results.append(_result(row, row.outcome or RowOutcome.REFUSED))
                continue
            problem = _obstacle(match, near)
            if problem is not None:
                results.append(_result(row, RowOutcome.REFUSED, problem))
                continue
            child = children[match.same or sources[id(row)]]
            results.append(self._one(row, row.child, child, source=sources[id(row)]))
        return results

    def _one(self, row: HeldRow, wanted: c.RegisterChild, child: Child, *, source: str) -> Result:
        before, is_new = len(child.recorded), not child.exists
        try:
            if is_new:
                responsible = self._responsibles.of(wanted.klass, wanted.village) or self._roster.staff
                child.register(wanted, responsible=responsible, today=self._today)
            else:
                bring_up_to_date(child, wanted, moved=row.moved, source=source, today=self._today)
                self._responsibles.follow(child)
        except Refusal as refusal:
            del child.recorded[before:]
            return _result(row, RowOutcome.REFUSED, _problem(refusal.code, refusal.facts))
        if is_new:
            return _result(row, RowOutcome.REGISTERED, child=child.id)
        changed = len(child.recorded) > before
        return _result(row, RowOutcome.UPDATED if changed else RowOutcome.UNCHANGED, child=child.id)

    def _within_reach(self, known: Sequence[str]) -> frozenset[str]:
        column = access.children.c.child
        query = select(column).where(column.in_(known), self._reach.children(column))
        return frozenset(self._work.tx.execute(query).scalars()) if known else frozenset()


def _obstacle(match: Match, near: frozenset[str]) -> dict[str, Any] | None:
    if match.same is None and match.alike:
        return _problem("registry.child_looks_registered", {"children": list(match.alike)})
    if match.same is not None and match.same not in near:
        # Known elsewhere: the child is handed over by those who answer for it, not pulled over by a list.
        return _problem("registry.child_elsewhere", {})
    return None


def _problem(code: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "severity": "error", "column": None, "value": "", "facts": facts}


def _result(row: HeldRow, outcome: RowOutcome, *problems: dict[str, Any], child: str | None = None) -> Result:
    return {
        "sheet": row.sheet,
        "row": row.row,
        "name": row.name,
        "outcome": str(outcome),
        "child": child,
        "problems": [*row.problems, *problems],
    }
