"""What registry says of erasing, restricting and reading together, as casework carries it out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.contracts import registry as r
from shared.hosting.erasing import redo_erasures
from shared.kernel.ids import derived_id
from shared.kernel.messages import Event, Person, Ref
from shared.vault.erasing import standing
from tests.integration.casework.house import CHILD, House, named

ERASURE, OPENING = Ref(named("erasure")), Ref(derived_id(CHILD, "registry.opening"))
WORDS = "两人才读得到的起因"
YEARS = 366 * 24 * 3600


def of(kind: type[Event], request: int = 2) -> Event:
    """What registry says of the child under one request."""
    made: Any = kind
    reasons = {"reasons": ("open_case",)} if kind is r.PersonRestricted else {}
    said: Event = made(erasure=ERASURE, request=request, child=Person(CHILD), people=(Person(CHILD),), **reasons)
    return said


def stands(house: House) -> str:
    with house.rooms.database.read() as tx:
        return standing(tx, CHILD)


def said(house: House) -> list[str]:
    """What casework has said of erasing so far."""
    return [one.partition(".")[2] for one in house.types() if "person_" in one or "erasure_" in one or "lifted" in one]


def opened(minutes: int = 30) -> r.OpeningApproved:
    return r.OpeningApproved(
        opening=OPENING,
        request=1,
        child=Person(CHILD),
        people=(Person(CHILD),),
        minutes=minutes,
        asked_by=Ref(named("director")),
        approved_by=Ref(named("counsellor")),
    )


def readings(house: House) -> int:
    return house.types().count("log.restricted_read")


@pytest.fixture
def case(house: House) -> str:
    """An open case with words, of a child that is restricted."""
    case = house.open(why=WORDS)
    house.react(of(r.PersonRestricted))
    return case


def test_what_came_up_after_the_last_answer_closes_the_child_instead_and_is_erased_once_it_is_over(
    house: House,
) -> None:
    case = house.open(why=WORDS)
    house.react(of(r.PersonErased), times=2)
    assert (stands(house), said(house)) == ("restricted", ["person_restricted"])
    house.ask("close_case", {"case": case, "reason": "goals_met"}, by="counsellor")
    house.react(of(r.PersonErased))
    assert stands(house) == "restricted", "the record of a case is kept for some years"
    house.clock.move(40 * YEARS)
    house.react(of(r.PersonErased), times=2)
    assert (stands(house), said(house)) == ("erased", ["person_restricted", "person_erased"])
    with house.rooms.database.begin() as tx:
        assert redo_erasures(tx, house.rooms.eraser) == 1


def test_nothing_against_it_is_erased_at_once_and_what_begins_later_undoes_nothing(house: House) -> None:
    house.react(of(r.PersonErased))
    house.alert()
    house.react(of(r.PersonErased))
    assert (stands(house), said(house)) == ("erased", ["person_erased"])


def test_the_second_question_is_answered_under_its_own_number(house: House) -> None:
    asked = {"erasure": ERASURE, "person": Person(CHILD), "child": Person(CHILD), "people": (Person(CHILD),)}
    house.react(r.ErasureRequested(request=1, **asked))
    house.open()
    house.react(r.ErasureSeconded(request=2, **asked))
    answers = [json.loads(one)["data"] for one in house.log() if "casework.erasure_weighed" in one]
    assert [(one["request"], one["reasons"]) for one in answers] == [(1, []), (2, ["open_case"])]


def test_two_read_the_words_of_a_case_while_it_is_open_for_them_and_each_reading_is_recorded(
    house: House, case: str
) -> None:
    assert house.case(case)["why"] is None
    house.react(opened())
    assert (house.case(case)["why"], house.case(case, by="counsellor")["why"]) == (WORDS, WORDS)
    assert readings(house) == 2
    assert house.case(case, by="supervisor")["why"] is None
    assert readings(house) == 2
    house.react(r.OpeningEnded(opening=OPENING, request=1, child=Person(CHILD), end="closed"))
    assert house.case(case)["why"] is None


def test_an_opening_ends_here_in_time_and_begins_no_more_when_it_is_heard_late(house: House, case: str) -> None:
    house.react(opened(5))
    assert house.case(case)["why"] == WORDS
    house.clock.move(300)
    assert house.case(case)["why"] is None


def test_a_restriction_that_is_lifted_opens_for_all_again_and_says_so_once(house: House, case: str) -> None:
    house.react(of(r.RestrictionLifted), times=2)
    assert (stands(house), said(house)) == ("normal", ["person_restricted", "restriction_lifted"])
    assert house.case(case)["why"] == WORDS
    with house.rooms.database.begin() as tx:
        assert redo_erasures(tx, house.rooms.eraser) == 0
