"""Rows of a roster: values in their types, what is wrong named with its place."""

from datetime import date, datetime, time

import pytest

from services.registry.rosters.files import open_sheets
from services.registry.rosters.headers import propose
from services.registry.rosters.judging import read_roster
from services.registry.rosters.problems import CODES, masked_value
from shared.localisation.identity import check_character, make_identity
from tests.unit.rosters.papers import TODAY, grid, pupil, workbook


def read(*rows, known_school=None, **options):
    sheets = open_sheets(workbook({"六年级": list(rows)}, **options))
    return read_roster(sheets, propose(sheets).layouts, today=TODAY, known_school=known_school)


def read_grid(*rows, today=TODAY, **options):
    sheets = open_sheets(grid(rows))
    return read_roster(sheets, propose(sheets).layouts, today=today, **options)


def found(roster):
    """(code, row, column) of every problem."""
    for row in roster.rows:
        assert all(problem.code in CODES for problem in row.problems)
    return [(problem.code, problem.row, problem.column) for row in roster.rows for problem in row.problems]


def one(**changes):
    return read(pupil(1, **changes)).rows[0]


def plain_row(**cells):
    """The row of a plain table with name, birth date and these columns."""
    return read_grid(["姓名", "出生日期", *cells], ["苏㛃", "2014.5.6", *cells.values()]).rows[0]


def test_a_left_behind_child_is_read_whole():
    row = one(left_behind="是", away_party="父母双方", care_arrangement="祖父母（外祖父母）")

    assert (row.sheet, row.row, row.name, row.sex, row.ethnicity) == ("六年级", 5, "李丁", "female", "汉")
    assert (row.born, row.identity_number) == (date(2014, 2, 2), make_identity("439901", date(2014, 2, 2), 1, "female"))
    assert (row.school, row.grade, row.class_name) == ("示范镇中心学校", "6", "2")
    assert (row.township, row.village, row.address) == ("示范镇", "溪山村", "示范镇溪山村3组")
    assert (row.father.name, row.father.phones, row.father.away) == ("李父丁", ("15400000001",), True)
    assert row.mother.name == "阿依古丽·买买提"
    assert (row.guardian.name, row.guardian.age, row.guardian.phones) == ("王小英", 66, ("15400020001",))
    assert (row.care_arrangement, row.left_behind, row.left_behind_basis) == ("grandparents", True, "stated")
    assert row.problems == ()


@pytest.mark.parametrize(
    "form",
    [
        *(datetime.combine(date(2014, 5, 6), time()), 41765, 20140506, "41765", "20140506"),
        *("2014年5月6日", "2014.5.6", "2014/5/6", "2014-05-06", "２０１４.５.６", "14.5.6", "二〇一四年五月六日"),
        *("2014年5月6日生", "2014-05-06 00:00:00"),
    ],
)
def test_every_form_of_a_date_means_the_same_day(form):
    assert one(born=form, identity_number="无").born == date(2014, 5, 6)


@pytest.mark.parametrize(
    ("born", "code"),
    [
        ("2016-02-30", "roster.birth_date_impossible"),
        ("2014.13.1", "roster.birth_date_impossible"),
        ("2030-01-01", "roster.birth_date_impossible"),
        ("2014年5月", "roster.birth_date_incomplete"),
        ("5/6/2014", "roster.birth_date_unreadable"),
        ("去年", "roster.birth_date_unreadable"),
        (time(3, 0), "roster.birth_date_unreadable"),
        ("2014-02-03", "roster.birth_date_disagrees"),
    ],
)
def test_a_wrong_birth_date_is_refused_by_name_with_row_and_column(born, code):
    assert found(read(pupil(1, born=born))) == [(code, 5, "E")]


def test_a_birth_date_that_is_missing_comes_from_the_number():
    assert one(born="").born == date(2014, 2, 2)


def test_without_number_and_birth_date_the_date_is_missing():
    assert found(read(pupil(1, born="", identity_number=""))) == [("roster.birth_date_missing", 5, "E")]


def test_a_wrong_number_and_no_birth_date_are_one_problem():
    assert found(read(pupil(1, born="", identity_number="4399"))) == [("roster.identity_length", 5, "F")]


GOOD = make_identity("439901", date(2014, 2, 2), 1, "female")
WRONG_CHECK = GOOD[:17] + ("0" if GOOD[17] != "0" else "1")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (GOOD[:17], "roster.identity_length"),
        (WRONG_CHECK, "roster.identity_check"),
        ("4.30626E+17", "roster.identity_spreadsheet_number"),
        (430626201402021234, "roster.identity_spreadsheet_number"),
        (4.30626e17, "roster.identity_spreadsheet_number"),
        ("439901201413020013", "roster.identity_date"),
        ("43990120140202001Ａ", "roster.identity_characters"),
    ],
)
def test_a_wrong_identity_number_is_refused_by_name_with_row_and_column(number, code):
    assert found(read(pupil(1, identity_number=number))) == [(code, 5, "F")]


def test_the_length_stands_among_the_facts_and_the_number_does_not():
    problem = read(pupil(1, identity_number=GOOD[:17])).rows[0].problems[0]

    assert problem.facts == {"length": 17}
    assert "20140202" not in problem.value
    assert problem.severity == "error"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("未上户", "no_household_registration"),
        ("无户口", "no_household_registration"),
        ("正在办理中", "applied_for"),
        ("遗失", "lost"),
        ("香港居民", "foreign"),
        ("无", "not_given"),
        ("", "not_given"),
        ("/", "not_given"),
    ],
)
def test_a_child_without_a_number_is_a_case_and_not_an_error(words, reason):
    row = one(identity_number=words)

    assert (row.identity_number, row.identity_missing, row.problems) == (None, reason, ())


def test_a_reason_may_stand_in_a_column_of_its_own():
    row = plain_row(身份证号="", 无身份证原因="未上户口")

    assert row.identity_missing == "no_household_registration"


def test_an_unknown_area_is_only_noticed():
    digits = "00" + GOOD[2:17]
    row = one(identity_number=digits + check_character(digits))

    assert [problem.code for problem in row.problems] == ["roster.identity_area_unknown"]
    assert not row.is_refused


def test_a_sex_that_disagrees_with_the_number_is_noticed():
    row = one(sex="男")

    assert [(problem.code, problem.severity) for problem in row.problems] == [("roster.sex_disagrees", "notice")]


def test_a_row_without_a_name_is_refused():
    assert found(read(pupil(1, name="　"))) == [("roster.name_missing", 5, "B")]


def test_a_name_longer_than_any_is_refused():
    assert found(read(pupil(1, name="长" * 51))) == [("roster.name_too_long", 5, "B")]
    assert found(read(pupil(1, name="长" * 50))) == []


def test_a_formula_is_refused_by_name_with_row_and_column():
    roster = read(pupil(1), formulas={("六年级", 4, 1): ("=A1", "李四")})

    assert found(roster) == [("roster.formula", 5, "B")]


def test_a_formula_in_a_column_that_is_not_read_does_no_harm():
    assert found(read(pupil(1), formulas={("六年级", 4, 0): ("=ROW()-4", 1)})) == []


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "＝1+1", "@SUM(A1)", "+cmd|'x'!A0", "-1+cmd|'x'!A0"])
def test_a_text_that_would_compute_is_refused(text):
    roster = read(pupil(1, address=text))

    assert found(roster) == [("roster.formula_text", 5, "I")]
    assert roster.rows[0].address is None


def test_a_number_wrapped_to_keep_its_digits_is_read():
    sheets = open_sheets(f'姓名,身份证号\n苏㛃,"=""{GOOD}"""\n曾䶮,\'{GOOD[:14]}\n'.encode())
    rows = read_roster(sheets, propose(sheets).layouts, today=TODAY).rows

    assert rows[0].identity_number == GOOD
    assert rows[1].problems[0].code == "roster.identity_length"


def test_a_telephone_with_a_country_code_is_no_formula():
    assert one(**{"father.phone": "+86 154 0000 0001"}).father.phones == ("15400000001",)


def test_a_child_of_nineteen_is_refused_with_the_limits():
    roster = read(pupil(1, year=2007))
    problem = roster.rows[0].problems[0]

    assert (problem.code, problem.column) == ("roster.age_out_of_range", "E")
    assert problem.facts == {"age": 19, "least": 3, "most": 18, "on": "2026-09-10"}


def test_ages_count_on_the_day_that_the_paper_states():
    table = (["填报日期：2026年9月10日"], ["姓名", "出生日期"], ["苏㛃", "2007-09-11"])

    assert found(read_grid(*table, today=date(2026, 9, 12))) == []
    assert found(read_grid(*table[1:], today=date(2026, 9, 12))) == [("roster.age_out_of_range", 2, "B")]


def test_a_stated_day_of_long_ago_is_not_believed():
    table = (["填报日期：2016年9月10日"], ["姓名", "出生日期"], ["苏㛃", "2014-05-06"])

    assert found(read_grid(*table)) == []


def test_ages_are_an_argument():
    table = (["姓名", "出生日期"], ["苏㛃", "2025-05-06"])

    assert found(read_grid(*table)) == [("roster.age_out_of_range", 2, "B")]
    assert found(read_grid(*table, ages=(0, 18))) == []


def test_an_unknown_school_is_refused_and_asked_for_once():
    asked = []

    def known(name):
        asked.append(name)
        return False

    roster = read(pupil(1), pupil(2), known_school=known)

    assert [code for code, _, _ in found(roster)] == ["roster.school_unknown"] * 2
    assert asked == ["示范镇中心学校"]


def test_a_county_file_names_the_school_in_each_row():
    table = (["学校", "姓名", "出生日期"], ["一小", "苏㛃", "2014-05-06"], ["二小", "曾䶮", "2014-05-06"])

    assert found(read_grid(*table, known_school=lambda name: name == "一小")) == [("roster.school_unknown", 3, "A")]


def test_the_same_number_twice_is_a_duplicate_of_the_first():
    roster = read(pupil(1), pupil(2), pupil(1, name="李 丁"))
    problem = roster.rows[2].problems[0]

    assert problem.code == "roster.duplicate_identity"
    assert problem.facts == {"first_sheet": "六年级", "first_row": 5}
    assert (roster.pupils, len(roster.good), len(roster.duplicates)) == (2, 2, 1)


def test_without_a_number_name_birth_date_and_parents_make_a_duplicate():
    roster = read(pupil(1), pupil(1, identity_number="", born="2014.2.2", name="李丁 "))

    assert found(roster) == [("roster.duplicate_person", 6, None)]


def test_namesakes_with_other_parents_are_two_children():
    assert found(read(pupil(1), pupil(1, identity_number="", **{"father.name": "李大"}))) == []


def test_two_numbers_are_two_children_however_alike():
    other = make_identity("439901", date(2014, 2, 2), 77, "female")

    assert found(read(pupil(1), pupil(1, identity_number=other))) == []


def test_a_wrong_row_does_not_make_the_corrected_one_a_duplicate():
    roster = read(pupil(1, grade="六年级", born="2016-02-30"), pupil(1))

    assert found(roster) == [("roster.birth_date_impossible", 5, "E")]


def test_a_duplicate_is_found_across_sheets():
    sheets = open_sheets(workbook({"五年级": [pupil(1)], "六年级": [pupil(1)]}))
    roster = read_roster(sheets, propose(sheets).layouts, today=TODAY)

    assert roster.rows[1].problems[0].facts == {"first_sheet": "五年级", "first_row": 5}


def test_counts_leave_duplicates_out_and_wrong_rows_in():
    roster = read(
        pupil(1, left_behind="是"), pupil(2, left_behind="是", born="2016-02-30"), pupil(3), pupil(1, left_behind="是")
    )

    assert (roster.pupils, roster.left_behind, len(roster.refused), len(roster.good)) == (3, 2, 1, 2)


def test_blank_lines_sums_notes_signatures_and_repeated_headers_are_no_children():
    roster = read_grid(
        ["姓名", "性别", "出生日期", "家庭住址", "父亲姓名"],
        ["示例", "男", "2014-05-06", "某村", "某某"],
        ["苏㛃", "女", "2014-05-06", "溪山村", "苏大"],
        ["", "", "", "", ""],
        ["姓名", "性别", "出生日期", "家庭住址", "父亲姓名"],
        ["曾䶮", "男", "2014-05-07", "溪山村", "曾大"],
        ["合计", "2人", "", "", ""],
        ["", "", "说明：以上属实", "审核人：", "校长签字："],
        ["填表人：王老师", "", "", "", "（盖章）"],
        ["注：一式两份", "", "", "", ""],
    )

    assert [(row.row, row.name, row.problems) for row in roster.rows] == [(3, "苏㛃", ()), (6, "曾䶮", ())]


def test_a_title_between_two_classes_is_no_child():
    rows = [["姓名", "性别", "出生日期"], ["苏㛃", "女", "2014-05-06"], [], ["曾䶮", "男", "2014-05-07"]]
    sheets = open_sheets(grid(rows, titles={2: "六年级2班"}))

    found_rows = read_roster(sheets, propose(sheets).layouts, today=TODAY).rows

    assert [(row.row, row.name) for row in found_rows] == [(2, "苏㛃"), (4, "曾䶮")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"是否留守": "是"}, (True, "stated")),
        ({"是否留守": "√"}, (True, "stated")),
        ({"是否留守": "否"}, (False, "stated")),
        ({"外出方": "父母双方"}, (True, "both_away")),
        ({"外出方": "父亲"}, (False, "at_home")),
        ({"外出方": "父亲", "母亲情况": "去世"}, (True, "one_away_other_unable")),
        ({"外出方": "母亲", "父亲情况": "重病"}, (True, "one_away_other_unable")),
        ({"父亲是否外出": "是", "母亲姓名": "李四（服刑）"}, (True, "one_away_other_unable")),
        ({"父亲是否外出": "是", "母亲是否外出": "是"}, (True, "both_away")),
        ({"父亲务工地": "演示市", "母亲务工地": "演示市"}, (True, "both_away")),
        ({"父亲务工地": "在家务农", "母亲务工地": "演示市"}, (False, "at_home")),
        ({"外出方": "均在家"}, (False, "at_home")),
        ({"备注": "转入"}, (None, "unsaid")),
    ],
)
def test_left_behind_is_stated_or_follows_from_who_is_away(cells, expected):
    row = plain_row(**cells)

    assert (row.left_behind, row.left_behind_basis) == expected


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("祖父母（外祖父母）", "grandparents"),
        ("隔代监护", "grandparents"),
        ("寄宿在校", "boarding"),
        ("校外寄宿", "lodging"),
        ("其他亲戚", "relatives"),
        ("代管家长", "carer"),
        ("独自生活", "alone"),
        ("父母", "parents"),
        ("母亲", "one_parent"),
    ],
)
def test_care_arrangements_are_read_from_many_words(words, code):
    assert plain_row(监护类型=words).care_arrangement == code


def test_an_arrangement_that_nobody_knows_is_noticed():
    row = plain_row(监护类型="随缘")

    assert [(problem.code, problem.value) for problem in row.problems] == [
        ("roster.care_arrangement_unreadable", "随缘")
    ]


def test_boarding_and_the_guardians_relation_stand_in_for_the_arrangement():
    assert plain_row(是否住校="是").care_arrangement == "boarding"
    assert plain_row(是否留守="是", 监护人="王小英", 与儿童关系="外婆").care_arrangement == "grandparents"
    assert plain_row(是否留守="否", 监护人="王小英", 与儿童关系="父亲").care_arrangement is None


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"年级": "六年级", "班级": "（4）班"}, ("6", "4")),
        ({"年级": "初一", "班级": "四班"}, ("7", "4")),
        ({"年级": "七", "班级": "4"}, ("7", "4")),
        ({"班级": "三（2）班"}, ("3", "2")),
        ({"年级": "三年级", "班级": "302"}, ("3", "2")),
        ({"年级班级": "三年级2班"}, ("3", "2")),
        ({"年级": "大班", "班级": "太阳班"}, ("k3", "太阳班")),
        ({"班级": "四班"}, (None, "4")),
        ({"班级": "102班"}, ("1", "2")),
    ],
)
def test_grade_and_class_are_told_apart(cells, expected):
    row = plain_row(**cells)

    assert (row.grade, row.class_name, row.problems) == (*expected, ())


def test_the_sheet_names_the_grade_where_no_column_does():
    sheets = open_sheets(workbook({"六年级": [pupil(1, grade="")]}))

    assert read_roster(sheets, propose(sheets).layouts, today=TODAY).rows[0].grade == "6"


def test_a_parent_may_be_dead_or_unknown():
    row = plain_row(父亲姓名="张大（已故）", 母亲姓名="不详")

    assert (row.father.name, row.father.status) == ("张大", "dead")
    assert (row.mother.name, row.mother.status) == (None, "unknown")


def test_a_telephone_that_cannot_be_read_is_noticed_and_masked():
    row = one(**{"guardian.phone": "1540002000"})

    assert [(problem.code, problem.column, problem.value) for problem in row.problems] == [
        ("roster.phone_unreadable", "R", "154***2000")
    ]
    assert not row.is_refused


def test_several_telephones_in_one_cell_are_kept_in_order():
    assert one(**{"father.phone": "15400000001/0730-2123456"}).father.phones == ("15400000001", "0730-2123456")


@pytest.mark.parametrize("address", ["示范镇溪山村10组", "某省某市某县示范镇溪山村10组"])
def test_township_and_village_come_out_of_the_address(address):
    row = plain_row(家庭住址=address)

    assert (row.township, row.village) == ("示范镇", "溪山村")


def test_columns_of_their_own_win_over_the_address():
    row = plain_row(乡镇="桥口镇", 村="东湾村", 家庭住址="示范镇溪山村10组")

    assert (row.township, row.village) == ("桥口镇", "东湾村")


def test_rare_characters_and_dots_stand_as_on_the_document():
    roster = read_grid(["姓名", "出生日期"], ["𬀩䶮", "2014.5.6"], ["阿依古丽•买买提", "2014.5.6"])

    assert [row.name for row in roster.rows] == ["𬀩䶮", "阿依古丽•买买提"]


def test_an_empty_column_of_yes_or_no_means_no():
    assert plain_row(是否留守="/").left_behind is False


def test_the_office_that_sends_a_countys_file_is_no_school():
    row = read_grid(["填报单位：示范县教育局"], ["姓名", "出生日期"], ["苏㛃", "2014-05-06"]).rows[0]

    assert row.school is None


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("born", "2016-02-30", "2016-**-**"),
        ("born", datetime.combine(date(2014, 5, 6), time()), "2014-**-**"),
        ("identity_number", "439901201402020013", "4399************13"),
        ("guardian.identity_number", "439901201402020013", "4399************13"),
        ("father.phone", "15400000001", "154****0001"),
        ("name", "阿依古丽·买买提", "阿******"),
        ("name", "", ""),
        ("address", "=cmd|'x'!A0", "=…"),
        ("school", "示范小学", "示范小学"),
    ],
)
def test_an_offending_value_is_shown_masked(field, value, shown):
    assert masked_value(field, value) == shown
