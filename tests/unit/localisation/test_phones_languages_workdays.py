"""Telephone numbers, languages, workdays."""

from datetime import date

import pytest

from shared.localisation.languages import negotiate, to_traditional
from shared.localisation.phones import PhoneProblem, masked, normal_phone, phones_in
from shared.localisation.workdays import is_workday, kind_of, workday_after


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("154 0000 1234", "15400001234"),
        ("154-0000-1234", "15400001234"),
        ("+86 15400001234", "15400001234"),
        ("008615400001234", "15400001234"),
        ("１５４００００１２３４", "15400001234"),
        ("15400001234.0", "15400001234"),
        ("0730-2123456", "0730-2123456"),
        ("(010)61234567", "010-61234567"),
        ("+86 730 2123456", "0730-2123456"),
        ("0730-2123456转12", "0730-2123456-12"),
        ("+852 5123 4567", "+85251234567"),
    ],
)
def test_a_number_has_one_form(typed, normal):
    assert normal_phone(typed) == normal


def test_a_local_number_needs_its_area():
    assert normal_phone("2123456", area="0730") == "0730-2123456"
    with pytest.raises(PhoneProblem, match="phone_area_missing"):
        normal_phone("2123456")


@pytest.mark.parametrize("typed", ["1540000123", "154000012345", "无", "12345678901", "同上"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(PhoneProblem, match="phone_unreadable"):
        normal_phone(typed)


def test_a_number_that_a_spreadsheet_rounded_is_named():
    with pytest.raises(PhoneProblem, match="phone_spreadsheet_number"):
        normal_phone("1.54E+10")


def test_a_cell_may_hold_several_numbers():
    assert phones_in("15400001234/0730-2123456、15400001234") == ("15400001234", "0730-2123456")


@pytest.mark.parametrize(
    ("phone", "shown"), [("15400001234", "154****1234"), ("0730-2123456", "0730-****456"), ("110", "***")]
)
def test_a_masked_number_hides_its_middle(phone, shown):
    assert masked(phone) == shown


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hans-HK", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("en-GB,en;q=0.9,zh-CN;q=0.1", "en"),
        ("fr-FR, de;q=0.9", "zh-Hans"),
        ("fr, en;q=0.5, zh;q=0.7", "zh-Hans"),
        ("en;q=0, zh-TW;q=0.1", "zh-Hant"),
        ("en;q=0", "zh-Hans"),
        ("*", "zh-Hans"),
        ("", "zh-Hans"),
        (None, "zh-Hans"),
        (";;;q=x,,", "zh-Hans"),
    ],
)
def test_the_browser_gets_the_language_it_asks_for(header, language):
    assert negotiate(header) == language


def test_traditional_text_changes_characters_and_never_words():
    assert to_traditional("网络、软件、信息、社区、联系卡") == "網絡、軟件、信息、社區、聯繫卡"
    assert to_traditional("头发和发展") == "頭髮和發展"


def test_placeholders_come_through_conversion():
    assert to_traditional("还有 %(count)s 个 {name}") == "還有 %(count)s 個 {name}"


def test_a_swapped_weekend_is_worked_and_a_festival_is_free():
    assert is_workday(date(2026, 2, 14))
    assert not is_workday(date(2026, 2, 17))
    assert kind_of(date(2026, 2, 17)).basis == "calendar"


def test_the_county_says_otherwise():
    day = kind_of(date(2026, 2, 17), {date(2026, 2, 17): True})

    assert (day.worked, day.basis) == (True, "override")


@pytest.mark.parametrize(
    ("day", "worked"),
    [(date(2040, 3, 7), True), (date(2040, 3, 10), False), (date(2040, 10, 1), False), (date(1990, 3, 7), True)],
)
def test_a_year_without_a_calendar_is_estimated_and_says_so(day, worked):
    kind = kind_of(day)

    assert (kind.worked, kind.basis) == (worked, "estimate")


def test_no_year_is_too_far_for_an_answer():
    assert kind_of(date(1900, 1, 2)).basis == "estimate"
    assert kind_of(date(9999, 12, 31)).basis == "estimate"


def test_workdays_are_counted_over_weekends_and_festivals():
    assert workday_after(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert workday_after(date(2026, 3, 6), 1, {date(2026, 3, 7): True}) == date(2026, 3, 7)
