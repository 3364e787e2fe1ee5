"""What funding refuses at its doors, and what it keeps closed."""

from __future__ import annotations

import pytest

from tests.integration.funding.house import CHILD, FAR_CHILD, House, Refused, named


def test_nobody_approves_what_they_applied_for(house: House):
    fund = house.fund(1000)
    house.hire("both", "funding_officer")
    application = house.draft(fund, 100, by="both")
    house.ask("submit_application", {"application": application}, by="both")
    house.grant("both", "funding_approver")
    with pytest.raises(Refused) as refused:
        house.approve(application, by="both")
    assert refused.value.code == "funding.approver_is_applicant"


def test_nobody_pays_what_they_approved_in_another_role(house: House):
    application = house.submit(house.fund(1000), 100)
    house.approve(application)
    house.grant("approver", "cashier")
    with pytest.raises(Refused) as refused:
        house.pay(application, by="approver")
    assert refused.value.code == "funding.payer_is_approver"


def test_a_director_applies_only_for_children_within_reach(house: House):
    fund = house.fund(1000)
    house.draft(fund, 100, CHILD, by="director")
    with pytest.raises(Refused) as refused:
        house.draft(fund, 100, FAR_CHILD, by="director")
    assert refused.value.code == "denied"


def test_applications_beyond_reach_are_not_listed(house: House):
    fund = house.fund(1000)
    near, far = house.submit(fund, 100), house.submit(fund, 100, FAR_CHILD)
    assert [one["application"] for one in house.ask("applications", by="director")["items"]] == [near]
    listed = house.ask("applications", {"state": "submitted"})["items"]
    assert [one["application"] for one in listed] == [far, near]
    with pytest.raises(Refused) as refused:
        house.ask("application", {"application": far}, by="director")
    assert refused.value.code == "denied"


def test_only_a_cashier_pays(house: House):
    application = house.submit(house.fund(1000), 100)
    house.approve(application)
    with pytest.raises(Refused) as refused:
        house.pay(application, by="other approver")
    assert refused.value.code == "denied"


def test_nothing_is_paid_before_it_is_approved_or_in_the_future(house: House):
    application = house.submit(house.fund(1000), 100)
    with pytest.raises(Refused) as refused:
        house.pay(application)
    assert refused.value.code == "funding.application_not_approved"
    house.approve(application)
    with pytest.raises(Refused) as refused:
        house.pay(application, paid_on="2026-09-21")
    assert refused.value.code == "funding.paid_in_future"


def test_an_amount_is_a_whole_number_of_fen_above_nothing(house: House):
    fund = house.fund()
    for amount in (0, -1, 1.5, "100"):
        with pytest.raises(Refused) as refused:
            house.give(fund, amount)  # type: ignore[arg-type]
        assert refused.value.code == "invalid"


def test_an_application_needs_a_fund_that_exists(house: House):
    with pytest.raises(Refused) as refused:
        house.draft(named("no fund"), 100)
    assert refused.value.code == "not_found"


def test_a_version_that_has_passed_is_refused(house: House):
    application = house.submit(house.fund(1000), 100)
    with pytest.raises(Refused) as refused:
        house.ask("approve_application", {"application": application}, by="approver", expected_version=1)
    assert refused.value.code == "changed"


def test_the_same_payment_twice_is_paid_once(house: House):
    fund = house.fund(1000)
    application = house.submit(fund, 100)
    house.approve(application)
    house.pay(application)
    house.pay(application)
    assert house.left(fund)["paid"] == 100


def test_a_returned_application_says_what_is_missing_and_is_completed(house: House):
    fund = house.fund(1000)
    application = house.submit(fund, 100)
    house.ask("return_application", {"application": application, "note": "缺学校证明"}, by="approver")
    assert house.ask("application", {"application": application})["returned_note"] == "缺学校证明"
    said = {"application": application, "fund": fund, "amount": 120, "reason": "学费，附证明"}
    house.ask("amend_application", said)
    house.ask("submit_application", {"application": application})
    shown = house.ask("application", {"application": application})
    assert (shown["state"], shown["amount"], shown["reason"]) == ("submitted", 120, "学费，附证明")


def test_no_name_and_no_reason_lies_in_the_log(house: House):
    fund = house.fund()
    house.give(fund, 100, source="donor", donor_name="丁浩")
    house.submit(fund, 100)
    assert not any(word in house.log() for word in ("丁浩", "学费", "唐曦"))
    (gift,) = house.ask("donations", {"fund": fund})["items"]
    assert gift["donor_name"] == "丁浩"


def test_a_childs_timeline_tells_of_its_grants(house: House):
    house.submit(house.fund(1000), 100)
    types = [one["type"] for one in house.ask("timeline", {"child": CHILD})["items"]]
    assert types == ["funding.application_submitted", "funding.application_drafted"]
