"""What a service publishes is what it records: same name, same version, same privacy, types that a reader can take."""

from __future__ import annotations

import re
import typing
from enum import StrEnum
from typing import Any

import pytest

from shared.contracts import LANGUAGE
from shared.kernel.messages import PURPOSES, Event, Person, Ref, person_fields, sealed_fields
from tests.contract.owners import EVERYWHERE, SERVICES, all_events, events_of, hints, landed, members

PUBLISHED = [(name, one) for name in landed() for one in LANGUAGE[name].events]
NAME = re.compile(r"[a-z]+\.[a-z0-9]+(_[a-z0-9]+)+")
# Words that end a stored type beside those in -ed: the past of irregular verbs.
PAST = re.compile(r"(?:ed|done|found|left|sent|read|paid|held|given|begun|set|met|lost|told|taken|withdrawn|rung)$")


def named(case: tuple[str, type[Event]]) -> str:
    return case[1].type


def fits(published: Any, recorded: Any) -> bool:
    """Whether a reader who expects the one type can take every value of the other."""
    return all(any(_one_fits(here, there) for here in members(published)) for there in members(recorded))


def _one_fits(published: Any, recorded: Any) -> bool:
    if published is recorded:
        return True
    if published is str:  # a code: plain text to the reader, a closed list to its owner
        return isinstance(recorded, type) and issubclass(recorded, StrEnum)
    if typing.get_origin(published) is tuple and typing.get_origin(recorded) is tuple:
        here, there = typing.get_args(published), typing.get_args(recorded)
        return len(here) == len(there) and all(a is b or fits(a, b) for a, b in zip(here, there, strict=True))
    return False


def test_every_service_of_the_house_records_events() -> None:
    with_doors = [
        name for name in LANGUAGE if any((SERVICES / name / room).exists() for room in ("service.py", "service"))
    ]
    assert [name for name in with_doors if not events_of(name)] == []


@pytest.mark.parametrize("case", PUBLISHED, ids=named)
def test_a_published_event_is_recorded_by_its_owner_in_the_same_version(case: tuple[str, type[Event]]) -> None:
    service, published = case
    recorded = {one.type: one.schema_version for one in events_of(service)}
    assert recorded.get(published.type) == published.schema_version


@pytest.mark.parametrize("case", PUBLISHED, ids=named)
def test_a_published_field_is_recorded_with_a_type_that_its_readers_can_take(case: tuple[str, type[Event]]) -> None:
    service, published = case
    recorded = hints({one.type: one for one in events_of(service)}[published.type])
    unfit = {
        name: (hint, recorded.get(name))
        for name, hint in hints(published).items()
        if name not in recorded or not fits(hint, recorded[name])
    }
    assert unfit == {}


@pytest.mark.parametrize("case", PUBLISHED, ids=named)
def test_what_is_sealed_for_the_owner_is_sealed_for_the_readers(case: tuple[str, type[Event]]) -> None:
    service, published = case
    owner = {one.type: one for one in events_of(service)}[published.type]
    shared = hints(published)
    of_the_owner = {name: how for name, how in sealed_fields(owner).items() if name in shared}
    assert sealed_fields(published) == of_the_owner
    assert person_fields(published) == tuple(name for name in person_fields(owner) if name in shared)


@pytest.mark.parametrize("service", landed())
def test_a_reader_is_promised_no_purpose_that_the_owner_does_not_keep(service: str) -> None:
    promised = frozenset().union(*LANGUAGE[service].readers.values())
    assert {purpose for purpose in promised if PURPOSES[purpose] != service} == set()
    assert "notes" not in promised, "notes are never shared"


@pytest.mark.parametrize("event", all_events(), ids=lambda one: one.type)
def test_a_stored_type_is_the_owners_name_and_what_happened(event: type[Event]) -> None:
    assert NAME.fullmatch(event.type), event.type
    owner = EVERYWHERE if event in events_of(EVERYWHERE) else event.__module__.split(".")[1]
    assert event.type.partition(".")[0] == owner
    assert PAST.search(event.type), f"{event.type} is no past tense that the list knows"
    assert isinstance(event.schema_version, int)
    assert event.schema_version >= 1
    assert event.__name__ == "".join(word.capitalize() for word in event.type.partition(".")[2].split("_"))


def test_no_two_events_share_a_stored_type() -> None:
    kinds = [one.type for one in all_events()]
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize(
    ("published", "recorded", "fit"),
    [
        (str, str, True),
        (str, Ref, False),
        (Ref, Person, False),
        (Ref | None, Ref, True),
        (Ref, Ref | None, False),
        (tuple[str, ...], tuple[str, ...], True),
        (tuple[Ref, ...], tuple[Person, ...], False),
        (int, str, False),
    ],
)
def test_a_reader_takes_what_it_was_promised_and_nothing_else(published: Any, recorded: Any, fit: bool) -> None:
    assert fits(published, recorded) is fit
