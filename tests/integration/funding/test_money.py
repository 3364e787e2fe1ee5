"""Money: what a fund holds is never overdrawn, and every entry of its ledger adds up to nothing."""

from __future__ import annotations

import itertools
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.clock import FixedClock
from tests.infrastructure.database import sqlite_database
from tests.integration.funding.house import CHILD, FAR_CHILD, House, Refused, named, open_house


def test_an_application_goes_from_draft_to_payment_by_three_people(house: House):
    fund = house.fund(1000)
    application = house.submit(fund, 600)
    house.approve(application)
    assert house.left(fund)["set_aside"] == 600
    house.pay(application)
    left = house.left(fund)
    assert [left[one] for one in ("received", "available", "set_aside", "paid")] == [1000, 400, 0, 600]
    assert left["accounts"] == {"bank": 400, "available": -400, "set_aside": 0}
    shown = house.ask("application", {"application": application})
    by = [shown[one] for one in ("submitted_by", "approved_by", "paid_by")]
    assert by == [named("officer"), named("approver"), named("cashier")]
    assert (shown["state"], shown["reason"], shown["child_name"]) == ("paid", "学费", "唐曦")


def test_two_approvals_at_the_same_moment_cannot_overdraw_a_fund(house: House):
    fund = house.fund(1000)
    applications = [house.submit(fund, 600, child) for child in (CHILD, FAR_CHILD)]
    together = Barrier(2)

    def attempt(application: str, by: str) -> str:
        together.wait()
        try:
            house.approve(application, by)
        except Refused as refused:
            return f"{refused.code} {refused.facts}"
        return "approved"

    with ThreadPoolExecutor(2) as pool:
        came = list(pool.map(attempt, applications, ("approver", "other approver")))
    assert sorted(came) == ["approved", "funding.insufficient_funds {'available': 400, 'requested': 600}"]
    left = house.left(fund)
    assert (left["available"], left["set_aside"]) == (400, 600)


def test_of_many_approvals_at_the_same_moment_as_many_pass_as_the_fund_can_bear(house: House):
    fund = house.fund(1000)
    applications = [house.submit(fund, 300) for _ in range(6)]
    together = Barrier(6)

    def attempt(application: str) -> str:
        together.wait()
        try:
            house.approve(application)
        except Refused as refused:
            return refused.code
        return "approved"

    with ThreadPoolExecutor(6) as pool:
        came = sorted(pool.map(attempt, applications))
    assert came == ["approved"] * 3 + ["funding.insufficient_funds"] * 3
    assert house.left(fund)["available"] == 100


def test_an_application_approved_by_two_at_the_same_moment_is_set_aside_once(house: House):
    fund = house.fund(1000)
    application = house.submit(fund, 300)
    together = Barrier(2)

    def attempt(by: str) -> None:
        together.wait()
        house.approve(application, by)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(attempt, ("approver", "other approver")))
    assert house.left(fund)["set_aside"] == 300


def test_what_the_fund_lacks_is_refused_with_both_amounts(house: House):
    fund = house.fund(500)
    with pytest.raises(Refused) as refused:
        house.approve(house.submit(fund, 501))
    assert (refused.value.code, refused.value.facts) == (
        "funding.insufficient_funds",
        {"available": 500, "requested": 501},
    )


def test_what_was_set_aside_and_taken_back_may_be_granted_again(house: House):
    fund = house.fund(500)
    first = house.submit(fund, 500)
    house.approve(first)
    house.ask("withdraw_application", {"application": first})
    house.approve(house.submit(fund, 500))
    assert house.left(fund)["set_aside"] == 500


STEPS = ("give", "submit", "approve", "pay", "withdraw", "refuse")


def act(house: House, fund: str, applications: list[str], step: str, amount: int, which: int) -> int:
    """Take one step, whatever comes of it. Returns the fen that came in."""
    chosen = applications[which % len(applications)] if applications else named("none")
    deeds = {
        "give": lambda: house.give(fund, amount),
        "submit": lambda: applications.append(house.submit(fund, amount)),
        "approve": lambda: house.approve(chosen),
        "pay": lambda: house.pay(chosen),
        "withdraw": lambda: house.ask("withdraw_application", {"application": chosen}),
        "refuse": lambda: house.ask(
            "refuse_application", {"application": chosen, "reason": "duplicate"}, by="approver"
        ),
    }
    try:
        deeds[step]()
    except Refused as refused:
        if applications and not refused.code.startswith("funding."):
            raise
    return amount if step == "give" else 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 1000), st.integers(0, 5)), min_size=5, max_size=25))
def test_whatever_is_asked_every_entry_adds_up_to_nothing_and_no_account_is_overdrawn(steps):
    with TemporaryDirectory() as folder:
        clock = FixedClock(datetime(2026, 9, 20, 1, 0, tzinfo=UTC))
        house = open_house(sqlite_database(Path(folder) / "funding.sqlite"), Path(folder), clock)
        fund, applications = house.fund(500), []
        given_in_all = 500 + sum(act(house, fund, applications, *step) for step in steps)
        postings, left = house.postings(fund), house.left(fund)
        house.rooms.database.dispose()
    of_event, of_account = defaultdict(int), defaultdict(int)
    for one in postings:
        of_event[one["event"]] += one["amount"]
        of_account[one["account"]] += one["amount"]
    assert set(of_event.values()) == {0}
    assert left["received"] == given_in_all == left["available"] + left["set_aside"] + left["paid"]
    assert (of_account["bank"], -of_account["available"], -of_account["set_aside"]) == (
        left["received"] - left["paid"],
        left["available"],
        left["set_aside"],
    )
    assert min(left["available"], left["set_aside"], left["paid"]) >= 0


def test_pages_of_the_ledger_follow_each_other(house: House):
    fund = house.fund()
    for amount in (1, 2, 3):
        house.give(fund, amount)
    pages = [house.ask("ledger", {"fund": fund, "limit": 2})]
    while pages[-1]["next"]:
        pages.append(house.ask("ledger", {"fund": fund, "limit": 2, "after": pages[-1]["next"]}))
    amounts = [one["amount"] for one in itertools.chain(*(page["items"] for page in pages))]
    assert amounts == [3, -3, 2, -2, 1, -1]
