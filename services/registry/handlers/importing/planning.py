"""A roster file, read and judged, cut into chunks of rows that are ready to be met with the register.

Only rows of left-behind children carry what stands in them; of the others only the outcome is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from services.registry.domain import commands as c
from services.registry.domain.codes import Arrangement, ChildScope, IdentityMissing, RowOutcome, Sex
from services.registry.domain.rosters import CHUNK_CHILDREN, CHUNK_CLASSES, CHUNK_ROWS, layout_id
from services.registry.handlers.importing.guardians import contacts_in
from services.registry.handlers.importing.places import FormedClass, Places
from services.registry.rosters.headers import Layout, Proposal, confirmed, propose
from services.registry.rosters.judging import Roster, read_roster, reference_day
from services.registry.rosters.rows import RosterRow
from services.registry.rosters.sheets import Sheets
from services.registry.views import tables as t
from shared.localisation.names import comparison_key

_ARRANGEMENTS = {"parents": Arrangement.PARENT, "one_parent": Arrangement.PARENT}


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that waits for its chunk. `child` is there for rows that are to be met with the register.

    `moved` says whether the roster itself named the village; where it did not, a child that is known stays in its own.
    """

    sheet: str
    row: int
    outcome: RowOutcome | None
    name: str = ""
    child: c.RegisterChild | None = None
    moved: bool = True
    problems: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that are done in one transaction, with the classes that appear in them first and those counted with them."""

    rows: tuple[HeldRow, ...]
    classes: tuple[FormedClass, ...] = ()
    counts: tuple[tuple[str, int, int], ...] = ()


@dataclass(slots=True)
class Plan:
    """What an import will do."""

    roster: Roster
    rows: list[HeldRow]
    classes: dict[str, FormedClass] = field(default_factory=dict)
    class_of: list[str | None] = field(default_factory=list)

    def chunks(self) -> list[Chunk]:
        """The rows cut so that each chunk keeps within what one command may record."""
        cuts: list[list[int]] = [[]]
        children, classes = 0, set[str | None]()
        for index, (row, klass) in enumerate(zip(self.rows, self.class_of, strict=True)):
            full = len(cuts[-1]) >= CHUNK_ROWS or children >= CHUNK_CHILDREN
            if full or len(classes | {klass}) > CHUNK_CLASSES:
                cuts.append([])
                children, classes = 0, set()
            cuts[-1].append(index)
            classes.add(klass)
            children += row.child is not None
        first: dict[str, int] = {}
        last: dict[str, int] = {}
        for index, klass in enumerate(self.class_of):
            if klass is not None:
                first.setdefault(klass, index)
                last[klass] = index
        counts = self._counts()
        return [
            Chunk(
                rows=tuple(self.rows[index] for index in cut),
                classes=tuple(self.classes[one] for one, index in first.items() if cut[0] <= index <= cut[-1]),
                counts=tuple((one, *counts[one]) for one, index in last.items() if cut[0] <= index <= cut[-1]),
            )
            for cut in cuts
            if cut
        ]

    def _counts(self) -> dict[str, tuple[int, int]]:
        """Pupils and left-behind ones of each class. A child who stands there twice counts once, a wrong row counts."""
        counts: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for row, klass in zip(self.roster.rows, self.class_of, strict=True):
            if klass is not None and not row.is_duplicate:
                pupils, left_behind = counts[klass]
                counts[klass] = (pupils + 1, left_behind + bool(row.left_behind))
            elif klass is not None:
                counts[klass] = counts[klass]
        return counts


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads files as the register knows their layouts and places. `school` is the one that all rows belong to."""

    places: Places
    remembered: Mapping[str, Mapping[int, str]]
    today: date
    school: str | None = None

    def layouts(self, sheets: Sheets, given: Mapping[str, Mapping[int, str]]) -> tuple[Proposal, tuple[Layout, ...]]:
        """What is proposed, and what it becomes with the mappings given or remembered."""
        proposal = propose(sheets)
        settled = []
        for layout in proposal.layouts:
            mapping = given.get(layout.key) or self.remembered.get(layout_id(layout.key))
            settled.append(confirmed(layout, mapping) if mapping else layout)
        return proposal, tuple(settled)

    def plan(self, sheets: Sheets, layouts: Sequence[Layout]) -> Plan:
        """Judge every row and make of it what is to be done."""
        own = self.places.names.get(self.school or "")
        with_column = {one.sheet for one in layouts if "school" in one.mapping.values()}

        def known(name: str) -> bool:
            key = comparison_key(name)
            return key in self.places.schools if own is None else key == own

        roster = read_roster(sheets, tuple(layouts), today=self.today, known_school=known if own is None else None)
        days = {one.sheet: min(reference_day(one, self.today), self.today) for one in layouts}
        plan = Plan(roster, [])
        for row in roster.rows:
            school = self.school
            stranger = own is not None and row.sheet in with_column and row.school and not known(row.school)
            if own is None:
                school = self.places.schools.get(comparison_key(row.school)) if row.school else None
            klass = self.places.klass(school, row) if school and not stranger else None
            if klass is not None:
                plan.classes.setdefault(klass.klass, klass)
            plan.class_of.append(klass.klass if klass else None)
            unknown = school is None or bool(stranger)
            plan.rows.append(self._held(row, None if unknown else school, klass, days[row.sheet]))
        return plan

    def _held(self, row: RosterRow, school: str | None, klass: FormedClass | None, day: date) -> HeldRow:
        problems = tuple(
            {
                "code": one.code,
                "severity": one.severity,
                "column": one.column,
                "value": one.value,
                "facts": dict(one.facts),
            }
            for one in row.problems
        )
        if school is None and not any(one["code"] == "roster.school_unknown" for one in problems):
            problems += (_problem("roster.school_unknown", "error"),)
        if row.is_refused or school is None or row.born is None:
            return HeldRow(row.sheet, row.row, RowOutcome.REFUSED, row.name, problems=problems)
        if row.is_duplicate:
            return HeldRow(row.sheet, row.row, RowOutcome.DUPLICATE, row.name, problems=problems)
        if not row.left_behind:
            return HeldRow(row.sheet, row.row, RowOutcome.COUNTED, problems=problems)
        village = self.places.village(row.village, row.township, school)
        if village is None:
            # The school's own division stands in, so that the child is in somebody's reach from the first day.
            problems += (_problem("roster.village_unknown", "notice"),)
        child = _child(row, row.born, village or self.places.division_of[school], school, klass, day)
        return HeldRow(row.sheet, row.row, None, row.name, child, village is not None, problems)


def _child(
    row: RosterRow, born: date, village: str, school: str, klass: FormedClass | None, day: date
) -> c.RegisterChild:
    contacts, carer = contacts_in(row)
    arrangement = row.care_arrangement
    return c.RegisterChild(
        name=row.name,
        sex=Sex(row.sex) if row.sex else None,
        born=born,
        village=village,
        scope=ChildScope.LEFT_BEHIND,
        school=school,
        klass=klass.klass if klass else None,
        address=row.address[:200] if row.address else None,
        identity_number=row.identity_number,
        identity_missing=None if row.identity_number else IdentityMissing(row.identity_missing or "not_given"),
        contacts=contacts,
        arrangement=_ARRANGEMENTS.get(arrangement) or Arrangement(arrangement) if arrangement else None,
        since=max(day, born),
        carer=carer,
    )


def _problem(code: str, severity: str) -> dict[str, Any]:
    return {"code": code, "severity": severity, "column": None, "value": "", "facts": {}}


def remembered_layouts(tx: Connection) -> dict[str, dict[int, str]]:
    """Layouts that people confirmed, by their id: column → field."""
    rows = tx.execute(select(t.layouts.c.layout, t.layouts.c.mapping))
    return {row.layout: {int(column): name for column, name in row.mapping.items()} for row in rows}


def packed(chunk: Chunk) -> bytes:
    """A chunk as bytes."""
    return msgspec.json.encode(chunk)


def unpacked(content: bytes) -> Chunk:
    """The chunk in such bytes."""
    return msgspec.json.decode(content, type=Chunk)
