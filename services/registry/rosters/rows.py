"""Cells into typed rows. Each row keeps where it stood and what was wrong with what stood there.

Which rows are children is decided here too: blank lines, repeated headers, sums, notes and signatures are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.registry.rosters.fields import heading
from services.registry.rosters.headers import Layout
from services.registry.rosters.problems import Problem
from services.registry.rosters.reading import Reading
from services.registry.rosters.sheets import Cell, Sheet, text_in
from services.registry.rosters.values import (
    CareArrangement,
    IdentityMissing,
    ParentStatus,
    care_arrangement_in,
    class_in,
    grade_and_class_in,
    grade_in,
    place_in,
)
from shared.localisation.identity import Sex

_LABEL = re.compile(
    r"^(?:填表|审核|制表|填报|校长|负责|经办|联系|班主任|分管|签字|说明|备注|注|合计|总计|小计|共计|盖章|单位|日期|复核|统计)"
    r"[^:：]{0,10}[:：]"
)
_SUM = re.compile(r"^(?:本页|本班|全校|全班|年级)?(?:合计|总计|小计|共计)(?:人数)?$")
_EXAMPLE = re.compile(r"^(?:示?例|例如|样例|填写示例|填表示例)\d*$")
_FEWEST_VALUES = 3


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent as the roster has it. `away` is None where the roster does not say; `phones` in order of trust."""

    name: str | None = None
    phones: tuple[str, ...] = ()
    employer: str | None = None
    place: str | None = None
    away: bool | None = None
    status: ParentStatus | None = None


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who looks after the child, as the roster has it. `relation` is in the roster's own words (祖母, 班主任)."""

    name: str | None = None
    relation: str | None = None
    phones: tuple[str, ...] = ()
    occupation: str | None = None
    age: int | None = None
    health: str | None = None
    address: str | None = None
    identity_number: str | None = None


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A child of the roster. What could not be read is None and stands among the problems.

    `grade` is `k1`…`k3` or `1`…`12`. `left_behind` is None when nothing in the row says; `left_behind_basis` is
    `stated`, `both_away`, `one_away_other_unable`, `at_home` or `unsaid`.
    """

    sheet: str
    row: int
    name: str = ""
    sex: Sex | None = None
    ethnicity: str | None = None
    born: date | None = None
    identity_number: str | None = None
    identity_missing: IdentityMissing | None = None
    school: str | None = None
    grade: str | None = None
    class_name: str | None = None
    township: str | None = None
    village: str | None = None
    address: str | None = None
    household_address: str | None = None
    phones: tuple[str, ...] = ()
    guardian: Guardian = Guardian()
    father: Parent = Parent()
    mother: Parent = Parent()
    care_arrangement: CareArrangement | None = None
    left_behind: bool | None = None
    left_behind_basis: str = "unsaid"
    note: str | None = None
    problems: tuple[Problem, ...] = field(default=())

    @property
    def is_refused(self) -> bool:
        """Whether an error keeps it out."""
        return any(problem.severity == "error" for problem in self.problems)

    @property
    def is_duplicate(self) -> bool:
        """Whether it is left out because the same child stands above it in the file."""
        return any(problem.severity == "duplicate" for problem in self.problems) and not self.is_refused


def read_rows(sheet: Sheet, layout: Layout, *, today: date) -> Iterator[RosterRow]:
    """The children of one sheet in its order, each judged by itself. `today` refuses birth dates to come."""
    mapping = layout.mapping
    names = {field: number for number, field in mapping.items()}
    heads = {
        heading(text_in(cell)) for row in sheet.rows[layout.header_rows[0] - 1 : layout.header_rows[1]] for cell in row
    }
    for number in range(layout.header_rows[1] + 1, len(sheet.rows) + 1):
        cells = {field: sheet.value(number, column) for field, column in names.items()}
        if _is_child(sheet, number, cells, heads):
            yield _row(sheet, layout, Reading(sheet, number, names, cells), today)


def _is_child(sheet: Sheet, number: int, cells: Mapping[str, Cell], heads: set[str]) -> bool:
    start = [text for cell in sheet.rows[number - 1][:4] if (text := text_in(cell))]
    name = text_in(cells["name"])
    if any(_SUM.match(re.sub(r"\s", "", text)) for text in start):
        return False
    if _EXAMPLE.match(name) or (start and _EXAMPLE.match(start[0])) or _LABEL.match(name):
        return False
    if name:
        others = sum(cell != "" for cell in cells.values()) - 1
        return heading(name) not in heads and (others > 0 or number not in {area[0] for area in sheet.merged})
    everything = [text for cell in sheet.rows[number - 1] if (text := text_in(cell))]
    if any(_LABEL.match(text) for text in everything):
        return False
    filled = [text for cell in cells.values() if (text := text_in(cell))]
    if any(text_in(cells.get(field, "")) for field in ("identity_number", "born")):
        return not all(heading(text) in heads for text in filled)
    return len(filled) >= _FEWEST_VALUES


def _row(sheet: Sheet, layout: Layout, read: Reading, today: date) -> RosterRow:
    read.refuse_formulas()
    name = read.child_name()
    identity, missing = read.identity(today)
    born = read.born(identity, today)
    grade, class_name = _grade_and_class(sheet, read)
    father, mother = _parent(read, "father"), _parent(read, "mother")
    guardian = _guardian(read)
    address = read.text("address")
    township, village = place_in(address) if address else (None, None)
    left_behind, basis = read.left_behind(father.away, mother.away, father.status, mother.status)
    return RosterRow(
        sheet=sheet.name,
        row=read.row,
        name=name,
        sex=read.sex(identity),
        ethnicity=read.text("ethnicity"),
        born=born,
        identity_number=identity.number if identity else None,
        identity_missing=missing,
        school=read.text("school") or layout.school,
        grade=grade,
        class_name=class_name,
        township=read.text("township") or township,
        village=read.text("village") or village,
        address=address,
        household_address=read.text("household_address"),
        phones=read.phones("phone"),
        guardian=guardian,
        father=father,
        mother=mother,
        care_arrangement=_arrangement(read, guardian, left_behind=bool(left_behind)),
        left_behind=left_behind,
        left_behind_basis=basis,
        note=read.text("note"),
        problems=tuple(read.problems),
    )


def _grade_and_class(sheet: Sheet, read: Reading) -> tuple[str | None, str | None]:
    """From their own columns, else from one column for both, else the grade from the name of the sheet."""
    both = read.text("grade_class")
    grade, class_name = grade_and_class_in(both) if both else (None, None)
    if text := read.text("grade"):
        grade = grade_in(text)
        if grade is None:
            grade, class_name = grade_and_class_in(text)
        if grade is None:
            read.add("roster.grade_unreadable", "grade")
    if text := read.text("class"):
        within, inner = grade_and_class_in(text)
        belongs = inner is not None and grade in {None, within}
        class_name = inner if belongs else class_in(text)
        grade = within if belongs else grade
    return grade or grade_in(sheet.name) or grade_and_class_in(sheet.name)[0], class_name


def _parent(read: Reading, who: str) -> Parent:
    name, status = read.parent_name(f"{who}.name")
    return Parent(
        name=name,
        phones=read.phones(f"{who}.phone"),
        employer=read.text(f"{who}.employer") or read.text("parents.employer"),
        place=read.text(f"{who}.place") or read.text("parents.place"),
        away=read.away(who),
        status=read.status(f"{who}.status") or status,
    )


def _guardian(read: Reading) -> Guardian:
    return Guardian(
        name=read.person_name("guardian.name"),
        relation=read.text("guardian.relation"),
        phones=read.phones("guardian.phone"),
        occupation=read.text("guardian.occupation"),
        age=read.number("guardian.age"),
        health=read.text("guardian.health"),
        address=read.text("guardian.address"),
        identity_number=read.text("guardian.identity_number"),
    )


def _arrangement(read: Reading, guardian: Guardian, *, left_behind: bool) -> CareArrangement | None:
    """As stated, else boarding if the child boards, else by the guardian's relation when the child is left behind."""
    if text := read.text("care_arrangement"):
        found = care_arrangement_in(text)
        if found is None:
            read.add("roster.care_arrangement_unreadable", "care_arrangement")
        return found
    if read.yes("boarding"):
        return "boarding"
    return care_arrangement_in(guardian.relation) if left_behind and guardian.relation else None
