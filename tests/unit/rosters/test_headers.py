"""Finding headers, proposing which column holds what."""

from datetime import date

import pytest

from services.registry.rosters.fields import FIELDS
from services.registry.rosters.files import open_sheets
from services.registry.rosters.headers import confirmed, propose
from shared.kernel.refusals import Refusal
from tests.unit.rosters.papers import grid, pupil, workbook


def layout_of(*rows):
    return propose(open_sheets(grid(rows))).layouts[0]


def fields_of(*heads):
    return layout_of(heads, ["x"] * len(heads)).mapping


def test_a_merged_header_of_two_lines_is_found_under_title_and_sender():
    proposal = propose(open_sheets(workbook({"六年级": [pupil(1)], "五年级": [pupil(2)]})))
    layout = proposal.layouts[0]

    assert layout.header_rows == (3, 4)
    assert layout.school == "示范镇中心学校"
    assert layout.stated_day == date(2026, 9, 10)
    assert {column.confidence for column in layout.columns if column.field} == {1.0}
    assert list(layout.mapping.values()) == [
        *("name", "sex", "ethnicity", "born", "identity_number", "grade", "class", "address"),
        *("father.name", "father.phone", "father.employer", "mother.name", "mother.phone", "mother.employer"),
        *("guardian.name", "guardian.relation", "guardian.phone", "guardian.occupation", "guardian.age"),
        *("guardian.health", "left_behind", "away_party", "care_arrangement", "note"),
    ]
    assert [column.header for column in layout.columns[9:11]] == ["父亲 / 姓名", "父亲 / 联系电话"]


def test_sheets_of_one_form_share_a_key_and_another_form_has_another():
    proposal = propose(open_sheets(workbook({"六年级": [pupil(1)], "五年级": [pupil(2)]})))

    assert proposal.layouts[0].key == proposal.layouts[1].key
    assert proposal.layouts[0].key != layout_of(["姓名", "性别"], ["张三", "男"]).key


def test_instructions_and_hidden_sheets_are_left_out_by_name():
    proposal = propose(open_sheets(workbook({"六年级": [pupil(1)], "旧": [pupil(2)]}, hidden={"旧"})))

    assert [(skipped.sheet, skipped.reason) for skipped in proposal.skipped] == [
        ("填表说明", "no_header"),
        ("旧", "hidden"),
    ]


def test_groups_without_merged_cells_reach_as_far_as_blanks_follow():
    data = "学生,,父亲,,\n姓名,性别,姓名,电话,备注\n张三,男,张大,15400001234,\n".encode()
    layout = propose(open_sheets(data)).layouts[0]

    assert list(layout.mapping.values()) == ["name", "sex", "father.name", "father.phone", "note"]
    assert layout.header_rows == (1, 2)


def test_a_telephone_belongs_to_the_person_named_before_it():
    mapping = fields_of(
        "姓名", "性别", "父亲姓名", "联系电话", "务工地点", "母亲姓名", "电话", "监护人", "与儿童关系", "手机号"
    )

    assert list(mapping.values()) == [
        *("name", "sex", "father.name", "father.phone", "father.place", "mother.name", "mother.phone"),
        *("guardian.name", "guardian.relation", "guardian.phone"),
    ]


def test_a_guess_from_context_is_less_sure_than_a_heading():
    layout = layout_of(["姓名", "性别", "父亲姓名", "联系电话"], ["张三", "男", "张大", ""])

    assert [column.confidence for column in layout.columns] == [1.0, 1.0, 1.0, 0.8]


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("学生姓名", "name"),
        ("姓 名", "name"),
        ("姓\n名*", "name"),
        ("儿童姓名（与户口簿一致）", "name"),
        ("學生姓名", "name"),
    ],
)
def test_a_name_is_found_however_its_heading_is_spelt(head, field):
    assert fields_of(head, "性别")[1] == field


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("公民身份号码", "identity_number"),
        ("身份证号码（18位）", "identity_number"),
        ("出生年月日", "born"),
        ("所在年级班级", "grade_class"),
        ("就读学校", "school"),
        ("村（社区）", "village"),
        ("乡镇（街道）", "township"),
        ("家庭详细住址", "address"),
        ("现监护人姓名", "guardian.name"),
        ("监护人与儿童关系", "guardian.relation"),
        ("监护人联系电话", "guardian.phone"),
        ("父亲务工地", "father.place"),
        ("母亲工作单位", "mother.employer"),
        ("父亲是否外出", "father.away"),
        ("父母外出情况", "away_party"),
        ("是否留守儿童", "left_behind"),
        ("监护情况", "care_arrangement"),
        ("是否住校", "boarding"),
        ("父亲情况", "father.status"),
        ("母親電話", "mother.phone"),
    ],
)
def test_headings_of_many_forms_are_known(head, field):
    assert fields_of("姓名", head)[2] == field
    assert field in FIELDS


def test_a_slip_in_a_heading_is_guessed_and_not_sure():
    layout = layout_of(["姓名", "性别", "出生日其"], ["张三", "男", "20140506"])

    assert layout.mapping[3] == "born"
    assert not layout.is_sure


@pytest.mark.parametrize("head", ["序号", "学籍号", "年龄", "血型"])
def test_columns_that_are_not_read_have_no_field(head):
    assert fields_of("姓名", "性别", head) == {1: "name", 2: "sex"}


def test_a_field_belongs_to_one_column():
    assert fields_of("姓名", "性别", "姓名") == {1: "name", 2: "sex"}


def test_a_child_of_a_person_group_never_becomes_the_childs_field():
    data = "学生,,父亲,\n姓名,性别,姓名,民族\n张三,男,张大,汉\n".encode()

    assert "ethnicity" not in propose(open_sheets(data)).layouts[0].mapping.values()


def test_a_file_without_any_header_is_refused():
    with pytest.raises(Refusal) as refused:
        propose(open_sheets(grid([["张三", "男"], ["李四", "女"]])))

    assert refused.value.code == "registry.roster_no_header"


def test_a_confirmed_mapping_replaces_the_proposal():
    layout = confirmed(layout_of(["姓名", "性别", "孩子他爸"], ["张三", "男", "张大"]), {1: "name", 3: "father.name"})

    assert layout.mapping == {1: "name", 3: "father.name"}
    assert layout.is_sure


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({1: "name", 9: "sex"}, "registry.roster_mapping_column"),
        ({1: "name", 2: "wealth"}, "registry.roster_mapping_field"),
        ({1: "name", 2: "name"}, "registry.roster_mapping_twice"),
        ({2: "sex"}, "registry.roster_mapping_name"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(mapping, code):
    with pytest.raises(Refusal) as refused:
        confirmed(layout_of(["姓名", "性别"], ["张三", "男"]), mapping)

    assert refused.value.code == code
