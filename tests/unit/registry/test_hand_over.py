"""A list of children passes from one person to another when both have signed it, and not before."""

from __future__ import annotations

from typing import Any

import pytest

from services.registry.domain.authority_codes import HandOverKind, HandOverSide, HandOverState
from services.registry.domain.hand_over import MOST, HandOver
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Refusal

GIVER, RECEIVER, HEAD, STRANGER = (derived_id("h", one) for one in ("giver", "receiver", "head", "stranger"))
KLASS = derived_id("h", "class")
CHILDREN = sorted(derived_id("h", f"child {number}") for number in range(3))


def listed(**changed: Any) -> HandOver:
    it = HandOver(derived_id("h", "list"))
    said: dict[str, Any] = {
        "giver": GIVER,
        "receiver": RECEIVER,
        "children": CHILDREN,
        "outside": 0,
        "by": HEAD,
        "klass": KLASS,
    }
    it.draw_up(changed.pop("kind", HandOverKind.CLASS), **said | changed)
    return it


def refused(code: str, act: Any, *given: Any, **named: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        act(*given, **named)
    assert refusal.value.code == code
    return refusal.value


def test_a_list_names_whose_children_they_were_and_whose_they_will_be() -> None:
    it = listed()
    said: Any = it.recorded[-1]
    assert (said.giver, said.receiver, list(said.children), said.klass) == (GIVER, RECEIVER, CHILDREN, KLASS)
    assert it.both_signed is False


def test_nobody_hands_over_to_themselves() -> None:
    refused("registry.hand_over_to_oneself", listed, receiver=GIVER)


def test_nobody_hands_over_to_someone_outside_the_area() -> None:
    assert refused("registry.hand_over_outside_area", listed, outside=2).facts == {"children": 2}


def test_a_class_without_children_of_the_giver_is_no_list_but_a_departure_is_one() -> None:
    refused("registry.hand_over_empty", listed, children=[])
    assert listed(kind=HandOverKind.DEPARTURE, children=[], klass=None).exists


def test_a_list_is_no_longer_than_one_transaction_carries() -> None:
    refused("registry.hand_over_too_long", listed, children=[derived_id("n", str(n)) for n in range(MOST + 1)])


def test_both_sign_in_any_order() -> None:
    for first, second in ((GIVER, RECEIVER), (RECEIVER, GIVER)):
        it = listed()
        it.sign(by=first, in_place=False)
        assert it.both_signed is False
        it.sign(by=second, in_place=False)
        assert it.both_signed is True


def test_somebody_signs_in_the_place_of_a_giver_who_no_longer_can_and_never_for_the_receiver() -> None:
    it = listed()
    it.sign(by=HEAD, in_place=True)
    assert it.signed == {HandOverSide.IN_PLACE: HEAD}
    assert it.both_signed is False
    it.sign(by=RECEIVER, in_place=False)
    assert it.both_signed is True


def test_nobody_else_signs() -> None:
    refused("registry.hand_over_not_yours", listed().sign, by=STRANGER, in_place=False)


def test_what_is_done_or_withdrawn_is_signed_no_more() -> None:
    it = listed()
    it.withdraw()
    assert refused("registry.hand_over_not_open", it.sign, by=GIVER, in_place=False).facts == {"state": "withdrawn"}
    it = listed()
    it.carry_out(CHILDREN)
    assert it.state is HandOverState.DONE
    refused("registry.hand_over_not_open", it.withdraw)


def test_each_repeated_changes_nothing() -> None:
    it = listed()
    it.draw_up(HandOverKind.CLASS, giver=GIVER, receiver=RECEIVER, children=CHILDREN, outside=0, by=HEAD, klass=KLASS)
    it.sign(by=GIVER, in_place=False)
    it.sign(by=GIVER, in_place=False)
    assert len(it.recorded) == 2
    it.withdraw()
    it.withdraw()
    assert len(it.recorded) == 3
