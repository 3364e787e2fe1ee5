"""A neighbour says what this reader does not understand: it is parked, and the rest goes on. On both databases."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from shared.ledger.merkle import leaf_hash
from shared.messaging.tables import parked

STRANGE = {
    "a later version": {"version": 2},
    "a version before the first": {"version": 0},
    "no version": {"version": None},
    "a version that is no number": {"version": "1"},
    "fields of another shape": {"data": {"beacon": 7}},
    "no fields": {"data": None},
    "no time": {"time": "yesterday"},
    "parts that are named wrongly": {"sealed": [{"part": "child.identity"}]},
    "parts that are no list of parts": {"sealed": ["child.identity"]},
    "another commitment": {"sealed": "commitment"},
}


def changed(message, position: int, facts) -> dict:
    """A range in which one event says something else. It stays sound in itself: only its last leaf is vouched for."""
    one = message["events"][position]
    entry = json.loads(one["entry"])
    if facts.get("sealed") == "commitment":
        facts = {"sealed": [reference | {"commitment": "0" * 64} for reference in entry["sealed"]]}
    one["entry"] = json.dumps({key: value for key, value in (entry | facts).items() if value is not None})
    if position == len(message["events"]) - 1:
        message["after"] = leaf_hash(one["entry"].encode()).hex()
    return message


def where(reader) -> list[tuple[str, int]]:
    with reader.database.read() as tx:
        return [tuple(row) for row in tx.execute(select(parked.c.projector, parked.c.position))]


@pytest.mark.parametrize("facts", STRANGE.values(), ids=STRANGE)
def test_an_event_that_is_not_understood_is_parked_and_the_rest_goes_on(source, reader, facts) -> None:
    reader.born_with_the_deployment()
    source.light(3)
    follower = reader.follower(source)
    assert follower.receive(changed(source.message(-1), 1, facts)) == "applied"
    assert reader.seen() == reader.reacted() == [0, 2]
    assert sorted(where(reader)) == [("alerts.counter", 1), ("alerts.diary", 1), ("alerts.reactions", 1)]
    assert follower.stopped is None


def test_an_event_of_a_type_that_nobody_hears_passes_by(source, reader) -> None:
    reader.born_with_the_deployment()
    source.light(3)
    follower = reader.follower(source)
    message = changed(source.message(-1), 1, {"type": "registry.beacon_painted", "version": 4})
    assert follower.receive(message) == "applied"
    assert reader.seen() == reader.reacted() == [0, 2]
    assert where(reader) == []


@pytest.mark.parametrize("facts", [{"stream": None}, {"persons": "all"}, {"id": "x" * 400}, {"type": "t" * 400}])
def test_what_is_no_entry_at_all_is_asked_of_the_source(source, reader, facts) -> None:
    reader.born_with_the_deployment()
    source.light(3)
    follower = reader.follower(source)
    assert follower.receive(changed(source.message(-1), 1, facts)) == "gap"
    follower.idle_check()
    assert reader.seen() == reader.reacted() == [0, 1, 2]
