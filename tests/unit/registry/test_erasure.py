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
    LiftingEnd,
    LiftingReason,
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


def approved(it: Erasure | None = None, **late: tuple[str, ...]) -> Erasure:
    """A second person is for it, and each service has weighed it again; `late` is what has come up since."""
    it = it or answered()
    it.approve(by=ADMINISTRATOR, people=it.people)
    for one in ASKED:
        it.answer(service=one, request=it.request, reasons=late.get(one, ()), until=None)
    return it


def restricted() -> Erasure:
    it = approved(alerts=("open_alert",))
    it.settle()
    return it


def refused(code: str, act: object, *given: object, **named: object) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        act(*given, **named)  # type: ignore[operator]
    assert refusal.value.code == code
    return refusal.value


def test_where_nothing_stands_against_it_a_second_person_approves_an_erasure() -> None:
    it = approved()
    assert it.settle() is ErasureOutcome.ERASED
    assert it.state is ErasureState.ERASED
    assert (it.request, it.approved_by) == (2, ADMINISTRATOR)


def test_nothing_is_done_before_every_service_has_weighed_it_again() -> None:
    it = answered()
    it.approve(by=ADMINISTRATOR, people=[CHILD, FATHER])
    assert (it.state, it.unanswered) == (ErasureState.SECONDED, ["alerts", "casework", "funding"])
    for one in ASKED:
        assert it.settle() is None
        it.answer(service=one, request=1, reasons=(), until=None)
        assert it.unanswered == ["alerts", "casework", "funding"], "the first answer is no second one"
    for one in ASKED:
        assert it.settle() is None
        it.answer(service=one, request=2, reasons=(), until=None)
    assert it.settle() is ErasureOutcome.ERASED
    assert it.settle() is None


def test_what_came_up_between_asking_and_approving_makes_it_a_restriction() -> None:
    it = approved(casework=("open_case",))
    assert it.settle() is ErasureOutcome.RESTRICTED
    assert it.against.reasons == (AgainstErasure.OPEN_CASE,)


def test_that_who_approves_is_named_in_a_case_is_no_objection() -> None:
    it = approved(casework=("requester_named",))
    assert it.settle() is ErasureOutcome.ERASED


def test_an_approved_request_can_be_withdrawn_until_it_is_decided() -> None:
    it = answered()
    it.approve(by=ADMINISTRATOR, people=[CHILD])
    refused("registry.erasure_not_waiting", it.refuse, ErasureRefusal.NO_GROUNDS, by=ADMINISTRATOR)
    it.withdraw()
    it.answer(service=Carrier.ALERTS, request=2, reasons=(), until=None)
    assert (it.state, it.answers, it.settle()) == (ErasureState.WITHDRAWN, {}, None)


def test_a_service_that_restricts_where_an_erasure_was_decided_has_postponed_it() -> None:
    it = approved()
    it.settle()
    it.carry_out(service=Carrier.CASEWORK, request=2, erased=False)
    it.carry_out(service=Carrier.CASEWORK, request=2, erased=False)
    assert (it.postponed, it.carried) == ({"casework"}, set())
    assert it.look_again(request=2) is True
    it.carry_out(service=Carrier.CASEWORK, request=2, erased=True)
    assert (it.postponed, it.carried) == (set(), {"casework"})
    assert it.look_again(request=2) is False
    assert it.look_again(request=1) is False


def test_a_restriction_is_lifted_by_a_second_person_and_is_over_once_every_service_says_so() -> None:
    it = restricted()
    it.ask_to_lift(LiftingReason.CARE_NEEDED, by=SUPERVISOR)
    refused("registry.lifting_needs_another", it.lift, by=SUPERVISOR)
    assert it.lift(by=ADMINISTRATOR) is True
    assert it.state is ErasureState.LIFTED
    said = [it.note_lifted(service=one, request=2) for one in Carrier]
    assert said == [False, False, False, True]


def test_only_what_is_restricted_is_lifted_and_only_when_asked_for() -> None:
    refused("registry.not_restricted", answered().ask_to_lift, LiftingReason.NO_GROUNDS, by=SUPERVISOR)
    refused("registry.not_restricted", answered().lift, by=ADMINISTRATOR)
    refused("registry.lifting_not_asked", restricted().lift, by=ADMINISTRATOR)
    refused("registry.lifting_not_asked", restricted().end_lifting, LiftingEnd.REFUSED, by=ADMINISTRATOR)


def test_a_request_to_lift_is_refused_by_another_or_taken_back_by_who_asked() -> None:
    it = restricted()
    it.ask_to_lift(LiftingReason.CARE_NEEDED, by=SUPERVISOR)
    refused("registry.lifting_asked_already", it.ask_to_lift, LiftingReason.CARE_NEEDED, by=ADMINISTRATOR)
    refused("registry.lifting_needs_another", it.end_lifting, LiftingEnd.REFUSED, by=SUPERVISOR)
    refused("registry.lifting_not_yours", it.end_lifting, LiftingEnd.WITHDRAWN, by=ADMINISTRATOR)
    it.end_lifting(LiftingEnd.REFUSED, by=ADMINISTRATOR)
    assert (it.state, it.lifting_by) == (ErasureState.RESTRICTED, None)


def test_a_later_request_that_is_withdrawn_leaves_a_restriction_that_can_be_lifted() -> None:
    it = restricted()
    it.ask(person=CHILD, child=CHILD, people=[CHILD], grounds=ErasureGrounds.FAMILY_ASKED, by=SUPERVISOR)
    refused("registry.not_restricted", it.ask_to_lift, LiftingReason.CARE_NEEDED, by=SUPERVISOR)
    it.withdraw()
    it.ask_to_lift(LiftingReason.CARE_NEEDED, by=SUPERVISOR)
    assert it.lift(by=ADMINISTRATOR) is True


def test_lifting_repeated_changes_nothing() -> None:
    it = restricted()
    for _ in range(2):
        it.ask_to_lift(LiftingReason.CARE_NEEDED, by=SUPERVISOR)
    it.lift(by=ADMINISTRATOR)
    it.note_lifted(service=Carrier.ALERTS, request=2)
    known = len(it.recorded)
    assert it.lift(by=ADMINISTRATOR) is False
    assert it.note_lifted(service=Carrier.ALERTS, request=2) is False
    assert it.note_lifted(service=Carrier.FUNDING, request=1) is False
    assert len(it.recorded) == known


def test_whoever_asks_neither_approves_nor_refuses_it() -> None:
    it = answered()
    refused("registry.erasure_needs_another", it.approve, by=SUPERVISOR, people=[CHILD])
    refused("registry.erasure_needs_another", it.refuse, ErasureRefusal.NO_GROUNDS, by=SUPERVISOR)
    assert it.state is ErasureState.REQUESTED


def test_an_approval_waits_for_every_service() -> None:
    it = asked()
    it.answer(service=Carrier.ALERTS, request=1, reasons=(), until=None)
    refusal = refused("registry.erasure_unanswered", it.approve, by=ADMINISTRATOR, people=[CHILD])
    assert refusal.facts == {"waiting": ["casework", "funding"]}


def test_what_stands_against_it_makes_it_a_restriction_that_can_become_an_erasure_later() -> None:
    it = approved(answered(alerts=("open_alert",)), alerts=("open_alert",))
    assert it.settle() is ErasureOutcome.RESTRICTED
    it.ask(person=CHILD, child=CHILD, people=[CHILD], grounds=ErasureGrounds.FAMILY_ASKED, by=SUPERVISOR)
    assert (it.request, it.state, it.answers) == (3, ErasureState.REQUESTED, {})
    for one in ASKED:
        it.answer(service=one, request=3, reasons=(), until=None)
    assert approved(it).settle() is ErasureOutcome.ERASED


def test_whoever_is_named_in_a_case_cannot_ask() -> None:
    it = answered(casework=("requester_named",))
    assert it.state is ErasureState.REFUSED
    refused("registry.erasure_not_waiting", it.approve, by=ADMINISTRATOR, people=[CHILD])


def test_who_was_erased_is_not_erased_again() -> None:
    it = approved()
    it.settle()
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
    approved(it).settle()
    it.carry_out(service=Carrier.ALERTS, request=2, erased=True)
    known = len(it.recorded)
    it.approve(by=ADMINISTRATOR, people=[CHILD])
    it.carry_out(service=Carrier.ALERTS, request=2, erased=True)
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
    decided = approved()
    decided.settle()
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
    assert approved(it, casework=("moon_phase",)).settle() is ErasureOutcome.RESTRICTED


def test_an_answer_to_an_earlier_request_says_nothing_about_the_present_one() -> None:
    it = asked()
    it.withdraw()
    it.ask(person=CHILD, child=CHILD, people=[CHILD], grounds=ErasureGrounds.FAMILY_ASKED, by=SUPERVISOR)
    it.answer(service=Carrier.ALERTS, request=1, reasons=(), until=None)
    assert it.answers == {}
