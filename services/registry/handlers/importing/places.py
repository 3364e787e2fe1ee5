"""Schools, classes and villages by what rosters call them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from services.registry.domain.codes import Level
from services.registry.domain.places import class_id
from services.registry.rosters.rows import RosterRow
from services.registry.rosters.values import class_in, grade_and_class_in
from services.registry.views import tables as t
from shared.access import tables as access
from shared.localisation.names import comparison_key
from shared.localisation.text import folded

_KINDERGARTEN = {"k1": "小班", "k2": "中班", "k3": "大班"}
_GRADES = _KINDERGARTEN | {str(grade): f"{digit}年级" for grade, digit in enumerate("一二三四五六七八九", 1)}
_GRADES |= {str(grade): f"高{digit}" for grade, digit in enumerate("一二三", 10)}
_VILLAGE_ENDS = re.compile("(?:村民委员会|居民委员会|村委会|居委会|社区|行政村|村|嘎查)$")


@dataclass(frozen=True, slots=True)
class FormedClass:
    """A class that the roster names."""

    klass: str
    school: str
    grade: int
    name: str


class Places:
    """Schools within reach and villages, by what rosters call them."""

    def __init__(self, tx: Connection, schools: ColumnElement[bool]) -> None:
        self.schools: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.division_of: dict[str, str] = {}
        for row in tx.execute(select(t.schools).where(schools).order_by(t.schools.c.school)):
            self.schools.setdefault(row.name_key, row.school)
            self.names[row.school] = row.name_key
            self.division_of[row.school] = row.division
        known = select(t.classes).where(t.classes.c.school.in_(list(self.division_of)))
        self._classes = {
            (row.school, row.grade, class_key(row.grade, row.name)): row.klass for row in tx.execute(known)
        }
        d = access.divisions.c
        divisions = {row.division: row for row in tx.execute(select(d.division, d.parent, d.level, d.name))}
        self._parents = {one.division: one.parent for one in divisions.values()}
        self._villages: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for one in divisions.values():
            if one.level == Level.VILLAGE:
                township = divisions[one.parent].name if one.parent in divisions else ""
                self._villages[_village_key(one.name)].append((one.division, folded(township)))

    def village(self, village: str | None, township: str | None, school: str) -> str | None:
        """The village of this name: in the township that the row names, else the only one, else the one nearest the
        school; None when the name stands for none or for several."""
        found = self._villages.get(_village_key(village), []) if village else []
        if township:
            found = [one for one in found if one[1] == folded(township)] or found
        if len(found) > 1:
            here = self.division_of[school]
            near = [one for one in found if here in (one[0], self._parents.get(one[0]), self._parents.get(here))]
            found = near or found
        return found[0][0] if len(found) == 1 else None

    def klass(self, school: str, row: RosterRow) -> FormedClass | None:
        """The class of a row; None when the row does not say."""
        if row.grade is None or row.class_name is None:
            return None
        grade = 0 if row.grade in _KINDERGARTEN else int(row.grade)
        number = f"（{row.class_name}）班" if row.class_name.isdigit() or len(row.class_name) == 1 else row.class_name
        name = f"{_GRADES[row.grade]}{number}"[:50]
        key = class_key(grade, name)
        known = self._classes.get((school, grade, key))
        return FormedClass(known or class_id(school, grade, key), school, grade, name)


def class_key(grade: int, name: str) -> str:
    """The compared form of a class's name: `4` for （4）班, 四班 and, in the first grade, 一年级（4）班."""
    within, inner = grade_and_class_in(name)
    if grade and inner is not None and within in {None, str(grade)}:
        return inner
    return (class_in(name) if grade else None) or comparison_key(name)


def _village_key(name: str | None) -> str:
    text = folded(name or "")
    return _VILLAGE_ENDS.sub("", text) or text
