"""Names: stored, compared, found by sound."""

import pytest

from shared.localisation.names import (
    comparison_key,
    pinyin_keys,
    search_terms,
    sounds_alike_key,
    stored_name,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 程涛曦 ", "程涛曦"),
        ("张　三", "张三"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("阿依古丽•买买提", "阿依古丽•买买提"),
        ("\u200b李\ufeff四", "李四"),
        ("Anna  Maria", "Anna Maria"),
        ("苏㛃", "苏㛃"),
        ("e\u0301", "é"),
    ],
)
def test_a_name_is_stored_as_on_the_document(typed, stored):
    assert stored_name(typed) == stored


@pytest.mark.parametrize(
    "written",
    [
        "阿依古丽•买买提",
        "阿依古丽・买买提",
        "阿依古丽‧买买提",
        "阿依古丽 买买提",
        "阿依古丽．买买提",
        "阿依古麗·買買提",
    ],
)
def test_dots_blanks_and_traditional_characters_do_not_tell_names_apart(written):
    assert comparison_key(written) == comparison_key("阿依古丽·买买提")


def test_different_names_stay_different():
    assert comparison_key("苏㛃") != comparison_key("苏洁")


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("单雄", "shanxiong", "sx"),
        ("仇小英", "qiuxiaoying", "qxy"),
        ("曾敏", "zengmin", "zm"),
        ("尉迟明", "yuchiming", "ycm"),
        ("单于明", "chanyuming", "cym"),
        ("解放", "xiefang", "xf"),
        ("区小梅", "ouxiaomei", "oxm"),
        ("苏㛃", "sujie", "sj"),
        ("孟𬀩", "mengwei", "mw"),
        ("曾䶮", "zengyan", "zy"),
        ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
        ("單雄", "shanxiong", "sx"),
    ],
)
def test_surnames_are_read_as_surnames(name, full, initials):
    keys = pinyin_keys(name)

    assert keys.full[0] == full
    assert keys.initials[0] == initials


def test_a_surname_that_families_read_differently_is_found_by_either():
    assert {"qinmei", "tanmei"} <= set(pinyin_keys("覃梅").full)


def test_readings_stay_few_however_long_the_name():
    assert len(pinyin_keys("乐" * 50).full) <= 8


def test_a_name_without_any_sound_has_no_keys():
    assert pinyin_keys("·").full == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [("ning", "lin"), ("zhang", "zan"), ("chen", "ceng"), ("sheng", "sen"), ("nv", "lu"), ("张三", "zangshang")],
)
def test_what_southern_ears_confuse_sounds_alike(one, other):
    assert sounds_alike_key(one) == sounds_alike_key(other)


def test_other_sounds_stay_apart():
    assert sounds_alike_key("wang") != sounds_alike_key("huang")


def test_letters_search_full_pinyin_initials_and_sound():
    terms = search_terms("Zhang San")

    assert (terms.letters, terms.sounds, terms.digits) == ("zhangsan", sounds_alike_key("张三"), None)


def test_characters_search_by_themselves_and_by_sound():
    terms = search_terms("寧 静")

    assert terms.characters == comparison_key("宁静")
    assert terms.sounds == sounds_alike_key("林静")


def test_digits_search_numbers():
    assert search_terms(" 1990 0003 ").digits == "19900003"


def test_an_empty_query_looks_for_nothing():
    assert search_terms(" · ") == search_terms("")
    assert search_terms("").characters is None
