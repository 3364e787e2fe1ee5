"""Reading the cells of one row: each value in its type, each thing that is wrong noted once with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from services.registry.rosters.dates import Unreadable, day_in
from services.registry.rosters.problems import Problem, masked_value
from services.registry.rosters.sheets import Cell, Sheet, letter, text_in
from services.registry.rosters.values import (
    IdentityMissing,
    ParentStatus,
    away_in,
    identity_missing_in,
    is_nothing,
    parent_status_in,
    sex_in,
    yes_or_no,
)
from shared.localisation.identity import IdentityNumber, IdentityProblem, Sex, check_identity
from shared.localisation.names import stored_name
from shared.localisation.phones import PhoneProblem, phones_in

LONGEST_NAME = 50
_COMMAND = re.compile(r"^[=＝]|^[+\-@].*[(|!]|^[@]\w+[(]")
_QUOTED = re.compile(r'^="([^"]*)"$')
_ASIDE = re.compile(r"[（(]([^）)]*)[）)]")
_AT_HOME = re.compile("在家|务农|本村|本地|家里|无业|待业")


class Reading:
    """The cells of one row by field, and the problems found while reading them."""

    def __init__(self, sheet: Sheet, row: int, columns: Mapping[str, int], cells: Mapping[str, Cell]) -> None:
        self._sheet = sheet
        self._columns = columns
        self._cells = {field: _unquoted(cell) for field, cell in cells.items()}
        self._refused: set[str] = set()
        self.row = row
        self.problems: list[Problem] = []

    def add(self, code: str, field: str | None, **facts: Any) -> None:
        """Note a problem with the cell of a field."""
        column = self._columns.get(field or "")
        value = masked_value(field, self._cells[field]) if field and field in self._cells else ""
        self.problems.append(
            Problem(code, self._sheet.name, self.row, letter(column) if column else None, value, facts)
        )

    def refuse_formulas(self) -> None:
        """Refuse each cell that computes its value, and each text that would compute in the next program to open it."""
        for field, cell in self._cells.items():
            if (self.row, self._columns[field]) in self._sheet.formulas:
                self.add("roster.formula", field)
            elif isinstance(cell, str) and _COMMAND.match(cell.strip()):
                self.add("roster.formula_text", field)
            else:
                continue
            self._refused.add(field)

    def text(self, field: str) -> str | None:
        """The text of a field; None when it has no column, is blank, says nothing, or was refused."""
        if field in self._refused or field not in self._cells:
            return None
        text = text_in(self._cells[field])
        return None if is_nothing(text) else text

    def number(self, field: str) -> int | None:
        """A whole number in a field: an age with or without 岁."""
        match = re.match(r"^(\d{1,3})(?:\.0*)?\s*(?:周?岁)?$", self.text(field) or "")
        return int(match[1]) if match else None

    def yes(self, field: str) -> bool | None:
        """Whether a field says yes; None when it says nothing that can be understood."""
        return yes_or_no(text_in(self._cells[field])) if field in self._cells and field not in self._refused else None

    def child_name(self) -> str:
        """The child's name; refused when missing or longer than any."""
        name = stored_name(text_in(self._cells["name"])) if "name" not in self._refused else ""
        if "name" in self._refused:
            return ""
        if is_nothing(name):
            self.add("roster.name_missing", "name")
            return ""
        if len(name) > LONGEST_NAME:
            self.add("roster.name_too_long", "name", length=len(name), most=LONGEST_NAME)
        return name

    def person_name(self, field: str) -> str | None:
        """An adult's name."""
        return stored_name(text)[:LONGEST_NAME] if (text := self.text(field)) else None

    def parent_name(self, field: str) -> tuple[str | None, ParentStatus | None]:
        """A parent's name and what stands beside or instead of it: 李四（已故）, 不详."""
        text = self.text(field)
        if not text:
            return None, None
        aside = _ASIDE.search(text)
        if aside and (status := parent_status_in(aside[1])):
            return stored_name(_ASIDE.sub("", text)) or None, status
        if len(text) <= 4 and (status := parent_status_in(text)) and status != "unable":
            return None, status
        return stored_name(text)[:LONGEST_NAME], None

    def identity(self, today: date) -> tuple[IdentityNumber | None, IdentityMissing | None]:
        """The child's identity number, or why there is none; a wrong one is refused by name."""
        field = "identity_number"
        if field in self._refused:
            return None, None
        text = text_in(self._cells.get(field, ""))
        if (missing := identity_missing_in(text)) is not None:
            return None, identity_missing_in(self.text("identity_missing") or "") if missing == "not_given" else missing
        try:
            found = check_identity(text, today=today)
        except IdentityProblem as problem:
            self.add(f"roster.{problem.code}", field, **problem.facts)
            return None, None
        for warning in found.warnings:
            self.add(f"roster.identity_{warning}", field)
        return found, None

    def born(self, identity: IdentityNumber | None, today: date) -> date | None:
        """The birth date of its own column, else of the identity number; both must agree."""
        if "born" in self._refused:
            return identity.born if identity else None
        try:
            born = day_in(self._cells.get("born", ""))
        except Unreadable as error:
            self.add(f"roster.birth_date_{error.why}", "born")
            return None
        if born is None:
            if identity is None and not any(problem.code.startswith("roster.identity_") for problem in self.problems):
                self.add("roster.birth_date_missing", "born")
            return identity.born if identity else None
        if born > today:
            self.add("roster.birth_date_impossible", "born")
            return None
        if identity is not None and identity.born != born:
            self.add("roster.birth_date_disagrees", "born")
        return born

    def sex(self, identity: IdentityNumber | None) -> Sex | None:
        """The sex of its own column, else of the identity number; a difference is noted."""
        text = self.text("sex")
        if text is None:
            return identity.sex if identity else None
        sex = sex_in(text)
        if sex is None:
            self.add("roster.sex_unreadable", "sex")
            return identity.sex if identity else None
        if identity is not None and identity.sex != sex:
            self.add("roster.sex_disagrees", "sex")
        return sex

    def phones(self, field: str) -> tuple[str, ...]:
        """The telephone numbers of a field. One that cannot be read is kept as it is, and noted."""
        text = self.text(field)
        if text is None:
            return ()
        try:
            return phones_in(text)
        except PhoneProblem as problem:
            self.add("roster.phone_unreadable", field, why=problem.code)
            return (text[:40],) if problem.code == "phone_area_missing" else ()

    def status(self, field: str) -> ParentStatus | None:
        """Why a parent does not look after the child, from a column of its own."""
        text = self.text(field)
        return parent_status_in(text) if text else None

    def away(self, who: str) -> bool | None:
        """Whether a parent is away: by a column for both, else by their own, else by a place of work elsewhere."""
        if text := self.text("away_party"):
            away = away_in(text)
            if away is None:
                if who == "father":
                    self.add("roster.away_unreadable", "away_party")
            else:
                return away[0] if who == "father" else away[1]
        said = self.yes(f"{who}.away")
        if said is not None:
            return said
        where = self.text(f"{who}.place") or self.text(f"{who}.employer") or self.text("parents.place")
        return not _AT_HOME.search(where) if where else None

    def left_behind(
        self,
        father_away: bool | None,
        mother_away: bool | None,
        father_status: ParentStatus | None,
        mother_status: ParentStatus | None,
    ) -> tuple[bool | None, str]:
        """Whether the child is left behind (both away, or one away and the other unable) and what that rests on.

        Source: 国发〔2016〕13号: both parents away for work, or one away and the other without the ability to guard.
        A roster that says so itself is believed.
        """
        if text := self.text("left_behind"):
            said = yes_or_no(text)
            if said is not None:
                return said, "stated"
            self.add("roster.left_behind_unreadable", "left_behind")
        elif "left_behind" in self._cells and "left_behind" not in self._refused and self._cells["left_behind"] != "":
            return False, "stated"
        if father_away and mother_away:
            return True, "both_away"
        if (father_away and mother_status) or (mother_away and father_status):
            return True, "one_away_other_unable"
        if father_away is None and mother_away is None:
            return None, "unsaid"
        return False, "at_home"


def _unquoted(cell: Cell) -> Cell:
    """A text that an exporter wrapped as `="4399…"`, or marked with a leading apostrophe or tab, to keep its digits."""
    if not isinstance(cell, str):
        return cell
    if not cell.startswith(("=", "'", "\t", " ")):
        return cell
    match = _QUOTED.match(cell.strip())
    return match[1] if match and "=" not in match[1] else cell.lstrip("'\t")
