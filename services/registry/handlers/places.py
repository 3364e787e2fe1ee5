"""Commands about divisions, schools and classes."""

from __future__ import annotations

from sqlalchemy import select

from services.registry.domain import commands as c
from services.registry.domain.codes import Level
from services.registry.domain.places import Division, School, SchoolClass, class_id, division_id, school_id
from services.registry.handlers.ground import Ground
from services.registry.handlers.importing.places import class_key
from shared.access import tables as access
from shared.access.principals import Call
from shared.eventstore.work import Decision, Work
from shared.kernel.refusals import Refusal
from shared.localisation.names import comparison_key

_LEVELS = tuple(Level)


class PlaceHandlers(Ground):
    """Divisions, schools, classes."""

    def register_divisions(self, call: Call[c.RegisterDivisions]) -> Decision:
        """Register divisions, all or none; the answer is about the last and lowest of them.

        Refuses `registry.division_twice` (a code twice in the list), `registry.second_county`, and what a division
        refuses.
        """
        rows = sorted(call.data.divisions, key=lambda row: _LEVELS.index(row.level))
        valid_from = call.data.valid_from or self._today()

        def register(work: Work) -> Division:
            listed = {row.code for row in rows}
            outside = {row.parent for row in rows if row.parent is not None and row.parent not in listed}
            for code in sorted(outside):
                self._gate.clear(work.tx, call, division=division_id(code))
            if not outside:
                self._gate.clear(work.tx, call, anywhere=True)
            _check_list(rows, work)
            everyone = work.find_all(Division, [division_id(code) for code in sorted(listed | outside)])
            for row in rows:
                parent = everyone[division_id(row.parent)] if row.parent else None
                everyone[division_id(row.code)].register(
                    code=row.code,
                    name=row.name,
                    level=row.level,
                    parent=parent if parent is not None and parent.exists else None,
                    valid_from=valid_from,
                )
            return everyone[division_id(rows[-1].code)]

        return self._desk.decide(call.order(), register)

    def open_school(self, call: Call[c.OpenSchool]) -> Decision:
        """Open a school. Its id follows from its division and name, so that two people open one school."""
        data = call.data

        def open_it(work: Work) -> School:
            self._gate.clear(work.tx, call, division=data.division)
            work.load(Division, data.division)
            school = work.find(School, school_id(data.division, comparison_key(data.name)))
            school.open(name=data.name, division=data.division, stages=tuple(data.stages))
            return school

        return self._desk.decide(call.order(), open_it)

    def form_class(self, call: Call[c.FormClass]) -> Decision:
        """Form a class. Its id follows from its school, grade and name: （4）班, 4班 and 四班 are one."""
        data = call.data

        def form(work: Work) -> SchoolClass:
            self._gate.clear(work.tx, call, place=data.school)
            work.load(School, data.school)
            klass = work.find(SchoolClass, class_id(data.school, data.grade, class_key(data.grade, data.name)))
            klass.form(school=data.school, name=data.name, grade=data.grade)
            return klass

        return self._desk.decide(call.order(), form)


def _check_list(rows: list[c.DivisionRow], work: Work) -> None:
    codes = [row.code for row in rows]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise Refusal("registry.division_twice", division=twice)
    counties = {row.code for row in rows if row.level is Level.COUNTY}
    known = select(access.divisions.c.code).where(access.divisions.c.level == Level.COUNTY)
    if len(counties | (set(work.tx.execute(known).scalars()) if counties else set())) > 1:
        # A deployment is one county's: its log's origin names it.
        raise Refusal("registry.second_county")
