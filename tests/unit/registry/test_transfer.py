"""A child moves to another township when both sides have signed; until then the first side answers."""

from __future__ import annotations

from typing import Any

import pytest

from services.registry.domain.authority_codes import TransferState
from services.registry.domain.transfer import Transfer, transfers_id
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Refusal

CHILD, HERE, THERE = derived_id("t", "child"), derived_id("t", "here"), derived_id("t", "there")
SENDER, RECEIVER, TEACHER = (derived_id("t", one) for one in ("sender", "receiver", "teacher"))


def signed(it: Transfer | None = None, **changed: Any) -> Transfer:
    it = it or Transfer(transfers_id(CHILD))
    said = {"child": CHILD, "origin": HERE, "village": THERE, "same_township": False, "by": SENDER}
    it.sign(**said | changed)  # type: ignore[arg-type]
    return it


def refused(code: str, act: Any, *given: Any, **named: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        act(*given, **named)
    assert refusal.value.code == code


def test_the_second_signature_says_who_answers_from_then_on() -> None:
    it = signed()
    assert it.accept(staff=TEACHER, by=RECEIVER) is True
    said: Any = it.recorded[-1]
    assert (said.origin, said.village, said.staff, said.by) == (HERE, THERE, TEACHER, RECEIVER)
    assert it.state is TransferState.DONE


def test_nobody_transfers_to_themselves() -> None:
    refused("registry.transfer_to_oneself", signed().accept, staff=TEACHER, by=SENDER)


def test_within_a_township_a_move_is_enough() -> None:
    refused("registry.transfer_within_township", signed, same_township=True)


def test_one_waits_at_a_time() -> None:
    refused("registry.transfer_signed_already", signed(signed()).sign, **SAID | {"village": HERE})


def test_it_is_refused_by_one_side_and_withdrawn_by_the_other_and_then_signed_anew() -> None:
    for act, state in (("refuse", TransferState.REFUSED), ("withdraw", TransferState.WITHDRAWN)):
        it = signed()
        getattr(it, act)()
        assert it.state is state
        refused("registry.transfer_not_waiting", it.accept, staff=TEACHER, by=RECEIVER)
        assert signed(it).request == 2


def test_nothing_waits_before_anybody_signed() -> None:
    for act in ("refuse", "withdraw"):
        refused("registry.transfer_not_waiting", getattr(Transfer(transfers_id(CHILD)), act))


def test_each_repeated_changes_nothing() -> None:
    it = signed(signed())
    it.accept(staff=TEACHER, by=RECEIVER)
    assert it.accept(staff=TEACHER, by=RECEIVER) is False
    assert len(it.recorded) == 2


SAID: dict[str, Any] = {"child": CHILD, "origin": HERE, "village": THERE, "same_township": False, "by": SENDER}
