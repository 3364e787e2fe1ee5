"""The county that does not exist: its proportions, its people, its papers."""

import hashlib
import re
from collections import Counter
from datetime import date

import pytest

from services.registry.rosters.files import open_sheets
from services.registry.rosters.headers import propose
from services.registry.rosters.judging import read_roster
from shared.demo.county import divisions_csv, make_county, shares, write_roster
from shared.demo.county.figures import largest_remainder
from shared.kernel.clock import whole_years
from shared.localisation.divisions import read_divisions
from shared.localisation.identity import check_identity, is_reserved_area
from shared.localisation.phones import normal_phone

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def county():
    return make_county(1200, seed=3)


@pytest.fixture(scope="module")
def large():
    return make_county(4014, seed=1)


def people(county):
    return [one for child in county.children for one in (child.father, child.mother, child.guardian) if one]


def test_the_stated_totals_come_out_exactly_at_the_countys_own_size():
    found = shares(28_342 + 11_796)

    assert sum(count for (stage, _), count in found.items() if stage == "primary") == 28_342
    assert {arrangement: count for (stage, arrangement), count in found.items() if stage == "secondary"} == {
        "boarding": 9_432,
        "grandparents": 1_364,
        "relatives": 378,
        "carer": 0,
        "alone": 622,
    }


def test_parts_that_add_up_to_more_than_the_stated_total_are_scaled_to_it():
    primary = {arrangement: count for (stage, arrangement), count in shares(40_138).items() if stage == "primary"}

    # 7,920 of 32,842 of 28,342 and so on, by largest remainder.
    assert primary == {"boarding": 6_835, "grandparents": 15_776, "relatives": 2_696, "carer": 2_535, "alone": 500}


@pytest.mark.parametrize("children", [1, 2, 7, 100, 1349])
def test_shares_add_up_whatever_the_number(children):
    assert sum(shares(children).values()) == children


def test_the_largest_remainders_get_what_is_left():
    assert largest_remainder({"a": 5, "b": 3, "c": 2}, 7) == {"a": 4, "b": 2, "c": 1}


def test_a_county_without_children_is_refused():
    with pytest.raises(ValueError, match="0"):
        make_county(0, seed=1)


def test_children_stand_in_the_wanted_proportions(county):
    made = Counter((child.school.stage, child.arrangement) for child in county.children)

    assert made == Counter(shares(1200))


def test_the_same_seed_makes_the_same_county_and_another_seed_another(county):
    assert make_county(1200, seed=3) == county
    assert make_county(1200, seed=4) != county


def test_the_county_is_the_same_on_every_machine(county):
    # Changes only when somebody means to change the county: the demonstration and its screenshots rest on it.
    names = hashlib.sha256("".join(child.name for child in county.children).encode()).hexdigest()

    assert names[:16] == NAMES_OF_SEED_THREE


NAMES_OF_SEED_THREE = "507306eaf1e6c1c2"


def test_every_identity_number_is_valid_unique_and_of_no_place(large):
    numbers = [child.identity_number for child in large.children if child.identity_number]

    assert len(set(numbers)) == len(numbers)
    assert all(is_reserved_area(number[:6]) for number in numbers)
    for child in large.children:
        if child.identity_number:
            found = check_identity(child.identity_number)
            assert (found.born, found.sex) == (child.born, child.sex)


def test_some_children_have_no_number(large):
    assert 0 < sum(child.identity_number is None for child in large.children) < 100


def test_telephones_are_well_formed_and_under_a_prefix_that_no_network_has(county):
    phones = [one.phone for one in people(county)]

    assert len(set(phones)) == len(phones)
    assert all(normal_phone(phone) == phone and phone.startswith("154") for phone in phones)


def test_names_have_rare_characters_and_parts(large):
    names = [child.name for child in large.children] + [one.name for one in people(large)]

    for rare in ("㛃", "𬀩", "䶮", "·", "欧阳", "覃"):
        assert any(rare in name for name in names), rare
    assert all(re.fullmatch(r"[㐀-鿿\U00020000-\U0003ffff·]{2,12}", name) for name in names)


def test_children_are_of_school_age_and_under_sixteen(large):
    for child in large.children:
        age = whole_years(child.born, large.day)
        assert child.grade + 5 <= age <= child.grade + 6
        assert age < 16


def test_a_parent_is_away_and_one_at_home_does_not_look_after_the_child(county):
    for child in county.children:
        assert child.father.away or child.mother.away
        for parent in (child.father, child.mother):
            assert bool(parent.work) == parent.away
            assert bool(parent.status) != parent.away


def test_a_child_alone_has_no_guardian_and_every_other_has_one(county):
    for child in county.children:
        assert (child.guardian is None) == (child.arrangement == "alone")


def test_a_village_lies_in_the_township_of_the_childs_school(county):
    for child in county.children:
        assert child.village.township == child.township.code == child.school.township
        assert child.address.startswith(child.township.name + child.village.name)


def test_names_of_townships_schools_and_villages_do_not_repeat(large):
    assert len({township.name for township in large.townships}) == len(large.townships)
    assert len({school.name for school in large.schools}) == len(large.schools)
    assert len({(village.township, village.name) for village in large.villages}) == len(large.villages)


def test_its_divisions_are_read_without_problems(county):
    read = read_divisions(divisions_csv(county).encode())

    assert read.problems == ()
    assert [row.code for row in read.rows[1:]] == [one.code for one in (*county.townships, *county.villages)]


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_our_own_reader_reads_its_roster_without_problems(county, tmp_path, suffix):
    path = tmp_path / f"county.{suffix}"
    write_roster(county, path)

    sheets = open_sheets(path.read_bytes())
    proposal = propose(sheets)
    schools = {school.name for school in county.schools}
    roster = read_roster(sheets, proposal.layouts, today=TODAY, known_school=schools.__contains__)

    assert proposal.layouts[0].is_sure
    assert [row.problems for row in roster.rows if row.problems] == []
    assert roster.left_behind == roster.pupils == 1200
    for row, child in zip(roster.rows, county.children, strict=True):
        assert (row.name, row.sex, row.born, row.identity_number) == (
            child.name,
            child.sex,
            child.born,
            child.identity_number,
        )
        assert (row.school, row.grade, row.class_name) == (child.school.name, str(child.grade), str(child.class_number))
        assert (row.township, row.village) == (child.township.name, child.village.name)
        assert (row.father.name, row.father.away) == (child.father.name, child.father.away)
        assert row.father.phones == (child.father.phone,)
        assert bool(row.mother.status) == bool(child.mother.status)
        assert row.care_arrangement == child.arrangement
        assert row.guardian.name == (child.guardian and child.guardian.name)


def test_a_child_without_a_number_keeps_the_reason(county, tmp_path):
    path = tmp_path / "county.csv"
    write_roster(county, path)
    sheets = open_sheets(path.read_bytes())
    rows = read_roster(sheets, propose(sheets).layouts, today=TODAY).rows

    assert {row.identity_missing for row in rows if not row.identity_number} == {"no_household_registration"}


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_the_same_county_gives_the_same_bytes(county, tmp_path, suffix):
    one, other = tmp_path / f"one.{suffix}", tmp_path / f"other.{suffix}"
    write_roster(county, one)
    write_roster(county, other)

    assert one.read_bytes() == other.read_bytes()


def test_another_kind_of_file_is_refused(county, tmp_path):
    with pytest.raises(ValueError, match="pdf"):
        write_roster(county, tmp_path / "county.pdf")
