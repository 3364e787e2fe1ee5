"""Divisions, schools and classes decide."""

from __future__ import annotations

from datetime import date

from services.registry.domain.codes import Level, Stage
from services.registry.domain.events import ClassCounted, ClassFormed, DivisionRegistered, SchoolOpened
from services.registry.domain.places import Division, School, SchoolClass
from shared.testing.aggregates import AN_ID, given

DAY = date(2026, 9, 1)
COUNTY, TOWNSHIP = "01890000-0000-7000-8000-0000000c0001", "01890000-0000-7000-8000-0000000c0002"


def division(level: Level, parent: str | None, *, at: str = AN_ID, name: str = "示范镇") -> DivisionRegistered:
    return DivisionRegistered(division=at, code="439901101", name=name, level=level, parent=parent, valid_from=DAY)


def known(level: Level, parent: str | None, at: str) -> Division:
    return Division.replayed(at, [division(level, parent, at=at)])


def register(parent: Division | None, level: Level = Level.TOWNSHIP, name: str = "示范镇"):
    return lambda it: it.register(code="439901101", name=name, level=level, parent=parent, valid_from=DAY)


def test_a_township_is_registered_under_its_county():
    given(Division).when(register(known(Level.COUNTY, None, COUNTY))).then(division(Level.TOWNSHIP, COUNTY))


def test_a_county_has_no_parent():
    given(Division).when(register(None, Level.COUNTY)).then(division(Level.COUNTY, None))
    given(Division).when(register(known(Level.TOWNSHIP, COUNTY, TOWNSHIP), Level.COUNTY)).refused(
        "registry.division_parent_level", parent_level="township"
    )


def test_a_township_without_its_county_is_refused():
    given(Division).when(register(None)).refused("registry.division_parent_missing", level="township")


def test_a_village_right_under_a_county_is_refused():
    given(Division).when(register(known(Level.COUNTY, None, COUNTY), Level.VILLAGE)).refused(
        "registry.division_parent_level", level="village", parent_level="county"
    )


def test_a_division_registered_twice_is_one():
    given(Division, division(Level.TOWNSHIP, COUNTY)).when(register(known(Level.COUNTY, None, COUNTY))).then()


def test_a_code_stands_for_one_division():
    given(Division, division(Level.TOWNSHIP, COUNTY)).when(
        register(known(Level.COUNTY, None, COUNTY), name="另一镇")
    ).refused("registry.division_exists", division="439901101")


SCHOOL = SchoolOpened(school=AN_ID, name="示范镇中心学校", division=TOWNSHIP, stages=(Stage.PRIMARY, Stage.JUNIOR))


def open_school(*stages: Stage):
    return lambda it: it.open(name="示范镇中心学校", division=TOWNSHIP, stages=stages)


def test_a_school_opens_with_its_stages_in_order():
    given(School).when(open_school(Stage.JUNIOR, Stage.PRIMARY, Stage.JUNIOR)).then(SCHOOL)


def test_a_school_teaches_something():
    given(School).when(open_school()).refused("registry.school_without_stage")


def test_a_school_opened_twice_is_one():
    given(School, SCHOOL).when(open_school(Stage.PRIMARY, Stage.JUNIOR)).then()


def test_another_school_of_the_name_in_the_same_division_is_refused():
    given(School, SCHOOL).when(open_school(Stage.SENIOR)).refused("registry.school_exists", school=AN_ID)


FORMED = ClassFormed(klass=AN_ID, school=COUNTY, name="（4）班", grade=1)


def form(grade: int = 1):
    return lambda it: it.form(school=COUNTY, name="（4）班", grade=grade)


def test_a_class_is_formed_once():
    given(SchoolClass).when(form()).then(FORMED)
    given(SchoolClass, FORMED).when(form()).then()


def test_a_thirteenth_grade_is_refused():
    given(SchoolClass).when(form(13)).refused("registry.grade_out_of_range", grade=13, most=12)


def test_the_roll_is_counted_and_counted_again_only_when_it_changed():
    counted = ClassCounted(klass=AN_ID, pupils=38, left_behind=9, on=DAY)
    count = lambda it: it.count(pupils=38, left_behind=9, on=DAY)  # noqa: E731
    given(SchoolClass, FORMED).when(count).then(counted)
    given(SchoolClass, FORMED, counted).when(count).then()


def test_more_left_behind_than_pupils_is_refused():
    given(SchoolClass, FORMED).when(lambda it: it.count(pupils=8, left_behind=9, on=DAY)).refused(
        "registry.count_impossible", pupils=8, left_behind=9
    )
