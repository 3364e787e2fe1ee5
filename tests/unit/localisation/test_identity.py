"""Identity numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.localisation.identity import (
    IdentityProblem,
    check_character,
    check_identity,
    is_reserved_area,
    make_identity,
    masked_identity,
)

GOOD = make_identity("439901", date(2014, 5, 6), 12, "female")


def problem(text, **given_facts):
    with pytest.raises(IdentityProblem) as refused:
        check_identity(text, **given_facts)
    assert refused.value.code in IdentityProblem.CODES
    return refused.value


def test_the_standards_own_example_checks():
    assert check_character("11010519491231002") == "X"
    assert check_character("44052418800101001") == "4"


def test_a_good_number_tells_birth_date_and_sex():
    found = check_identity(GOOD)

    assert (found.number, found.born, found.sex, found.warnings) == (GOOD, date(2014, 5, 6), "female", ())


def test_full_width_digits_blanks_and_a_small_x_are_put_right():
    number = next(
        made for serial in range(99) if (made := make_identity("439901", date(2014, 5, 6), serial, "male"))[-1] == "X"
    )
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in number[:6])

    assert check_identity(f" {wide} {number[6:14]}-{number[14:].lower()}\u200b").number == number


@pytest.mark.parametrize("length", [15, 17, 19])
def test_a_wrong_length_is_named_with_the_length(length):
    found = problem((GOOD + "1")[:length])

    assert (found.code, found.facts) == ("identity_length", {"length": length})


@pytest.mark.parametrize("text", ["4.30626E+17", "4.30626201405061E+17", "4.3e17", "430626201405061234.0"])
def test_what_a_spreadsheet_made_of_a_number_is_named(text):
    assert problem(text).code == "identity_spreadsheet_number"


def test_a_letter_inside_is_named():
    assert problem("43990X" + GOOD[6:]).code == "identity_characters"


@pytest.mark.parametrize("born", ["20140230", "20141301", "00000101", "20140500"])
def test_an_impossible_birth_date_is_named_before_the_check_character(born):
    assert problem("439901" + born + GOOD[14:]).code == "identity_date"


def test_a_birth_date_to_come_is_impossible():
    assert problem(GOOD, today=date(2014, 5, 5)).code == "identity_date"
    assert check_identity(GOOD, today=date(2014, 5, 6)).born == date(2014, 5, 6)


def test_an_unknown_area_is_only_a_warning():
    digits = "00" + GOOD[2:17]

    assert check_identity(digits + check_character(digits)).warnings == ("area_unknown",)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 499), st.sampled_from(["male", "female"]))
def test_every_number_that_we_make_checks(born, serial, sex):
    found = check_identity(make_identity("439987", born, serial, sex))

    assert (found.born, found.sex) == (born, sex)


@given(st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes(place, step):
    digits = list(make_identity("439901", date(2014, 5, 6), 12, "female"))
    if digits[place] == "X":
        digits[place] = "0"
    else:
        digits[place] = str((int(digits[place]) + step) % 10)

    problem("".join(digits))


def test_two_digits_changed_for_each_other_never_pass():
    number = make_identity("439901", date(2014, 5, 16), 12, "female")
    for place in range(16):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        if swapped != number:
            problem(swapped)


@pytest.mark.parametrize("area", ["430626", "009901", "43990", "43990１"])
def test_numbers_are_made_for_places_that_cannot_exist_only(area):
    assert not is_reserved_area(area)
    with pytest.raises(ValueError, match="reserved"):
        make_identity(area, date(2014, 5, 6), 1, "male")


def test_a_masked_number_hides_birth_date_and_serial():
    assert masked_identity(GOOD) == "4399" + "*" * 12 + GOOD[-2:]
    assert masked_identity("123456") == "******"
