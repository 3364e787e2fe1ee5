"""A county's townships and villages out of a CSV: code, name, level, code of the parent.

Nothing is repaired in silence. Rows that can stand are returned, every other one is named with its line and what is
wrong; whoever imports decides whether to go on.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.kernel.refusals import Refusal
from shared.localisation.names import stored_name
from shared.localisation.text import folded, plain, text_of

Level = Literal["county", "township", "village"]

_COLUMNS = {
    "code": "code 代码 编码 区划代码 行政区划代码 统计用区划代码",
    "name": "name 名称 区划名称 单位名称",
    "level": "level 级别 层级 类型",
    "parent": "parent parent_code parentcode 上级代码 上级编码 上级区划代码 所属代码",
}
_LEVELS: dict[str, Level] = {
    **dict.fromkeys(("county", "县", "区", "县级", "市", "旗"), "county"),
    **dict.fromkeys(("township", "乡", "镇", "乡镇", "街道", "乡级", "town", "苏木"), "township"),
    **dict.fromkeys(("village", "村", "社区", "居委会", "村委会", "村级", "村居", "community", "嘎查"), "village"),
}
_PARENT_OF: dict[Level, Level] = {"township": "county", "village": "township"}
_CODE = re.compile(r"^(?:\d{6}|\d{9}|\d{12})$")
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """A division as the file has it. `parent` is the parent's code; a township's county need not be in the file."""

    line: int
    code: str
    name: str
    level: Level
    parent: str | None


@dataclass(frozen=True, slots=True)
class DivisionProblem:
    """What is wrong with a line. `code`: `division_code`, `division_duplicate`, `division_name`, `division_level`,
    `division_parent_missing`, `division_parent_unknown`, `division_parent_level`, `division_second_county`.
    """

    code: str
    line: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Divisions:
    """What a file holds: rows with parents before children, and problems by line. `encoding` as it was decoded."""

    rows: tuple[DivisionRow, ...]
    problems: tuple[DivisionProblem, ...]
    encoding: str


def read_divisions(data: bytes) -> Divisions:
    """Read a county's divisions.

    Refuses the whole file with `localisation.text_unreadable`, `localisation.divisions_header_missing` (with the
    columns not found) or `localisation.divisions_too_long`.
    """
    decoded = text_of(data)
    lines = list(csv.reader(decoded.text.splitlines()))
    if len(lines) > MOST_ROWS:
        raise Refusal("localisation.divisions_too_long", most=MOST_ROWS)
    columns = _columns(lines[0] if lines else [])
    rows: list[DivisionRow] = []
    problems: list[DivisionProblem] = []
    seen: dict[str, int] = {}
    for line, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = _row(line, cells, columns, seen)
        (rows if isinstance(row, DivisionRow) else problems).append(row)  # type: ignore[arg-type]
    good, broken = _with_parents(rows)
    problems.extend(broken)
    return Divisions(tuple(good), tuple(sorted(problems, key=lambda problem: problem.line)), decoded.encoding)


def _columns(header: list[str]) -> dict[str, int]:
    names = [folded(cell) for cell in header]
    found: dict[str, int] = {}
    for column, words in _COLUMNS.items():
        known = {folded(word) for word in words.split()}
        index = next((index for index, name in enumerate(names) if name in known), None)
        if index is not None:
            found[column] = index
    missing = [column for column in _COLUMNS if column not in found]
    if missing:
        raise Refusal("localisation.divisions_header_missing", missing=missing)
    return found


def _row(
    line: int, cells: list[str], columns: Mapping[str, int], seen: dict[str, int]
) -> DivisionRow | DivisionProblem:
    def cell(column: str) -> str:
        return cells[columns[column]] if columns[column] < len(cells) else ""

    code, parent = plain(cell("code")), plain(cell("parent")) or None
    name = stored_name(cell("name"))
    level = _LEVELS.get(folded(cell("level")))
    if not _CODE.match(code):
        return DivisionProblem("division_code", line, {"value": code[:20]})
    if code in seen:
        return DivisionProblem("division_duplicate", line, {"value": code, "first_line": seen[code]})
    if not name:
        return DivisionProblem("division_name", line, {"value": code})
    if level is None:
        return DivisionProblem("division_level", line, {"value": plain(cell("level"))[:20]})
    if parent is None and level != "county":
        return DivisionProblem("division_parent_missing", line, {"value": code})
    seen[code] = line
    return DivisionRow(line, code, name, level, parent)


def _with_parents(rows: list[DivisionRow]) -> tuple[list[DivisionRow], list[DivisionProblem]]:
    """Rows whose parent stands, level by level, so that a village under a refused township is refused with it."""
    good: list[DivisionRow] = []
    problems: list[DivisionProblem] = []
    level_of: dict[str, Level] = {row.code: row.level for row in rows}
    standing: set[str] = set()
    counties = [row for row in rows if row.level == "county"]
    county = counties[0].code if counties else next((row.parent for row in rows if row.level == "township"), None)
    for level in ("county", "township", "village"):
        for row in (row for row in rows if row.level == level):
            problem = _parent_problem(row, level_of, standing, county)
            if problem is None:
                standing.add(row.code)
                good.append(row)
            else:
                problems.append(problem)
    return good, problems


def _parent_problem(
    row: DivisionRow, level_of: Mapping[str, Level], standing: set[str], county: str | None
) -> DivisionProblem | None:
    facts = {"value": row.code, "parent": row.parent}
    if row.level == "county":
        return None if row.code == county else DivisionProblem("division_second_county", row.line, {"value": row.code})
    parent_level = level_of.get(row.parent or "")
    if parent_level is not None and parent_level != _PARENT_OF[row.level]:
        return DivisionProblem("division_parent_level", row.line, facts)
    if row.level == "township":
        return None if row.parent == county else DivisionProblem("division_second_county", row.line, facts)
    return None if row.parent in standing else DivisionProblem("division_parent_unknown", row.line, facts)
