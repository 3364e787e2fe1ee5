"""A fund and an application as they stood at a past moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.ids import new_id
from tests.integration.funding.house import House, Refused

DAY = timedelta(days=1)


def fund_past(house: House, fund: str, **asked: Any) -> dict[str, Any]:
    state: dict[str, Any] = house.ask("fund_as_of", {"fund": fund, **asked})["state"]
    return {name: state[name] for name in ("received", "available", "set_aside", "paid")}


def test_a_fund_is_told_with_the_money_that_was_in_it(house: House) -> None:
    fund = house.fund(100_00)
    given = house.clock.now().isoformat()
    house.clock.at += DAY
    application = house.submit(fund, 60_00)
    house.approve(application)
    approved = house.clock.now().isoformat()
    house.clock.at += DAY
    house.pay(application, paid_on="2026-09-21")
    assert fund_past(house, fund, known_at=given) == {
        "received": 100_00, "available": 100_00, "set_aside": 0, "paid": 0,
    }  # fmt: skip
    assert fund_past(house, fund, known_at=approved)["set_aside"] == 60_00
    now = house.left(fund)
    assert fund_past(house, fund) == {name: now[name] for name in ("received", "available", "set_aside", "paid")}
    assert fund_past(house, fund)["paid"] == 60_00


def test_a_gift_counts_from_the_day_that_it_was_received(house: House) -> None:
    fund = house.fund()
    house.clock.at += 5 * DAY
    house.give(fund, 50_00, received_on="2026-09-22")
    assert fund_past(house, fund, true_at="2026-09-21")["received"] == 0
    assert fund_past(house, fund, true_at="2026-09-22")["received"] == 50_00


def test_the_history_of_an_application_names_who_changed_its_state(house: House) -> None:
    fund = house.fund(100_00)
    application = house.submit(fund, 60_00)
    before = house.clock.now().isoformat()
    house.clock.at += DAY
    house.approve(application)
    told = house.ask("application_as_of", {"application": application, "history": True})
    states = [(one["value"], one["by_name"]) for one in told["history"] if one["field"] == "state"]
    assert states == [("approved", "职工approver"), ("submitted", "职工officer"), ("draft", "职工officer")]
    then = house.ask("application_as_of", {"application": application, "known_at": before})["state"]
    assert (then["state"], then["approved_by"], then["child_name"]) == ("submitted", None, "唐曦")


def test_what_is_not_there_and_what_is_to_come_are_refused(house: House) -> None:
    fund = house.fund()
    tomorrow = (house.clock.now() + DAY).isoformat()
    for door, asked, code in (
        ("fund_as_of", {"fund": new_id(house.clock.now())}, "not_found"),
        ("fund_as_of", {"fund": fund, "known_at": tomorrow}, "as_of_in_future"),
        ("application_as_of", {"application": new_id(house.clock.now())}, "not_found"),
    ):
        with pytest.raises(Refused) as refused:
            house.ask(door, asked)
        assert refused.value.code == code
