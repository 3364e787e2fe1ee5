"""Erasing a person is asked for by one, answered by every service, and decided by another."""

from __future__ import annotations

from datetime import date

import pytest

from services.registry.domain.codes import (
    AgainstErasure,
    Carrier,
    ErasureGrounds,
    ErasureOutcome,
    ErasureRefusal,
    ErasureState,
)
from services.registry.domain.erasure import ASKED, Erasure, erasure_id
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Refusal

CHILD, FATHER = derived_id("a", "child"), derived_id("a", "father")
SUPERVISOR, ADMINISTRATOR = derived_id("a", "supervisor"), derived_id("an", "administrator")


def asked(by: str = SUPERVISOR) -> Erasure:
    it = Erasure(erasure_id(CHILD))
    it.ask(person=CHILD, child=CHILD, people=[CHILD, FATHER], grounds=ErasureGrounds.FAMILY_ASKED, by=by)
    return it


def answered(**reasons: tuple[str, ...]) -> Erasure:
    it = asked()
    for one in ASKED:
        it.answer(service=one, request=1, reasons=reasons.get(one, ()), until=None)
    return it


def refused(code: str, act: object, *given: object, **named: object) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        act(*given, **named)  # type: ignore[operator]
    assert refusal.value.code == code
    return refusal.value


def test_where_nothing_stands_against_it_a_second_person_approves_an_erasure() -> None:
    it = answered()
    assert it.approve(by=ADMINISTRATOR) is ErasureOutcome.ERASED
    assert it.state is ErasureState.ERASED


def test_whoever_asks_neither_approves_nor_refuses_it() -> None:
    it = answered()
    refused("registry.erasure_needs_another", it.approve, by=SUPERVISOR)
    refused("registry.erasure_needs_another", it.refuse, ErasureRefusal.NO_GROUNDS, by=SUPERVISOR)
    assert it.state is ErasureState.REQUESTED


def test_an_approval_waits_for_every_service() -> None:
    it = asked()
    it.answer(service=Carrier.ALERTS, request=1, reasons=(), until=None)
    refusal = refused("registry.erasure_unanswered", it.approve, by=ADMINISTRATOR)
    assert refusal.facts == {"waiting": ["casework", "funding"]}


def test_what_stands_against_it_makes_it_a_restriction_that_can_become_an_erasure_later() -> None:
    it = answered(alerts=("open_alert",))
    assert it.approve(by=ADMINISTRATOR) is ErasureOutcome.RESTRICTED
    it.ask(person=CHILD, child=CHILD, people=[CHILD], grounds=ErasureGrounds.FAMILY_ASKED, by=SUPERVISOR)
    assert (it.request, it.state, it.answers) == (2, ErasureState.REQUESTED, {})
    for one in ASKED:
        it.answer(service=one, request=2, reasons=(), until=None)
    assert it.approve(by=ADMINISTRATOR) is ErasureOutcome.ERASED


def test_whoever_is_named_in_a_case_cannot_ask() -> None:
    it = answered(casework=("requester_named",))
    assert it.state is ErasureState.REFUSED
    refused("registry.erasure_not_waiting", it.approve, by=ADMINISTRATOR)


def test_who_was_erased_is_not_erased_again() -> None:
    it = answered()
    it.approve(by=ADMINISTRATOR)
    refused(
        "registry.already_erased",
        it.ask,
        person=CHILD,
        child=CHILD,
        people=[CHILD],
        grounds=ErasureGrounds.UNLAWFUL,
        by=SUPERVISOR,
    )


def test_each_repeated_changes_nothing() -> None:
    it = answered()
    it.answer(service=Carrier.ALERTS, request=1, reasons=("open_alert",), until=None)
    it.approve(by=ADMINISTRATOR)
    it.carry_out(service=Carrier.ALERTS, request=1)
    known = len(it.recorded)
    assert it.approve(by=ADMINISTRATOR) is None
    it.carry_out(service=Carrier.ALERTS, request=1)
    it.answer(service=Carrier.FUNDING, request=1, reasons=(), until=None)
    assert len(it.recorded) == known


def test_a_second_request_while_one_waits_is_refused_to_another_and_nothing_to_the_same() -> None:
    it = asked()
    again = {"person": CHILD, "child": CHILD, "people": [CHILD], "grounds": ErasureGrounds.FAMILY_ASKED}
    it.ask(**again, by=SUPERVISOR)  # type: ignore[arg-type]
    assert len(it.recorded) == 1
    refused("registry.erasure_requested_already", it.ask, **again, by=ADMINISTRATOR)


def test_a_request_is_withdrawn_once_and_not_after_it_was_decided() -> None:
    it = asked()
    it.withdraw()
    it.withdraw()
    assert (it.state, len(it.recorded)) == (ErasureState.WITHDRAWN, 2)
    decided = answered()
    decided.approve(by=ADMINISTRATOR)
    refused("registry.erasure_not_waiting", decided.withdraw)


def test_it_is_kept_until_the_last_day_if_every_day_is_known() -> None:
    it = asked()
    it.answer(service=Carrier.FUNDING, request=1, reasons=("payment_retention",), until=date(2056, 1, 1))
    it.answer(service=Carrier.CASEWORK, request=1, reasons=("case_retention",), until=date(2029, 1, 1))
    assert it.against.until == date(2056, 1, 1)
    it.answer(service=Carrier.ALERTS, request=1, reasons=("open_alert",), until=None)
    assert it.against.until is None


def test_a_reason_that_registry_does_not_know_stands_against_it_all_the_same() -> None:
    it = answered(casework=("moon_phase",))
    assert it.against.reasons == (AgainstErasure.OTHER,)
    assert it.approve(by=ADMINISTRATOR) is ErasureOutcome.RESTRICTED


def test_an_answer_to_an_earlier_request_says_nothing_about_the_present_one() -> None:
    it = asked()
    it.withdraw()
    it.ask(person=CHILD, child=CHILD, people=[CHILD], grounds=ErasureGrounds.FAMILY_ASKED, by=SUPERVISOR)
    it.answer(service=Carrier.ALERTS, request=1, reasons=(), until=None)
    assert it.answers == {}
