"""What a roster's row says of a family and a class, and what a new roster changes of a known child."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.registry.domain import commands as c
from services.registry.domain.child import Child
from services.registry.domain.codes import Arrangement, ContactStatus, Relation, RowOutcome
from services.registry.domain.rosters import CHUNK_CHILDREN, CHUNK_CLASSES, CHUNK_ROWS
from services.registry.handlers.importing.carrying import bring_up_to_date
from services.registry.handlers.importing.guardians import contacts_in, relation_in
from services.registry.handlers.importing.places import FormedClass, class_key
from services.registry.handlers.importing.planning import HeldRow, Plan, packed, unpacked
from services.registry.rosters.judging import Roster
from services.registry.rosters.rows import Guardian, Parent, RosterRow
from shared.testing.aggregates import AN_ID, given
from tests.unit.registry.test_child import ELSEWHERE, FULL, TODAY, register

ROW = RosterRow(
    sheet="四年级",
    row=5,
    name="唐曦",
    father=Parent(name="唐海", phones=("19900001031", "19900001032"), employer="演示市建筑公司", away=True),
    mother=Parent(name="丁浩", away=True),
    guardian=Guardian(
        name="杜秀", relation="外祖母", phones=("19900000191",), occupation="务农", age=66, health="体弱"
    ),
)


def test_the_guardian_is_called_first_and_looks_after_the_child():
    contacts, carer = contacts_in(ROW)
    assert carer == 1
    assert [(one.relation, one.name, one.phone) for one in contacts] == [
        (Relation.GRANDMOTHER, "杜秀", "19900000191"),
        (Relation.FATHER, "唐海", "19900001031"),
        (Relation.MOTHER, "丁浩", None),
    ]
    assert (contacts[0].age, contacts[0].health, contacts[1].other_phone) == (66, "体弱", "19900001032")


def test_a_guardian_who_is_the_father_is_one_person_with_both_numbers():
    row = replace(ROW, guardian=Guardian(name="唐 海", relation="监护人", phones=("19900005555",), age=40))
    contacts, carer = contacts_in(row)
    assert [(one.relation, one.phone, one.other_phone) for one in contacts] == [
        (Relation.FATHER, "19900001031", "19900005555"),
        (Relation.MOTHER, None, None),
    ]
    assert (carer, contacts[0].age, contacts[0].employer) == (1, 40, "演示市建筑公司")


def test_a_parent_who_is_dead_stands_on_the_card_and_one_who_is_not_named_does_not():
    row = replace(ROW, father=Parent(status="dead"), mother=Parent(), guardian=Guardian())
    assert contacts_in(row) == ((c.ContactDetails(relation=Relation.FATHER, status=ContactStatus.DEAD),), None)


@pytest.mark.parametrize(
    ("words", "relation"),
    [
        ("祖父", Relation.GRANDFATHER),
        ("外公", Relation.GRANDFATHER),
        ("奶奶", Relation.GRANDMOTHER),
        ("伯父", Relation.RELATIVE),
        ("姑母", Relation.RELATIVE),
        ("舅妈", Relation.RELATIVE),
        ("母亲", Relation.MOTHER),
        ("继父", Relation.OTHER),
        ("祖父母", Relation.OTHER),
        ("代管家长", Relation.CARER),
        ("班主任", Relation.OTHER),
        (None, Relation.OTHER),
    ],
)
def test_a_relation_is_known_from_the_rosters_words(words: str | None, relation: Relation):
    assert relation_in(words) is relation


@pytest.mark.parametrize(
    ("grade", "names"),
    [
        (1, ("一年级（4）班", "（4）班", "4班", "四班", "1年级4班")),
        (7, ("初一（3）班", "七年级3班", "3班")),
        (10, ("高一（4）班", "4班")),
        (0, ("小班（2）班", "小班(2)班")),
    ],
)
def test_one_class_has_one_key_however_it_is_written(grade: int, names: tuple[str, ...]):
    assert len({class_key(grade, one) for one in names}) == 1


def test_kindergarten_classes_of_different_ages_are_different_classes():
    assert class_key(0, "小班（2）班") != class_key(0, "中班（2）班")


def plan(children: int, others: int, classes: int = 1) -> Plan:
    rows = [HeldRow("甲", number, None, "唐", FULL) for number in range(children)]
    rows += [HeldRow("甲", 1000 + number, RowOutcome.COUNTED) for number in range(others)]
    judged = tuple(replace(ROW, row=one.row, left_behind=one.child is not None) for one in rows)
    names = ["k", *(f"k{number}" for number in range(2, classes + 1))]
    formed = {one: FormedClass(one, "s", 1, "（1）班") for one in names}
    return Plan(Roster(judged), rows, formed, [names[index * classes // len(rows)] for index in range(len(rows))])


def test_chunks_keep_within_rows_and_children_and_lose_nothing():
    chunks = plan(150, 650).chunks()
    assert [one for chunk in chunks for one in chunk.rows] == plan(150, 650).rows
    assert max(len(one.rows) for one in chunks) == CHUNK_ROWS
    assert max(sum(row.child is not None for row in one.rows) for one in chunks) == CHUNK_CHILDREN


def test_a_chunk_keeps_within_its_classes_and_each_is_formed_and_counted_once():
    chunks = plan(0, 290, classes=145).chunks()
    touched = [{one.klass for one in chunk.classes} | {one[0] for one in chunk.counts} for chunk in chunks]
    assert max(map(len, touched)) == CHUNK_CLASSES
    assert sum(len(one.classes) for one in chunks) == sum(len(one.counts) for one in chunks) == 145


def test_a_class_is_formed_in_its_first_chunk_and_counted_in_its_last():
    chunks = plan(150, 250).chunks()
    assert [len(one.classes) for one in chunks] == [1, *[0] * (len(chunks) - 1)]
    assert [one.counts for one in chunks] == [*[()] * (len(chunks) - 1), (("k", 400, 150),)]


def test_a_chunk_survives_being_packed():
    (chunk,) = plan(2, 3).chunks()
    assert unpacked(packed(chunk)) == chunk


def known() -> list[object]:
    return given(Child).when(register(FULL)).events


def told(it: c.RegisterChild, *, moved: bool = True):
    return lambda child: bring_up_to_date(child, it, moved=moved, source=AN_ID, today=TODAY)


def test_the_same_row_again_changes_nothing():
    given(Child, known()).when(told(FULL)).then()


def test_a_later_first_day_of_the_same_care_is_no_news():
    given(Child, known()).when(told(replace(FULL, since=TODAY))).then()


def test_a_row_without_a_village_leaves_the_child_where_it_lives():
    given(Child, known()).when(told(replace(FULL, village=ELSEWHERE), moved=False)).then()


def test_a_new_guardian_is_called_first_and_the_old_one_stays():
    aunt = c.ContactDetails(relation=Relation.RELATIVE, name="唐燕", phone="19900007777")
    row = replace(FULL, contacts=(aunt, *FULL.contacts[1:]), arrangement=Arrangement.RELATIVES)
    it = given(Child, known()).when(told(row)).it
    assert [one.details.name for one in it.card.contacts] == ["唐燕", "杜秀", "唐海"]
    assert it.care == (Arrangement.RELATIVES, FULL.since, it.card.contacts[0].id)


def test_a_child_that_had_left_comes_back_with_the_roster():
    gone = [*known(), *given(Child, known()).when(lambda it: it.leave("moved_away", today=TODAY)).events]
    assert given(Child, gone).when(told(FULL)).it.present


def test_a_name_that_differs_only_in_how_it_is_typed_stays_as_it_was():
    uygur = replace(FULL, name="阿依·古丽")
    history = given(Child).when(register(uygur)).events
    given(Child, history).when(told(replace(uygur, name="阿依•古丽"))).then()
