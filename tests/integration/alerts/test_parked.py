"""Parked events behind a service's doors: seen by administrators and auditors, settled by administrators, on record."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from shared.eventstore import tables as t
from shared.kernel.ids import new_id
from shared.messaging.letters import Letter
from shared.messaging.parking import park
from shared.messaging.ranges import Carried
from tests.integration.alerts.house import COUNTY, House, Refused

SETTLE = {"source": "registry", "projector": "alerts.cards", "reason": "overtaken"}


@pytest.fixture
def house(house: House) -> House:
    house.hire("auditor", "auditor", division=COUNTY)
    return house


def parked(house: House, position: int) -> None:
    entry = {
        "id": new_id(house.clock.now()),
        "stream": f"registry.child-{new_id(house.clock.now())}",
        "type": "registry.child_registered",
        "persons": [new_id(house.clock.now())],
        "sealed": [],
    }
    letter = Letter.read(Carried(position=position, entry=json.dumps(entry), parts={}), "e")
    with house.rooms.database.begin() as tx:
        park(tx, "registry", "alerts.cards", letter, "KeyError at services.alerts.views:7", house.clock.now())


def recorded(house: House) -> list[dict[str, Any]]:
    with house.rooms.database.read() as tx:
        found = select(t.events.c.entry).where(t.events.c.type == "log.parked_dropped").order_by(t.events.c.arrival)
        return [json.loads(bytes(one)) for one in tx.execute(found).scalars()]


@pytest.mark.parametrize("by", ["admin", "auditor"])
def test_what_is_parked_is_listed_page_by_page_without_its_content_or_people(house: House, by: str) -> None:
    for position in range(3):
        parked(house, position)
        house.clock.move(1)
    first = house.ask("parked", {"limit": 2}, by=by)
    rest = house.ask("parked", {"limit": 2, "after": first["next"]}, by=by)
    assert [one["position"] for one in first["items"] + rest["items"]] == [0, 1, 2]
    assert rest["next"] is None
    assert set(first["items"][0]) == {
        "service", "source", "projector", "position", "type", "stream", "event_id", "since", "error", "attempts"
    }  # fmt: skip


def test_a_drop_is_an_event_of_the_services_own_log_with_who_and_why(house: House) -> None:
    parked(house, 7)
    house.ask("parked_drop", SETTLE | {"position": 7}, by="admin")
    [entry] = recorded(house)
    assert (entry["actor"]["id"], entry["actor"]["role"]) == house.staff["admin"]
    assert (entry["data"]["position"], entry["data"]["reason"]) == (7, "overtaken")
    assert entry["stream"].startswith("alerts.parked-")
    assert house.ask("parked", by="admin")["items"] == []


def test_the_same_command_again_is_answered_and_drops_nothing_else(house: House) -> None:
    parked(house, 7)
    command = new_id(house.clock.now())
    for _ in range(2):
        house.ask("parked_drop", SETTLE | {"position": 7}, by="admin", command_id=command)
    assert len(recorded(house)) == 1


def test_what_is_not_parked_cannot_be_dropped_and_leaves_nothing_behind(house: House) -> None:
    with pytest.raises(Refused, match="not_found"):
        house.ask("parked_drop", SETTLE | {"position": 8}, by="admin")
    assert recorded(house) == []


def test_a_drop_needs_one_of_the_reasons(house: House) -> None:
    parked(house, 7)
    with pytest.raises(Refused, match="invalid"):
        house.ask("parked_drop", SETTLE | {"position": 7, "reason": "no time"}, by="admin")
    assert len(house.ask("parked", by="admin")["items"]) == 1


@pytest.mark.parametrize(
    ("door", "by"), [("parked", "teacher"), ("parked_drop", "auditor"), ("parked_retry", "officer")]
)
def test_nobody_else_sees_or_settles(house: House, door: str, by: str) -> None:
    with pytest.raises(Refused, match="denied"):
        house.ask(door, SETTLE | {"position": 7} if door == "parked_drop" else {}, by=by)
