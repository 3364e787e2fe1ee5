"""Finding the header of each sheet and proposing which column holds which field.

A proposal is only that: a person confirms or changes it, and the confirmed mapping is remembered under the layout's
key, so that the same form is read without asking the next time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rapidfuzz import fuzz, process

from services.registry.rosters.fields import (
    CHILD,
    FIELDS,
    IGNORED,
    NEEDS_A_PERSON,
    OF_ADULTS_TOO,
    PEOPLE,
    PERSON,
    heading,
    who_in,
)
from services.registry.rosters.sheets import Sheet, Sheets, letter, text_in
from services.registry.rosters.titles import school_in, stated_day_in
from shared.kernel.refusals import Refusal

LOOK_AT = 40
"""A header stands within the first so many rows."""
SURE, FROM_CONTEXT, RESEMBLES = 1.0, 0.8, 0.6
_LEAST_LIKENESS = 75.0
"""One character of four may be wrong."""
_LONGEST_HEADING = 24
_A_NAME = re.compile("名|学生|學生|儿童|兒童|幼儿|幼兒|name", re.IGNORECASE)
"""A header has a column for the child's name; rows without any such word need no closer look."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its heading as the file has it (`父亲 / 姓名`), the field proposed, and how sure (0 to 1)."""

    number: int
    letter: str
    header: str
    field: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Layout:
    """How one sheet is laid out. Rows count from 1; `key` is the same for sheets with the same headings.

    `school` and `stated_day` are what the lines above the header say (填报单位, 填报日期); None where they do not.
    """

    sheet: str
    header_rows: tuple[int, int]
    columns: tuple[Column, ...]
    key: str
    school: str | None = None
    stated_day: date | None = None

    @property
    def mapping(self) -> dict[int, str]:
        """Column number → field, for the columns that are read."""
        return {column.number: column.field for column in self.columns if column.field}

    @property
    def is_sure(self) -> bool:
        """Whether nothing in it is a guess: every column with a field follows from its own or its group's heading."""
        return all(column.confidence >= FROM_CONTEXT for column in self.columns if column.field)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A sheet that is not read: `hidden`, `empty`, or `no_header` (instructions, lists to choose from)."""

    sheet: str
    reason: Literal["hidden", "empty", "no_header"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The layouts found, in the order of the sheets, and the sheets left out."""

    layouts: tuple[Layout, ...]
    skipped: tuple[Skipped, ...]


def propose(sheets: Sheets) -> Proposal:
    """Find headers and propose mappings. Refuses with `registry.roster_no_header` when no sheet has one."""
    layouts: list[Layout] = []
    skipped: list[Skipped] = []
    for sheet in sheets.sheets:
        layout = None if sheet.hidden else _layout_of(sheet)
        if layout is not None:
            layouts.append(layout)
            continue
        empty = not any(cell != "" for row in sheet.rows for cell in row)
        skipped.append(Skipped(sheet.name, "hidden" if sheet.hidden else "empty" if empty else "no_header"))
    if not layouts:
        raise Refusal("registry.roster_no_header", sheets=len(sheets.sheets))
    return Proposal(tuple(layouts), tuple(skipped))


def confirmed(layout: Layout, mapping: Mapping[int, str]) -> Layout:
    """The layout with the mapping that a person confirmed or that was remembered for its key.

    Refuses with `registry.roster_mapping_field` (no such field), `registry.roster_mapping_column` (no such column),
    `registry.roster_mapping_twice` or `registry.roster_mapping_name` (the child's name is nowhere).
    """
    numbers = {column.number for column in layout.columns}
    for number, field in mapping.items():
        if number not in numbers:
            raise Refusal("registry.roster_mapping_column", column=letter(number))
        if field not in FIELDS:
            raise Refusal("registry.roster_mapping_field", column=letter(number), field=field)
        if sum(other == field for other in mapping.values()) > 1:
            raise Refusal("registry.roster_mapping_twice", column=letter(number), field=field)
    if "name" not in mapping.values():
        raise Refusal("registry.roster_mapping_name")
    columns = tuple(
        replace(column, field=mapping.get(column.number), confidence=SURE if column.number in mapping else 0.0)
        for column in layout.columns
    )
    return replace(layout, columns=columns)


def _layout_of(sheet: Sheet) -> Layout | None:
    best: tuple[float, int, int] | None = None
    for first in range(1, min(LOOK_AT, len(sheet.rows)) + 1):
        for lines in (1, 2):
            if not any(_A_NAME.search(str(cell)) for row in sheet.rows[first - 1 : first - 1 + lines] for cell in row):
                continue
            fields, repeated = _fields_of(_heads(sheet, first, lines), guess=False)
            found = {field: confidence for field, confidence in fields.values() if field}
            # More fields win, and headings that repeat cost: they want the line above them that tells them apart.
            # Of equal ones the header of fewer lines wins, then the upper one.
            score = (round(sum(found.values()) - repeated / 2, 3), -lines)
            if "name" in found and len(found) > 1 and (best is None or score > best[:2]):
                best = (*score, first)
    if best is None:
        return None
    lines, first = -best[1], best[2]
    heads = _heads(sheet, first, lines)
    proposed, _ = _fields_of(heads, guess=True)
    columns = tuple(_column(number, group, text, proposed[number]) for number, (group, text) in heads.items())
    texts = "\x1f".join(f"{number}\x1e{heading(group)}\x1e{heading(text)}" for number, (group, text) in heads.items())
    return Layout(
        sheet=sheet.name,
        header_rows=(first, first + lines - 1),
        columns=columns,
        key=hashlib.sha256(texts.encode()).hexdigest()[:32],
        school=school_in(sheet, first - 1),
        stated_day=stated_day_in(sheet, first - 1),
    )


def _column(number: int, group: str, text: str, found: tuple[str | None, float]) -> Column:
    field, confidence = found
    shown = text if group in {"", text} else f"{group} / {text}"
    return Column(number, letter(number), " ".join(shown.split()), field, confidence)


def _heads(sheet: Sheet, first: int, lines: int) -> dict[int, tuple[str, str]]:
    """Column number → (heading of the group over it or "", its own heading), for columns that have one."""
    width = len(sheet.rows[first - 1])
    upper = [text_in(sheet.value(first, number)) for number in range(1, width + 1)]
    if lines == 1:
        return {number: ("", text) for number, text in enumerate(upper, start=1) if text}
    if first >= len(sheet.rows):
        return {}
    width = max(width, len(sheet.rows[first]))
    lower = [text_in(sheet.value(first + 1, number)) for number in range(1, width + 1)]
    upper = _spread(sheet, first, upper + [""] * (width - len(upper)), lower)
    heads = {}
    for number, (over, under) in enumerate(zip(upper, lower, strict=True), start=1):
        if over or under:
            heads[number] = (over, under) if under else ("", over)
    return heads


def _spread(sheet: Sheet, row: int, upper: list[str], lower: list[str]) -> list[str]:
    """The upper line with each group over all its columns: by the merged cells, else as far as blanks follow it."""
    spread = list(upper)
    merged = [area for area in sheet.merged if area[0] == row and area[3] > area[1]]
    for _, left, _, right in merged:
        for number in range(left, min(right, len(upper)) + 1):
            spread[number - 1] = upper[left - 1]
    if not merged:
        for index in range(1, len(upper)):
            if not upper[index] and lower[index]:
                spread[index] = spread[index - 1]
    return spread


def _fields_of(heads: Mapping[int, tuple[str, str]], *, guess: bool) -> tuple[dict[int, tuple[str | None, float]], int]:
    """A field for each column and how sure, and how many columns repeat a field of another.

    A field belongs to one column: to the surest, then the leftmost.
    """
    found: dict[int, tuple[str | None, float]] = {}
    last_person: str | None = None
    for number, (group, text) in heads.items():
        field, confidence = _field(heading(group), heading(text), last_person, guess=guess)
        if field is not None:
            person = field.partition(".")[0]
            last_person = person if person in PEOPLE else last_person
        found[number] = (field, confidence)
    taken: set[str] = set()
    repeated = 0
    for number in sorted(found, key=lambda number: (-found[number][1], number)):
        field = found[number][0]
        if field is None or field in IGNORED or field in taken:
            repeated += field in taken
            found[number] = (None, 0.0)
        else:
            taken.add(field)
    return {number: found[number] for number in heads}, repeated


def _field(group: str, text: str, last_person: str | None, *, guess: bool) -> tuple[str | None, float]:
    if not text or len(text) > _LONGEST_HEADING:
        return None, 0.0
    for field, confidence in _candidates(group, text, last_person):
        return field, confidence
    if guess and who_in(group)[0] not in PEOPLE:
        likeness = process.extractOne(text, CHILD.keys(), scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
        if likeness is not None:
            return CHILD[likeness[0]], RESEMBLES * likeness[1] / 100
    return None, 0.0


def _candidates(group: str, text: str, last_person: str | None) -> Iterator[tuple[str, float]]:
    """What a heading can mean, the surest first: its group's person, its own words, its own person, the one before."""
    over, _ = who_in(group)
    attribute = PERSON.get(text)
    if over in PEOPLE:
        if attribute:
            yield f"{over}.{attribute}", SURE
        elif text in CHILD and CHILD[text] not in OF_ADULTS_TOO:
            # A group without merged cells reaches too far where blanks follow it.
            yield CHILD[text], FROM_CONTEXT
        return
    if text in CHILD and (over == "child" or not (attribute in NEEDS_A_PERSON and last_person)):
        yield CHILD[text], SURE
    yield from _of_person(*who_in(text))
    if attribute == "relation":
        yield "guardian.relation", FROM_CONTEXT
    elif attribute in NEEDS_A_PERSON and last_person:
        yield f"{last_person}.{attribute}", FROM_CONTEXT
    elif attribute == "phone":
        yield "phone", FROM_CONTEXT


def _of_person(person: str | None, rest: str) -> Iterator[tuple[str, float]]:
    """What a heading means that says itself whose it is: 监护人电话, 父亲."""
    if person in PEOPLE and (not rest or rest in PERSON):
        yield f"{person}.{PERSON.get(rest, 'name')}", SURE
    elif person == "child" and rest in CHILD:
        yield CHILD[rest], SURE
