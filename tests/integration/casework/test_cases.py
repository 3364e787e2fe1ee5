"""Cases are opened, attached to, closed, opened again; a child has one open case at a time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from shared.contracts import alerts as a
from shared.contracts import registry as r
from tests.integration.casework.house import CHILD, FAR_CHILD, House, Refused, named


def test_a_case_is_opened_by_hand_and_listed_with_the_childs_name(house: House):
    case = house.open(why="祖母生病")
    (item,) = house.ask("cases", {"state": "open"})["items"]
    assert (item["case"], item["child_name"], item["origin"], item["version"]) == (case, "唐曦", "by_hand", 1)
    assert house.case(case)["why"] == "祖母生病"


def test_a_second_open_case_for_a_child_is_refused_by_the_name_of_the_first(house: House):
    case = house.open()
    with pytest.raises(Refused) as refused:
        house.open(by="supervisor")
    assert (refused.value.code, refused.value.facts) == ("casework.case_already_open", {"case": case})


def test_of_many_who_open_a_case_at_the_same_moment_one_succeeds(house: House):
    together = Barrier(6)

    def attempt(number: int) -> str:
        together.wait()
        try:
            return house.open(by=("director", "supervisor", "counsellor")[number % 3])
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(6) as pool:
        came = list(pool.map(attempt, range(6)))
    assert sorted(came)[1:] == ["casework.case_already_open"] * 5
    assert house.types() == ["casework.case_opened"]


def test_the_same_command_twice_opens_one_case(house: House):
    sent = {"command_id": named("command")}
    first = house.ask("open_case", {"child": CHILD}, **sent)
    again = house.ask("open_case", {"child": CHILD}, **sent)
    assert (again["id"], again["repeated"]) == (first["id"], True)


def test_nobody_opens_a_case_beyond_their_reach(house: House):
    with pytest.raises(Refused) as refused:
        house.open(child=FAR_CHILD)
    assert refused.value.code == "denied"


def test_lists_and_timelines_show_only_children_within_reach(house: House):
    far = house.open(by="supervisor", child=FAR_CHILD)
    assert house.ask("cases")["items"] == []
    for door, data in (("case", {"case": far}), ("timeline", {"child": FAR_CHILD})):
        with pytest.raises(Refused) as refused:
            house.ask(door, data)
        assert refused.value.code == "denied"


def test_a_version_that_has_passed_is_refused(house: House):
    case = house.open()
    house.ask("add_note", {"case": case, "note_class": "ordinary", "text": "家访"})
    with pytest.raises(Refused) as refused:
        house.ask("close_case", {"case": case, "reason": "goals_met"}, by="supervisor", expected_version=1)
    assert refused.value.code == "changed"


def test_a_closed_case_shows_its_reason_and_makes_room_for_another(house: House):
    case = house.open()
    house.ask("close_case", {"case": case, "reason": "other", "text": "父母返乡"}, by="supervisor")
    shown = house.case(case)
    assert (shown["state"], shown["close_reason"], shown["closing_text"]) == ("closed", "other", "父母返乡")
    second = house.open()
    with pytest.raises(Refused) as refused:
        house.ask("reopen_case", {"case": case})
    assert (refused.value.code, refused.value.facts) == ("casework.case_already_open", {"case": second})


def test_a_case_is_opened_again(house: House):
    case = house.open()
    house.ask("close_case", {"case": case, "reason": "goals_met"}, by="supervisor")
    house.ask("reopen_case", {"case": case, "text": "情况反复"})
    shown = house.case(case)
    assert (shown["state"], shown["close_reason"], shown["reopening_text"]) == ("open", None, "情况反复")


def test_an_alert_opens_a_case_once_however_often_it_is_heard(house: House):
    alert = house.alert(times=2)
    (item,) = house.ask("cases")["items"]
    assert (item["origin"], item["alert"], item["alert_kind"]) == ("alert", alert, "absence")
    assert house.types() == ["casework.case_opened"]


def test_an_alert_joins_the_open_case_once_however_often_it_is_heard(house: House):
    case = house.open()
    alert = house.alert(times=2)
    assert [one["alert"] for one in house.case(case)["alerts"]] == [alert]
    assert house.types() == ["casework.case_opened", "casework.alert_attached"]


def test_how_the_alert_ended_shows_on_the_case(house: House):
    alert = house.alert()
    house.hear(a.AlertAcknowledged(alert=alert, child=CHILD, by=named("director")))
    assert house.ask("cases")["items"][0]["alert_state"] == "acknowledged"
    house.hear(a.AlertResolved(alert=alert, child=CHILD, outcome="found_safe"))
    (item,) = house.ask("cases")["items"]
    assert (item["alert_state"], item["alert_outcome"]) == ("resolved", "found_safe")
    assert house.case(item["case"])["alerts"][0]["outcome"] == "found_safe"


@pytest.mark.parametrize(("risk", "origin"), [("living_alone", "living_alone"), ("unattended_under_8", "risk")])
def test_a_child_found_to_be_alone_has_a_case(house: House, risk: str, origin: str):
    house.react(r.RiskFound(child=CHILD, risk=risk), times=2)
    house.react(r.RiskFound(child=CHILD, risk=risk))
    assert [one["origin"] for one in house.ask("cases")["items"]] == [origin]


def test_a_risk_of_papers_opens_no_case(house: House):
    house.react(r.RiskFound(child=CHILD, risk="no_household_registration"))
    assert house.ask("cases")["items"] == []


def test_a_counsellor_is_assigned_only_where_one_counsels(house: House):
    case = house.open()
    for staff in ("far counsellor", "supervisor"):
        with pytest.raises(Refused) as refused:
            house.ask("assign_counsellor", {"case": case, "staff": named(staff)}, by="supervisor")
        assert refused.value.code == "casework.not_a_counsellor"
    house.ask("assign_counsellor", {"case": case, "staff": named("counsellor")}, by="supervisor")
    assert house.case(case)["counsellor_name"] == "职工counsellor"


def test_pages_of_cases_follow_each_other(house: House):
    first = house.open(by="supervisor")
    house.clock.move(1)
    second = house.open(by="supervisor", child=FAR_CHILD)
    page = house.ask("cases", {"limit": 1}, by="supervisor")
    rest = house.ask("cases", {"limit": 1, "after": page["next"]}, by="supervisor")
    assert [one["case"] for one in page["items"] + rest["items"]] == [second, first]
    assert rest["next"] is None


def test_a_childs_timeline_tells_what_happened_and_no_words(house: House):
    case = house.open(why="祖母生病")
    house.ask("add_note", {"case": case, "note_class": "ordinary", "text": "已家访"})
    items = house.ask("timeline", {"child": CHILD})["items"]
    assert [one["type"] for one in items] == ["casework.note_added", "casework.case_opened"]
    assert "家访" not in json.dumps(items, ensure_ascii=False)
