"""Who may give roles and manage accounts, and that somebody always can, through registry's doors."""

from __future__ import annotations

import contextlib
import threading

import pytest

from services.registry.domain.places import division_id
from services.registry.handlers import staff as handlers
from tests.integration.registry.house import COUNTY, OTHER_TOWNSHIP, TOWNSHIP, House, Refused

ACTS = ("made", "password_reset", "locked", "unlocked", "sessions_ended")


def refused(house: House, door: str, data: dict[str, object], by: str = "admin") -> str:
    with pytest.raises(Refused) as found:
        house.ask(door, data, by=by)
    return str(found.value.code)


def grant_of(house: House, staff: str) -> str:
    return str(house.ask("grants", {"staff": staff})["items"][0]["id"])


def test_what_is_done_with_an_account_stands_in_the_persons_history_with_who_did_it(house: House):
    person = house.hire("teacher", "teacher", place=house.klass)
    for act in ACTS:
        house.ask("manage_account", {"staff": person, "act": act})
    told = house.ask("staff_member", {"staff": person})["history"]
    assert [one["act"] for one in told[: len(ACTS)]] == [*ACTS[::-1]]
    assert {one["actor"]["name"] for one in told[: len(ACTS)]} == {"职工admin"}
    granted = told[len(ACTS)]
    assert (granted["type"], granted["role"], granted["where"]) == (
        "registry.role_granted",
        "teacher",
        "示范镇中心学校 （1）班",
    )


def test_an_administrator_of_one_township_cannot_touch_the_account_of_another(house: House):
    house.hire("here", "county_admin", division=division_id(TOWNSHIP))
    there = house.hire("there", "supervisor", division=division_id(OTHER_TOWNSHIP))
    both = house.hire("both", "teacher", place=house.klass)
    house.ask("manage_account", {"staff": both, "act": "locked"}, by="here")
    grant = {"staff": both, "role": "supervisor", "scope": "division", "division": division_id(OTHER_TOWNSHIP)}
    house.ask("grant_role", grant)
    for staff in (there, both, house.staff["admin"][0]):
        assert refused(house, "manage_account", {"staff": staff, "act": "password_reset"}, by="here") == "denied"


def test_nobody_manages_their_own_account_or_gives_themselves_a_role(house: House):
    admin = house.staff["admin"][0]
    assert refused(house, "manage_account", {"staff": admin, "act": "locked"}) == "registry.not_for_oneself"
    grant = {"staff": admin, "role": "auditor", "scope": "division", "division": division_id(COUNTY)}
    assert refused(house, "grant_role", grant) == "registry.not_for_oneself"


def test_a_role_that_reads_everywhere_is_given_by_who_answers_for_the_county(house: House):
    house.hire("here", "county_admin", division=division_id(TOWNSHIP))
    person = house.hire("teacher", "teacher", place=house.klass)
    grant = {"staff": person, "role": "auditor", "scope": "division", "division": division_id(TOWNSHIP)}
    assert refused(house, "grant_role", grant, by="here") == "registry.role_needs_county"
    house.ask("grant_role", grant)
    assert refused(house, "manage_account", {"staff": person, "act": "locked"}, by="here") == (
        "registry.role_needs_county"
    )


def test_the_last_administrator_stays_and_another_can_end_the_role(house: House):
    admin = house.staff["admin"][0]
    own = {"staff": admin, "grant": grant_of(house, admin)}
    assert refused(house, "end_grant", own) == "registry.not_for_oneself"
    assert refused(house, "end_grant", own, by="bootstrap") == "registry.last_administrator"
    house.hire("second", "county_admin", division=division_id(COUNTY))
    house.ask("end_grant", own, by="second")
    assert refused(house, "children", {}) == "denied"


def test_two_administrators_who_end_each_others_role_at_once_leave_one(house: House, monkeypatch: pytest.MonkeyPatch):
    both_have_looked = threading.Barrier(2)

    def slowly(*_: object) -> int:
        with contextlib.suppress(threading.BrokenBarrierError):
            both_have_looked.wait(0.4)  # the second cannot come while the first holds the rows
        return 0

    monkeypatch.setattr(handlers, "_answers_for", slowly)
    second = house.hire("second", "county_admin", division=division_id(COUNTY))
    admin = house.staff["admin"][0]
    orders = [
        ("admin", {"staff": second, "grant": grant_of(house, second)}),
        ("second", {"staff": admin, "grant": grant_of(house, admin)}),
    ]
    met, said = threading.Barrier(2), []

    def end(by: str, order: dict[str, str]) -> None:
        met.wait(10)
        try:
            house.ask("end_grant", order, by=by)
            said.append("ended")
        except Refused as no:
            said.append(no.code)

    both = [threading.Thread(target=end, args=one) for one in orders]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert said.count("ended") == 1
    assert set(said) <= {"ended", "registry.last_administrator", "denied"}
    left = house.ask("staff", {"role": "county_admin"}, by="admin" if _still(house, "admin") else "second")["items"]
    assert len(left) == 1


def test_staff_are_found_by_name_role_and_place(house: House):
    house.hire("teacher", "teacher", place=house.klass)
    house.hire("there", "supervisor", division=division_id(OTHER_TOWNSHIP))

    def names(**asked: str) -> list[str]:
        return [one["name"] for one in house.ask("staff", dict(asked))["items"]]

    assert names(query="there") == ["职工there"]
    assert names(division=division_id(TOWNSHIP)) == ["职工teacher"]
    assert names(division=division_id(COUNTY), role="supervisor") == ["职工there"]
    assert names(query="%") == []
    (found,) = house.ask("staff", {"query": "teacher"})["items"]
    assert [(one["role"], one["where"]) for one in found["grants"]] == [("teacher", "示范镇中心学校 （1）班")]


def _still(house: House, by: str) -> bool:
    try:
        house.ask("staff", {}, by=by)
    except Refused:
        return False
    return True
