"""A fund is opened and takes money in."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.funding.domain import events as e
from services.funding.domain.codes import Source
from services.funding.domain.fund import Fund
from shared.kernel.ids import derived_id
from shared.kernel.money import MOST
from shared.testing.aggregates import AN_ID, given

TODAY = date(2026, 9, 20)
TOMORROW = date(2026, 9, 21)
GIFT, OTHER_GIFT, DONOR = (derived_id("a fund", one) for one in ("gift", "other gift", "donor"))
OPENED = e.FundOpened(fund=AN_ID, name="助学金", purpose="资助困境儿童")


def received(**changed: Any) -> e.DonationReceived:
    said = {
        "donation": GIFT,
        "fund": AN_ID,
        "amount": 100,
        "source": Source.DONOR,
        "received_on": TODAY,
        "donor": DONOR,
        "donor_name": "丁浩",
    }
    return e.DonationReceived(**said | changed)


def receive(fund: Fund, **changed: Any) -> None:
    said: dict[str, Any] = {
        "donation": GIFT,
        "amount": 100,
        "source": Source.DONOR,
        "received_on": TODAY,
        "today": TODAY,
        "donor": DONOR,
        "donor_name": "丁浩",
    }
    fund.receive(**said | changed)


def test_a_fund_is_opened():
    given(Fund).when(lambda it: it.open(name="助学金", purpose="资助困境儿童")).then(OPENED)


def test_opening_a_fund_twice_is_once():
    given(Fund, OPENED).when(lambda it: it.open(name="别的", purpose="别的")).then()


def test_a_fund_takes_money_in():
    given(Fund, OPENED).when(receive).then(received())


def test_a_donation_is_received_once():
    given(Fund, OPENED, received()).when(receive).then()


def test_two_donations_of_the_same_amount_are_two():
    given(Fund, OPENED, received()).when(lambda it: receive(it, donation=OTHER_GIFT)).then(
        received(donation=OTHER_GIFT)
    )


def test_money_that_comes_tomorrow_is_not_received_today():
    given(Fund, OPENED).when(lambda it: receive(it, received_on=TOMORROW)).refused(
        "funding.received_in_future", received_on="2026-09-21"
    )


def test_a_donors_gift_names_its_donor():
    given(Fund, OPENED).when(lambda it: receive(it, donor_name=None)).refused("funding.donor_missing")


def test_sold_waste_paper_names_nobody():
    sold = received(source=Source.WASTE_PAPER, donor=None, donor_name=None)
    given(Fund, OPENED).when(lambda it: receive(it, source=Source.WASTE_PAPER, donor_name=None)).then(sold)


def test_a_fund_holds_no_more_than_its_columns_can():
    given(Fund, OPENED, received(amount=MOST)).when(lambda it: receive(it, donation=OTHER_GIFT, amount=1)).refused(
        "funding.amount_too_large", most=MOST
    )
