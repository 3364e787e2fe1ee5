"""Judging a whole roster: what a row cannot know of itself. Age on the day, schools, children who stand there twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.registry.rosters.headers import Layout
from services.registry.rosters.problems import Problem, masked_value
from services.registry.rosters.rows import RosterRow, read_rows
from services.registry.rosters.sheets import Sheets, letter
from shared.kernel.clock import whole_years
from shared.localisation.names import comparison_key

LEAST_AGE, MOST_AGE = 3, 18
_BELIEVED = timedelta(days=730)
"""A day that the paper states is believed when it lies so near to the day of reading, before or after."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Every child of a file in its order. Rows with errors and duplicates are among them."""

    rows: tuple[RosterRow, ...]

    @property
    def pupils(self) -> int:
        """Children in the file; one who stands there twice counts once, one whose row is wrong counts."""
        return sum(not row.is_duplicate for row in self.rows)

    @property
    def left_behind(self) -> int:
        """Children left behind, counted in the same way."""
        return sum(bool(row.left_behind) and not row.is_duplicate for row in self.rows)

    @property
    def refused(self) -> tuple[RosterRow, ...]:
        """Rows that an error keeps out."""
        return tuple(row for row in self.rows if row.is_refused)

    @property
    def duplicates(self) -> tuple[RosterRow, ...]:
        """Rows whose child stands further up in the file."""
        return tuple(row for row in self.rows if row.is_duplicate)

    @property
    def good(self) -> tuple[RosterRow, ...]:
        """Rows that may go in."""
        return tuple(row for row in self.rows if not row.is_refused and not row.is_duplicate)


def read_roster(
    sheets: Sheets,
    layouts: tuple[Layout, ...],
    *,
    today: date,
    known_school: Callable[[str], bool] | None = None,
    ages: tuple[int, int] = (LEAST_AGE, MOST_AGE),
) -> Roster:
    """Read and judge every row of the sheets that have a layout.

    Ages count on the day that the paper states for itself if it lies within two years of `today`, else on `today`;
    so the same file gives the same answer on every day. `known_school` is asked once for each name; without it no
    school is unknown.
    """
    by_name = {sheet.name: sheet for sheet in sheets.sheets}
    schools: dict[str, bool] = {}
    seen = _Seen()
    rows: list[RosterRow] = []
    for layout in layouts:
        day = reference_day(layout, today)
        for row in read_rows(by_name[layout.sheet], layout, today=max(today, day)):
            judged = _with(row, _age(row, layout, day, ages))
            if known_school is not None:
                judged = _with(judged, _school(judged, layout, schools, known_school))
            rows.append(_with(judged, seen.repeats(judged)))
    return Roster(tuple(rows))


def reference_day(layout: Layout, today: date) -> date:
    """The day on which ages count for a sheet."""
    stated = layout.stated_day
    return stated if stated is not None and abs(stated - today) <= _BELIEVED else today


def _with(row: RosterRow, problems: Iterator[Problem]) -> RosterRow:
    found = tuple(problems)
    return replace(row, problems=row.problems + found) if found else row


def _place(layout: Layout, field: str) -> str | None:
    return next((letter(number) for number, mapped in layout.mapping.items() if mapped == field), None)


def _age(row: RosterRow, layout: Layout, day: date, ages: tuple[int, int]) -> Iterator[Problem]:
    if row.born is None or any(problem.code == "roster.birth_date_disagrees" for problem in row.problems):
        return
    age = whole_years(row.born, day)
    if not ages[0] <= age <= ages[1]:
        column = _place(layout, "born") or _place(layout, "identity_number")
        value = masked_value("born", row.born.isoformat())
        facts = {"age": age, "least": ages[0], "most": ages[1], "on": day.isoformat()}
        yield Problem("roster.age_out_of_range", row.sheet, row.row, column, value, facts)


def _school(
    row: RosterRow, layout: Layout, schools: dict[str, bool], known_school: Callable[[str], bool]
) -> Iterator[Problem]:
    if row.school is None:
        return
    if row.school not in schools:
        schools[row.school] = known_school(row.school)
    if not schools[row.school]:
        yield Problem("roster.school_unknown", row.sheet, row.row, _place(layout, "school"), row.school[:60])


class _Seen:
    """The children that stood further up. Rows with errors are not among them: the corrected one below shall go in."""

    def __init__(self) -> None:
        self._numbers: dict[str, RosterRow] = {}
        self._people: dict[Hashable, RosterRow] = {}

    def repeats(self, row: RosterRow) -> Iterator[Problem]:
        """The problem of standing in the file again, if so; else the row is remembered."""
        if row.is_refused:
            return
        first, code = self._numbers.get(row.identity_number or ""), "roster.duplicate_identity"
        person = (comparison_key(row.name), row.born, *_family(row))
        if first is None:
            first, code = self._people.get(person), "roster.duplicate_person"
            if first is not None and first.identity_number and row.identity_number:
                first = None  # two numbers are two people, however alike
        if first is not None:
            yield Problem(code, row.sheet, row.row, None, "", {"first_sheet": first.sheet, "first_row": first.row})
            return
        if row.identity_number:
            self._numbers[row.identity_number] = row
        self._people.setdefault(person, row)


def _family(row: RosterRow) -> tuple[str, ...]:
    """What tells namesakes of one day apart: the parents, else the guardian, else the class."""
    parents = tuple(comparison_key(parent.name or "") for parent in (row.father, row.mother))
    if any(parents):
        return parents
    return (comparison_key(row.guardian.name or ""), row.grade or "", row.class_name or "")
