"""What stands in the clear in an entry: references, codes, numbers, days, and text about no person. Nothing else.

A field of bare text is the way by which a name, a telephone number or a note would slip into the log for good.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import pytest

from shared.kernel.messages import PURPOSES, Event, Person, PublicText, Ref, event, personal, sealed_fields
from tests.contract.owners import all_events, hints, members

CLEAR = (Person, Ref, PublicText, int, bool, date, type(None))


def not_clear(cls: type[Event]) -> dict[str, Any]:
    """The fields of an event that are not sealed and may not stand in the clear."""
    sealed = sealed_fields(cls)
    return {name: hint for name, hint in hints(cls).items() if name not in sealed and not is_clear(hint)}


def is_clear(hint: Any) -> bool:
    """Whether every value of a type may stand in the clear."""
    return all(_one_is_clear(one) for one in members(hint))


def _one_is_clear(one: Any) -> bool:
    if any(one is kind for kind in CLEAR):
        return True
    if typing.get_origin(one) is tuple:
        return all(inner is ... or is_clear(inner) for inner in typing.get_args(one))
    return isinstance(one, type) and issubclass(one, StrEnum)


@pytest.mark.parametrize("one", all_events(), ids=lambda one: one.type)
def test_an_event_holds_nothing_personal_in_the_clear(one: type[Event]) -> None:
    assert not_clear(one) == {}


@pytest.mark.parametrize("one", all_events(), ids=lambda one: one.type)
def test_a_sealed_field_says_whose_it_is_and_may_be_absent(one: type[Event]) -> None:
    service, found = one.type.partition(".")[0], hints(one)
    for name, (purpose, of) in sealed_fields(one).items():
        assert PURPOSES[purpose] == service, f"{name} is sealed for a purpose that another service keeps"
        assert Person in members(found[of]), f"{name} is of {of}, which names nobody"
        assert type(None) in members(found[name]), f"{name} cannot be erased"


@event("registry.bell_rung", version=1)
@dataclass(frozen=True, kw_only=True)
class BellRung(Event):
    """Everything that an event must not hold, beside a few things that it may."""

    bell: Ref
    rung_by: Person | None
    strokes: tuple[int, ...]
    note: str
    remarks: tuple[str, ...]
    at: datetime
    weight: float
    words: str | None = personal("identity", of="rung_by")


def test_bare_text_moments_and_fractions_are_found_wherever_they_hide() -> None:
    assert set(not_clear(BellRung)) == {"note", "remarks", "at", "weight"}
