"""An application goes from draft to payment through three hands, or ends before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.funding.domain import events as e
from services.funding.domain.application import Application
from services.funding.domain.codes import Method, RefusalReason
from shared.kernel.ids import derived_id
from shared.testing.aggregates import AN_ID, given

TODAY, TOMORROW = date(2026, 9, 20), date(2026, 9, 21)
CHILD, FUND, OFFICER, APPROVER, CASHIER = (
    derived_id("an application", one) for one in ("child", "fund", "officer", "approver", "cashier")
)
DRAFTED = e.ApplicationDrafted(application=AN_ID, fund=FUND, child=CHILD, amount=500, reason="学费")
SUBMITTED = e.ApplicationSubmitted(application=AN_ID, fund=FUND, child=CHILD, amount=500, by=OFFICER)
RETURNED = e.ApplicationReturned(application=AN_ID, child=CHILD, note="缺证明")
APPROVED = e.ApplicationApproved(application=AN_ID, fund=FUND, child=CHILD, amount=500, by=APPROVER)
REFUSED = e.ApplicationRefused(application=AN_ID, child=CHILD, reason=RefusalReason.DUPLICATE)
WITHDRAWN = e.ApplicationWithdrawn(application=AN_ID, fund=FUND, child=CHILD, released=0)
RELEASED = e.ApplicationWithdrawn(application=AN_ID, fund=FUND, child=CHILD, released=500)
PAID = e.ApplicationPaid(
    application=AN_ID, fund=FUND, child=CHILD, amount=500, by=CASHIER, method=Method.CASH, paid_on=TODAY
)
DRAFT = [DRAFTED]
WAITING = [*DRAFT, SUBMITTED]
APPROVAL = [*WAITING, APPROVED]
PAYMENT = [*APPROVAL, PAID]
ENDED = [PAYMENT, [*WAITING, REFUSED], [*WAITING, WITHDRAWN]]


def draft(it: Application) -> None:
    it.draft(child=CHILD, fund=FUND, amount=500, reason="学费")


def amend(it: Application) -> None:
    it.amend(fund=FUND, amount=700, reason="学费和书本费")


def pay(it: Application, **changed: Any) -> None:
    it.pay(**{"by": CASHIER, "method": Method.CASH, "paid_on": TODAY, "today": TODAY} | changed)


def refuse(it: Application, by: str = APPROVER) -> None:
    it.refuse(reason=RefusalReason.DUPLICATE, by=by)


def test_an_application_is_drafted():
    given(Application).when(draft).then(DRAFTED)


def test_drafting_it_twice_is_once():
    given(Application, DRAFT).when(draft).then()


@pytest.mark.parametrize("history", [DRAFT, [*WAITING, RETURNED]])
def test_what_it_says_is_changed_while_it_is_open(history: list[Any]):
    changed = e.ApplicationDrafted(application=AN_ID, fund=FUND, child=CHILD, amount=700, reason="学费和书本费")
    given(Application, history).when(amend).then(changed)


@pytest.mark.parametrize("history", [WAITING, APPROVAL, *ENDED])
def test_what_it_says_is_not_changed_once_it_is_handed_in(history: list[Any]):
    given(Application, history).when(amend).refused("funding.application_not_open")


@pytest.mark.parametrize("history", [DRAFT, [*WAITING, RETURNED]])
def test_it_is_handed_in(history: list[Any]):
    given(Application, history).when(lambda it: it.submit(by=OFFICER)).then(SUBMITTED)


def test_handing_it_in_twice_is_once():
    given(Application, WAITING).when(lambda it: it.submit(by=OFFICER)).then()


@pytest.mark.parametrize("history", [APPROVAL, *ENDED])
def test_it_is_not_handed_in_after_it_was_decided(history: list[Any]):
    given(Application, history).when(lambda it: it.submit(by=OFFICER)).refused("funding.application_not_open")


def test_it_is_sent_back():
    given(Application, WAITING).when(lambda it: it.send_back(note="缺证明")).then(RETURNED)


def test_sending_it_back_twice_is_once():
    given(Application, WAITING, RETURNED).when(lambda it: it.send_back(note="缺证明")).then()


@pytest.mark.parametrize("history", [DRAFT, APPROVAL, *ENDED])
def test_only_what_waits_is_sent_back(history: list[Any]):
    given(Application, history).when(lambda it: it.send_back(note="缺证明")).refused("funding.application_not_open")


def test_it_is_approved_by_another():
    given(Application, WAITING).when(lambda it: it.approve(by=APPROVER)).then(APPROVED)


def test_nobody_approves_what_they_handed_in():
    given(Application, WAITING).when(lambda it: it.approve(by=OFFICER)).refused("funding.approver_is_applicant")


def test_approving_it_twice_is_once():
    given(Application, APPROVAL).when(lambda it: it.approve(by=APPROVER)).then()


@pytest.mark.parametrize("history", [DRAFT, *ENDED])
def test_only_what_waits_is_approved(history: list[Any]):
    given(Application, history).when(lambda it: it.approve(by=APPROVER)).refused("funding.application_not_open")


def test_it_is_refused():
    given(Application, WAITING).when(refuse).then(REFUSED)


def test_nobody_refuses_what_they_handed_in():
    given(Application, WAITING).when(lambda it: refuse(it, OFFICER)).refused("funding.approver_is_applicant")


def test_refusing_it_twice_is_once():
    given(Application, WAITING, REFUSED).when(refuse).then()


@pytest.mark.parametrize("history", [DRAFT, WAITING])
def test_what_was_not_approved_is_taken_back_and_releases_nothing(history: list[Any]):
    given(Application, history).when(lambda it: it.withdraw()).then(WITHDRAWN)


def test_what_was_approved_is_taken_back_and_releases_its_amount():
    given(Application, APPROVAL).when(lambda it: it.withdraw()).then(RELEASED)


def test_taking_it_back_twice_is_once():
    given(Application, WAITING, WITHDRAWN).when(lambda it: it.withdraw()).then()


def test_what_is_paid_is_not_taken_back():
    given(Application, PAYMENT).when(lambda it: it.withdraw()).refused("funding.application_not_open", state="paid")


def test_it_is_paid_by_a_third():
    given(Application, APPROVAL).when(pay).then(PAID)


def test_paying_it_twice_is_once():
    given(Application, PAYMENT).when(pay).then()


@pytest.mark.parametrize("history", [DRAFT, WAITING, [*WAITING, REFUSED]])
def test_only_what_is_approved_is_paid(history: list[Any]):
    given(Application, history).when(pay).refused("funding.application_not_approved")


@pytest.mark.parametrize(
    ("by", "code"), [(APPROVER, "funding.payer_is_approver"), (OFFICER, "funding.payer_is_applicant")]
)
def test_nobody_pays_what_they_applied_for_or_approved(by: str, code: str):
    given(Application, APPROVAL).when(lambda it: pay(it, by=by)).refused(code)


def test_nothing_is_paid_tomorrow():
    given(Application, APPROVAL).when(lambda it: pay(it, paid_on=TOMORROW)).refused(
        "funding.paid_in_future", paid_on="2026-09-21"
    )
