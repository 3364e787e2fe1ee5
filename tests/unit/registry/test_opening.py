"""What is restricted is read by two people together: one asks, another approves, and it ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.registry.domain.codes import OpeningReason, OpeningState
from services.registry.domain.opening import Opening, openings_id
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Refusal

CHILD, FATHER = derived_id("o", "child"), derived_id("o", "father")
SUPERVISOR, ADMINISTRATOR = derived_id("o", "supervisor"), derived_id("o", "administrator")
CLOSED = (CHILD, FATHER)


def asked(by: str = SUPERVISOR, it: Opening | None = None) -> Opening:
    it = it or Opening(openings_id(CHILD))
    it.ask(child=CHILD, closed=CLOSED, reason=OpeningReason.COURT_ORDER, minutes=30, by=by)
    return it


def opened() -> Opening:
    it = asked()
    it.approve(closed=CLOSED, by=ADMINISTRATOR)
    return it


def refused(code: str, act: Callable[..., Any], **named: object) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        act(**named)
    assert refusal.value.code == code
    return refusal.value


def test_a_second_person_approves_and_the_two_are_named() -> None:
    it = asked()
    assert it.approve(closed=CLOSED, by=ADMINISTRATOR) is True
    said: Any = it.recorded[-1]
    assert (said.asked_by, said.approved_by, said.people, said.minutes) == (SUPERVISOR, ADMINISTRATOR, CLOSED, 30)
    assert it.state is OpeningState.OPEN


def test_whoever_asks_neither_approves_nor_refuses() -> None:
    it = asked()
    refused("registry.opening_needs_another", it.approve, closed=CLOSED, by=SUPERVISOR)
    refused("registry.opening_needs_another", it.refuse, by=SUPERVISOR)
    assert it.state is OpeningState.ASKED


def test_only_what_is_restricted_is_opened() -> None:
    it = Opening(openings_id(CHILD))
    usual = {"child": CHILD, "reason": OpeningReason.AUDIT, "minutes": 5, "by": SUPERVISOR}
    refused("opening_not_needed", it.ask, closed=(), **usual)
    refused("opening_not_needed", asked().approve, closed=(), by=ADMINISTRATOR)


def test_one_is_asked_for_or_open_at_a_time() -> None:
    usual = {"child": CHILD, "closed": CLOSED, "reason": OpeningReason.AUDIT, "minutes": 5, "by": ADMINISTRATOR}
    refused("registry.opening_asked_already", asked().ask, **usual)
    refused("registry.opening_open_already", opened().ask, **usual)


def test_what_is_over_can_be_asked_for_anew() -> None:
    it = opened()
    it.close()
    asked(ADMINISTRATOR, it)
    assert (it.request, it.state, it.approved_by) == (2, OpeningState.ASKED, None)


def test_a_request_is_refused_by_another_and_withdrawn_by_who_asked() -> None:
    it = asked()
    it.refuse(by=ADMINISTRATOR)
    assert it.state is OpeningState.REFUSED
    it = asked()
    refused("registry.opening_not_yours", it.withdraw, by=ADMINISTRATOR)
    it.withdraw(by=SUPERVISOR)
    assert it.state is OpeningState.WITHDRAWN
    refused("registry.opening_not_waiting", it.approve, closed=CLOSED, by=ADMINISTRATOR)


def test_only_what_is_open_is_closed() -> None:
    assert refused("registry.opening_not_open", asked().close).facts == {"state": "asked"}


def test_time_ends_what_is_open_and_what_nobody_decided_about() -> None:
    it = opened()
    it.expire(request=1)
    assert it.state is OpeningState.EXPIRED
    it = asked()
    it.expire(request=1)
    assert it.state is OpeningState.LAPSED


def test_the_time_of_an_earlier_request_says_nothing_about_the_present_one() -> None:
    it = opened()
    it.close()
    asked(it=it)
    it.expire(request=1)
    assert it.state is OpeningState.ASKED


def test_each_repeated_changes_nothing() -> None:
    it = asked(it=asked())
    it.approve(closed=CLOSED, by=ADMINISTRATOR)
    assert it.approve(closed=CLOSED, by=ADMINISTRATOR) is False
    it.close()
    known = len(it.recorded)
    it.close()
    it.expire(request=1)
    assert (known, len(it.recorded)) == (3, 3)
    for act, named in (("refuse", {"by": ADMINISTRATOR}), ("withdraw", {"by": SUPERVISOR})):
        it = asked()
        getattr(it, act)(**named)
        getattr(it, act)(**named)
        assert len(it.recorded) == 2
