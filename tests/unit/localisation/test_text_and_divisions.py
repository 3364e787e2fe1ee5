"""Decoding, folding, and reading a county's divisions."""

import codecs

import pytest

from shared.kernel.refusals import Refusal
from shared.localisation.divisions import read_divisions
from shared.localisation.text import folded, text_of

COUNTY = """代码,名称,级别,上级代码
439901100000,桥口镇,乡镇,439901000000
439901100201,溪山村,村,439901100000
439901100001,桥口社区,社区,439901100000
"""


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("姓名".encode(), "utf-8"),
        (codecs.BOM_UTF8 + "姓名".encode(), "utf-8"),
        ("姓名".encode("gb18030"), "gb18030"),
        (codecs.BOM_UTF16_LE + "姓名".encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + "姓名".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_text_is_decoded_by_its_mark_then_as_utf8_then_as_gb18030(data, encoding):
    decoded = text_of(data)

    assert (decoded.text, decoded.encoding) == ("姓名", encoding)


def test_rare_characters_survive_gb18030():
    assert text_of("孟𬀩、苏㛃、䶮".encode("gb18030")).text == "孟𬀩、苏㛃、䶮"


@pytest.mark.parametrize("data", [b"\xff\xff\xff", codecs.BOM_UTF8 + b"\xd0\xd5\xc3\xfb", b"\x81"])
def test_bytes_that_are_no_text_are_refused_by_name(data):
    with pytest.raises(Refusal) as refused:
        text_of(data)

    assert refused.value.code == "localisation.text_unreadable"


@pytest.mark.parametrize(
    ("one", "other"), [("黃", "黄"), ("呂", "吕"), ("峯", "峰"), ("龑", "䶮"), ("Ａｂ１", "ab1"), ("肖", "萧")]
)
def test_variants_of_a_character_fold_into_one(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_county_is_read_with_townships_before_villages(encoding):
    read = read_divisions(COUNTY.encode(encoding))

    assert read.problems == ()
    assert [(row.code, row.name, row.level, row.parent) for row in read.rows] == [
        ("439901100000", "桥口镇", "township", "439901000000"),
        ("439901100201", "溪山村", "village", "439901100000"),
        ("439901100001", "桥口社区", "village", "439901100000"),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("43990110030,短村,村,439901100000", "division_code"),
        ("439901100201,重村,村,439901100000", "division_duplicate"),
        ("439901100301,,村,439901100000", "division_name"),
        ("439901100301,某村,小区,439901100000", "division_level"),
        ("439901100301,某村,村,", "division_parent_missing"),
        ("439901100301,某村,村,439901999000", "division_parent_unknown"),
        ("439901100301,某村,村,439901100201", "division_parent_level"),
        ("439902100000,别镇,乡镇,439902000000", "division_second_county"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_stand(line, code):
    read = read_divisions((COUNTY + line + "\n").encode())

    assert [(problem.code, problem.line) for problem in read.problems] == [(code, 5)]
    assert len(read.rows) == 3


def test_a_village_falls_with_its_township():
    read = read_divisions(
        (COUNTY + "439902100000,别镇,乡镇,439902000000\n439902100201,别村,村,439902100000\n").encode()
    )

    assert [problem.code for problem in read.problems] == ["division_second_county", "division_parent_unknown"]


def test_a_file_without_the_four_columns_is_refused_with_what_is_missing():
    with pytest.raises(Refusal) as refused:
        read_divisions(b"code,name\n1,2\n")

    assert refused.value.facts == {"missing": ["level", "parent"]}


def test_an_empty_file_is_refused():
    with pytest.raises(Refusal) as refused:
        read_divisions(b"")

    assert refused.value.code == "localisation.divisions_header_missing"
