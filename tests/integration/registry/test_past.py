"""A child as it stood: what was known at a moment, what was true on a day, and the history of each field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.registry.domain.places import division_id
from shared.access.tokens import TokenSigner
from shared.kernel.ids import new_id
from tests.integration.registry.house import COUNTY, OTHER_VILLAGE, VILLAGE, House, Refused

DAY = timedelta(days=1)


def past(house: House, child: str, by: str = "admin", **asked: Any) -> dict[str, Any]:
    answer: dict[str, Any] = house.ask("child_as_of", {"child": child, **asked}, by=by)
    return answer


def at(house: House) -> str:
    return house.clock.now().isoformat()


def refusal(house: House, child: str, by: str = "admin", **asked: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        past(house, child, by, **asked)
    return refused.value


def test_a_child_is_told_as_it_was_known_at_a_moment(house: House):
    child = house.child()
    before = at(house)
    house.clock.at += DAY
    house.ask("record_address", {"child": child, "address": "桥口村6组"})
    house.ask("move_child", {"child": child, "village": division_id(OTHER_VILLAGE)})
    house.clock.at += DAY
    then, now = past(house, child, known_at=before), past(house, child)
    assert (then["state"]["address"], then["state"]["village"]) == ("示范镇桥口村5组", "桥口村")
    assert (now["state"]["address"], now["state"]["village"]) == ("桥口村6组", "西山村")
    assert then["version"] == now["version"] - 2
    assert [one["relation"] for one in then["state"]["contacts"]] == ["grandmother", "father"]
    assert all(one["phone"] for one in then["state"]["contacts"])


def test_the_present_state_is_the_past_one_of_now(house: House):
    child = house.child()
    house.ask("arrange_care", {"child": child, "arrangement": "boarding", "since": "2026-09-01"})
    shown, told = house.ask("child", {"child": child}), past(house, child)["state"]
    for name in ("name", "sex", "born", "address", "arrangement", "since", "risks", "present", "identity"):
        assert told[name] == shown[name], name
    assert (told["village"], told["klass"]) == (shown["village_name"], shown["class_name"])
    card = house.ask("contact_card", {"child": child})
    # Whether somebody is erased or restricted is said of the present alone: the past is closed to all by then.
    standing = {"erased": False, "restricted": False}
    assert [one | standing for one in told["contacts"]] == card["contacts"]


def test_what_was_written_down_late_was_true_on_its_day(house: House):
    """A move on the 12th that was recorded on the 20th: true on the 13th, and known on the 20th only."""
    child = house.child(happened_on="2026-09-01")
    known = at(house)
    house.clock.at += DAY
    moved = {"child": child, "village": division_id(OTHER_VILLAGE), "happened_on": "2026-09-12"}
    house.ask("move_child", moved)
    house.ask("record_address", {"child": child, "address": "桥口村6组", "happened_on": "2026-09-05"})

    def village(**asked: Any) -> str:
        return str(past(house, child, **asked)["state"]["village"])

    assert village(true_at="2026-09-11") == "桥口村"
    assert village(true_at="2026-09-13") == "西山村"
    assert village(true_at="2026-09-13", known_at=known) == "桥口村"
    assert past(house, child, true_at="2026-09-06")["state"]["address"] == "桥口村6组"


def test_of_two_acts_the_later_day_holds_whichever_was_written_down_first(house: House):
    child = house.child(happened_on="2026-09-01")
    house.ask("record_address", {"child": child, "address": "桥口村7组", "happened_on": "2026-09-15"})
    house.ask("record_address", {"child": child, "address": "桥口村6组", "happened_on": "2026-09-05"})
    assert past(house, child, true_at="2026-09-16")["state"]["address"] == "桥口村7组"
    assert past(house, child, true_at="2026-09-14")["state"]["address"] == "桥口村6组"
    assert past(house, child)["state"]["address"] == "桥口村6组", "as the register has it"


def test_care_counts_from_the_day_that_it_began(house: House):
    child = house.child(happened_on="2026-08-01", arrangement="grandparents", since="2026-08-01")
    house.ask("arrange_care", {"child": child, "arrangement": "boarding", "since": "2026-09-10"})
    assert past(house, child, true_at="2026-09-09")["state"]["arrangement"] == "grandparents"
    assert past(house, child, true_at="2026-09-10")["state"]["arrangement"] == "boarding"


def test_the_history_of_a_field_says_what_it_was_until_when_and_who_changed_it(house: House):
    child = house.child()
    house.hire("director", "village_director", division=division_id(VILLAGE))
    house.clock.at += DAY
    house.ask("record_address", {"child": child, "address": "桥口村6组"}, by="director")
    changes = past(house, child, history=True)["history"]
    addresses = [one for one in changes if one["field"] == "address"]
    assert [one["value"] for one in addresses] == ["桥口村6组", "示范镇桥口村5组"]
    assert [one["by_name"] for one in addresses] == ["职工director", "职工admin"]
    assert addresses[0]["until"] is None
    assert addresses[1]["until"] == addresses[0]["from"]
    assert addresses[1]["until_day"] == "2026-09-21"
    [first, *_] = [one for one in changes if one["field"].startswith("contact ")][::-1]
    assert first["value"]["relation"] == "grandmother"
    assert past(house, child)["history"] is None


def test_a_past_state_is_masked_as_the_present_one_is(house: House):
    child = house.child()
    house.hire("officer", "funding_officer", division=division_id(COUNTY))
    told = past(house, child, by="officer", history=True)
    state = told["state"]
    assert (state["name"], state["address"], state["carer"]) == ("唐曦", None, None)
    assert "address" in state["masked"]
    assert all(one["phone"] is None and one["name"] is None for one in state["contacts"])
    assert not [one for one in told["history"] if one["field"] in ("address", "carer")]
    assert "1990000" not in str([one["value"] for one in told["history"]])


def test_reading_a_card_of_the_past_is_recorded_and_reading_no_numbers_is_not(house: House):
    child = house.child()
    house.hire("officer", "funding_officer", division=division_id(COUNTY))
    before = house.events()
    past(house, child, by="officer")
    assert house.events() == before
    past(house, child)
    assert house.events() == before + 1


def test_who_may_not_see_the_child_learns_nothing_of_its_past(house: House):
    child = house.child()
    house.hire("far", "village_director", division=division_id(OTHER_VILLAGE))
    assert refusal(house, child, by="far").code == "denied"
    assert refusal(house, child, by="far", known_at="2020-01-01T00:00:00+08:00").code == "denied"


def test_the_future_and_the_time_before_the_beginning_are_refused(house: House):
    child = house.child()
    tomorrow = house.clock.now() + DAY
    assert refusal(house, child, known_at=tomorrow.isoformat()).code == "as_of_in_future"
    assert refusal(house, child, true_at=tomorrow.date().isoformat()).facts == {"field": "true_at"}
    early = refusal(house, child, known_at="2026-09-01T00:00:00+08:00")
    assert (early.code, early.facts) == ("as_of_too_early", {"first": "2026-09-20"})
    assert refusal(house, child, true_at="2026-09-01").facts == {"first": "2026-09-20"}
    assert refusal(house, new_id(house.clock.now())).code == "denied", "as its present state is"


def terminal(house: House, **asked: Any) -> Any:
    signer = TokenSigner.load(house.keys, "token-operator", house.clock, strict=False)
    token = signer.issue("system:operator", "operator", "terminal", "system")
    return house.service.log_as_of({"token": token, "data": asked})


def test_the_terminal_and_the_auditor_see_the_past_with_personal_parts_closed(house: House):
    child = house.child()
    house.hire("auditor", "auditor", division=division_id(COUNTY))
    told = house.ask("log_as_of", {"kind": "child", "id": child, "history": True}, by="auditor")
    assert told == terminal(house, kind="child", id=child, history=True)["answer"] | {"known_at": told["known_at"]}
    assert told["state"]["village"] == "桥口村"
    assert told["state"]["arrangement"] == house.ask("child", {"child": child})["arrangement"]
    assert not {"唐曦", "示范镇桥口村5组"} & set(str(told).split("'"))
    assert "1990000" not in str(told)
    assert terminal(house, kind="case", id=child)["refused"]["code"] == "not_found"
    assert terminal(house, kind="child", id=new_id(house.clock.now()))["refused"]["code"] == "not_found"
    with pytest.raises(Refused):
        house.ask("log_as_of", {"kind": "child", "id": child})


def test_true_at_of_today_is_all_that_is_known(house: House):
    child = house.child()
    assert past(house, child, true_at=date(2026, 9, 20).isoformat())["state"] == past(house, child)["state"]
