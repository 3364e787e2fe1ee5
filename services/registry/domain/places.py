"""Divisions, schools and classes."""

from __future__ import annotations

from datetime import date

from services.registry.domain.codes import Level, Stage
from services.registry.domain.events import ClassCounted, ClassFormed, DivisionRegistered, SchoolOpened
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import PublicText, Ref
from shared.kernel.refusals import Refusal


def division_id(code: str) -> str:
    """The id of the division with this code: a code is one division, whoever registers it."""
    return derived_id(code, "registry.division")


def school_id(division: str, key: str) -> str:
    """The id of a school by its division and the compared form of its name."""
    return derived_id(f"{division}\x1f{key}", "registry.school")


def class_id(school: str, grade: int, key: str) -> str:
    """The id of a class by its school, its grade and the compared form of its name."""
    return derived_id(f"{school}\x1f{grade}\x1f{key}", "registry.class")


class Division(Aggregate):
    """A county, a township in it, a village in that."""

    service, kind = "registry", "division"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.facts: tuple[str, str, str | None] = ("", "", None)
        self.level: Level | None = None
        self.code = ""

    def register(self, *, code: str, name: str, level: Level, parent: Division | None, valid_from: date) -> None:
        """Register it under a parent that exists and is one level above.

        Refuses `registry.division_parent_missing`, `registry.division_parent_level`, `registry.division_exists` (the
        code stands for another division already).
        """
        above = parent.level if parent is not None else None
        if above is None and level.above is not None:
            raise Refusal("registry.division_parent_missing", division=code, level=level)
        if above != level.above:
            raise Refusal("registry.division_parent_level", division=code, level=level, parent_level=above)
        facts = (name, str(level), parent.id if parent else None)
        if self.exists:
            if self.facts != facts:
                raise Refusal("registry.division_exists", division=code)
            return
        self.record(
            DivisionRegistered(
                division=Ref(self.id),
                code=PublicText(code),
                name=PublicText(name),
                level=level,
                parent=Ref(parent.id) if parent else None,
                valid_from=valid_from,
            )
        )

    def _apply_division_registered(self, it: DivisionRegistered) -> None:
        self.code, self.level = it.code, it.level
        self.facts = (it.name, str(it.level), it.parent)


class School(Aggregate):
    """A school in a division."""

    service, kind = "registry", "school"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.division: str | None = None
        self.stages: tuple[Stage, ...] = ()

    def open(self, *, name: str, division: str, stages: tuple[Stage, ...]) -> None:
        """Open it. Refuses `registry.school_without_stage`, `registry.school_exists`."""
        stages = tuple(one for one in Stage if one in stages)
        if not stages:
            raise Refusal("registry.school_without_stage")
        if self.exists:
            if (self.division, self.stages) != (division, stages):
                raise Refusal("registry.school_exists", school=self.id)
            return
        self.record(SchoolOpened(school=Ref(self.id), name=PublicText(name), division=Ref(division), stages=stages))

    def _apply_school_opened(self, it: SchoolOpened) -> None:
        self.division, self.stages = it.division, it.stages


class SchoolClass(Aggregate):
    """A class of a school. Of pupils who are not under watch only their number is kept."""

    service, kind = "registry", "class"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.school: str | None = None
        self.counted: tuple[int, int] | None = None

    def form(self, *, school: str, name: str, grade: int) -> None:
        """Form it. Refuses `registry.grade_out_of_range` (0 is a kindergarten, 12 the last)."""
        if not 0 <= grade <= 12:
            raise Refusal("registry.grade_out_of_range", grade=grade, least=0, most=12)
        if not self.exists:
            self.record(ClassFormed(klass=Ref(self.id), school=Ref(school), name=PublicText(name), grade=grade))

    def count(self, *, pupils: int, left_behind: int, on: date) -> None:
        """Record how many pupils are on its roll. Refuses `registry.count_impossible`."""
        if not 0 <= left_behind <= pupils:
            raise Refusal("registry.count_impossible", pupils=pupils, left_behind=left_behind)
        if self.counted != (pupils, left_behind):
            self.record(ClassCounted(klass=Ref(self.id), pupils=pupils, left_behind=left_behind, on=on))

    def _apply_class_formed(self, it: ClassFormed) -> None:
        self.school = it.school

    def _apply_class_counted(self, it: ClassCounted) -> None:
        self.counted = (it.pupils, it.left_behind)
