"""Two people read together what registry has restricted: who, how long, and that each reading is recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from services.registry.domain.places import division_id
from shared.eventstore import tables as t
from shared.eventstore.timers import TimerRunner
from tests.integration.registry.house import COUNTY, OTHER_TOWNSHIP, House, Refused
from tests.integration.registry.test_erasing import erased

WHY = {"reason": "court_order", "minutes": 30}


@pytest.fixture
def child(house: House) -> str:
    """A child that is restricted with its card."""
    for name, role in (("supervisor", "supervisor"), ("leader", "duty_leader"), ("counsellor", "counsellor")):
        house.hire(name, role, division=division_id(COUNTY))
    child = house.child()
    erased(house, child, alerts=("open_alert",))
    return child


def opened(house: House, child: str, **why: Any) -> str:
    opening = str(house.ask("ask_to_open", {"child": child, **WHY, **why}, by="supervisor")["id"])
    house.ask("approve_opening", {"opening": opening})
    return opening


def names(house: House, child: str, by: str) -> list[str | None]:
    card = house.ask("contact_card", {"child": child}, by=by)
    return [card["name"], card["address"], *(one["name"] for one in card["contacts"])]


def readings(house: House) -> list[tuple[str, str]]:
    """Who read by an opening, and at which door."""
    with house.database.read() as tx:
        query = select(t.events.c.entry).where(t.events.c.type == "log.restricted_read").order_by(t.events.c.arrival)
        entries = [json.loads(bytes(one)) for one in tx.execute(query).scalars()]
    people = {person: name for name, (person, _) in house.staff.items()}
    return [(people[one["actor"]["id"]], one["data"]["door"]) for one in entries]


def ring(house: House) -> None:
    TimerRunner(house.database, house.clock, dict(house.rooms.ring)).step()


def test_the_two_read_what_is_restricted_and_nobody_else(house: House, child: str) -> None:
    closed = [None, None, None, None]
    whole = ["唐曦", "示范镇桥口村5组", "杜秀", "唐海"]
    assert names(house, child, "supervisor") == closed
    opened(house, child)
    assert names(house, child, "supervisor") == names(house, child, "admin") == whole
    assert names(house, child, "leader") == closed
    shown = house.ask("child", {"child": child})
    assert (shown["name"], shown["sex"], shown["born"], shown["age"]) == ("唐曦", "female", "2016-05-03", 10)
    assert house.ask("child_as_of", {"child": child})["state"]["name"] == "唐曦"


def test_nothing_is_read_before_the_second_person_says_so(house: House, child: str) -> None:
    opening = house.ask("ask_to_open", {"child": child, **WHY}, by="supervisor")["id"]
    assert names(house, child, "supervisor") == [None] * 4
    with pytest.raises(Refused, match="opening_needs_another"):
        house.ask("approve_opening", {"opening": house_asked_by_admin(house)})
    house.ask("refuse_opening", {"opening": opening})
    assert names(house, child, "supervisor") == [None] * 4


def house_asked_by_admin(house: House) -> str:
    other = house.child(name="欧阳清", identity_number=None, identity_missing="not_given")
    erased(house, other, alerts=("open_alert",))
    return str(house.ask("ask_to_open", {"child": other, **WHY})["id"])


def test_every_reading_is_recorded_and_none_where_nothing_is_open(house: House, child: str) -> None:
    names(house, child, "supervisor")
    assert readings(house) == []
    opened(house, child)
    for _ in range(2):
        names(house, child, "supervisor")
    house.ask("child", {"child": child})
    assert readings(house) == [
        ("supervisor", "contact_card"),
        ("supervisor", "contact_card"),
        ("admin", "child"),
    ]


def test_to_look_how_a_request_stands_is_no_reading(house: House, child: str) -> None:
    opening = opened(house, child)
    shown = house.ask("opening", {"opening": opening}, by="supervisor")
    assert (shown["state"], shown["minutes"], shown["asked_by_name"]) == ("open", 30, "职工supervisor")
    assert "唐曦" not in json.dumps(shown, ensure_ascii=False)
    assert readings(house) == []


def test_it_is_over_in_time_without_anybody_saying_so_and_the_timer_then_says_so(house: House, child: str) -> None:
    opening = opened(house, child)
    house.clock.move(29 * 60)
    ring(house)
    assert names(house, child, "supervisor")[0] == "唐曦"
    house.clock.move(60)
    assert names(house, child, "supervisor") == [None] * 4, "the end needs no timer"
    ring(house)
    assert house.ask("opening", {"opening": opening})["state"] == "expired"


def test_a_request_that_nobody_decides_about_lapses(house: House, child: str) -> None:
    opening = house.ask("ask_to_open", {"child": child, **WHY}, by="supervisor")["id"]
    house.clock.move(24 * 3600)
    ring(house)
    assert house.ask("opening", {"opening": opening})["state"] == "lapsed"
    with pytest.raises(Refused, match="opening_not_waiting"):
        house.ask("approve_opening", {"opening": opening})


def test_either_of_the_two_closes_it_before_its_time(house: House, child: str) -> None:
    opening = opened(house, child)
    house.ask("close_opening", {"opening": opening}, by="supervisor")
    assert names(house, child, "admin") == [None] * 4
    house.ask("ask_to_open", {"child": child, **WHY}, by="supervisor")


def test_an_opening_widens_nobodys_role(house: House, child: str) -> None:
    opening = house.ask("ask_to_open", {"child": child, **WHY}, by="counsellor")["id"]
    house.ask("approve_opening", {"opening": opening}, by="leader")
    assert names(house, child, "leader")[0] == "唐曦"
    with pytest.raises(Refused, match="denied"):
        house.ask("approve_opening", {"opening": opening}, by="counsellor")


def test_whoever_has_no_reach_neither_asks_nor_approves_nor_sees(house: House, child: str) -> None:
    house.hire("stranger", "supervisor", division=division_id(OTHER_TOWNSHIP))
    house.hire("chief", "duty_leader", division=division_id(OTHER_TOWNSHIP))
    with pytest.raises(Refused, match="denied"):
        house.ask("ask_to_open", {"child": child, **WHY}, by="stranger")
    opening = house.ask("ask_to_open", {"child": child, **WHY}, by="supervisor")["id"]
    with pytest.raises(Refused, match="denied"):
        house.ask("approve_opening", {"opening": opening}, by="chief")
    assert house.ask("openings", by="chief")["items"] == []
    assert [one["opening"] for one in house.ask("openings", {"state": "asked"}, by="leader")["items"]] == [opening]


@pytest.mark.parametrize("wrong", [{"minutes": 61}, {"minutes": 0}, {"minutes": "30"}, {"reason": "curious"}])
def test_what_is_no_request_is_refused_at_the_door(house: House, child: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="invalid"):
        house.ask("ask_to_open", {"child": child, **WHY, **wrong}, by="supervisor")


def test_who_is_not_restricted_needs_no_opening(house: House, child: str) -> None:
    other = house.child(name="欧阳清", identity_number=None, identity_missing="not_given")
    with pytest.raises(Refused, match="opening_not_needed"):
        house.ask("ask_to_open", {"child": other, **WHY}, by="supervisor")
