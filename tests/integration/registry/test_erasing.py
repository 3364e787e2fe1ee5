"""Registry erases a person: views, what is held of rosters, what was parked; and does it again after a restore."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from services.registry.domain import commands as c
from services.registry.domain.codes import Carrier
from services.registry.domain.places import division_id
from services.registry.handlers.importing.holding import Kind
from services.registry.views import tables as t
from shared.access.permissions import Permission
from shared.access.principals import by_system
from shared.hosting.erasing import redo_erasures
from shared.kernel.ids import new_id
from shared.messaging.tables import parked
from shared.vault.erasing import standing
from tests.integration.registry.house import COUNTY, House, Refused, roster, row


@pytest.fixture(autouse=True)
def supervisor(house: House) -> None:
    house.hire("supervisor", "supervisor", division=division_id(COUNTY))


def erased(house: House, person: str, **reasons: tuple[str, ...]) -> str:
    """The supervisor asks, the neighbours answer, the administrator approves."""
    asked = {"person": person, "grounds": "family_asked"}
    erasure = str(house.ask("request_erasure", asked, by="supervisor")["id"])
    for one in (Carrier.ALERTS, Carrier.CASEWORK, Carrier.FUNDING):
        answer = c.NoteAnswer(erasure=erasure, request=1, service=one, reasons=reasons.get(one, ()), until=None)
        call = by_system(
            "registry", answer, Permission.ERASURE_PERFORM, name="answer", command_id=new_id(house.clock.now())
        )
        house.clock.move(0.001)
        house.rooms.handlers.note_answer(call)
    house.ask("approve_erasure", {"erasure": erasure})
    return erasure


def stored(house: House, child: str) -> Any:
    with house.database.read() as tx:
        return tx.execute(select(t.children).where(t.children.c.child == child)).one()


def test_the_view_keeps_the_place_and_loses_the_person(house: House) -> None:
    child = house.child()
    erased(house, child)
    row = stored(house, child)
    assert (row.name, row.name_key, row.sort_key, row.sex, row.born, row.present) == (None,) * 5 + (False,)
    assert row.village is not None
    with house.database.read() as tx:
        for table in (t.name_keys, t.identity_marks):
            assert tx.execute(select(table).where(table.c.child == child)).all() == []
        assert standing(tx, child) == "erased"


def test_one_person_of_the_card_goes_and_the_child_stays(house: House) -> None:
    child = house.child()
    contact = house.ask("contact_card", {"child": child})["contacts"][0]["contact"]
    erased(house, contact)
    card = house.ask("contact_card", {"child": child})
    assert card["name"] is not None
    assert next((one["name"] is None, one["erased"]) for one in card["contacts"]) == (True, True)
    with pytest.raises(Refused, match="already_erased"):
        house.ask("request_erasure", {"person": contact, "grounds": "unlawful"}, by="supervisor")


def test_a_stranger_is_not_found(house: House) -> None:
    with pytest.raises(Refused, match="not_found"):
        house.ask("request_erasure", {"person": new_id(house.clock.now()), "grounds": "unlawful"}, by="supervisor")


def test_after_a_restore_every_erasure_on_record_is_done_again(house: House) -> None:
    child, other = house.child(), house.child(name="欧阳清", identity_number=None, identity_missing="not_given")
    erased(house, child)
    known = house.events()
    with house.database.begin() as tx:  # as an older copy of the views would have it
        tx.execute(update(t.children).where(t.children.c.child == child).values(name="唐曦"))
    for _ in range(2):
        with house.database.begin() as tx:
            assert redo_erasures(tx, house.rooms.eraser) > 0
    assert (stored(house, child).name, stored(house, other).name, house.events()) == (None, "欧阳清", known)


def test_a_restriction_is_done_again_and_never_over_an_erasure(house: House) -> None:
    child = house.child()
    erased(house, child, alerts=("open_alert",))
    with house.database.begin() as tx:
        assert redo_erasures(tx, house.rooms.eraser) > 0
        assert standing(tx, child) == "restricted"
    assert stored(house, child).name is None


def test_parked_events_lose_the_parts_of_who_is_erased_and_keep_the_others(house: House) -> None:
    child, other = house.child(), new_id(house.clock.now())
    entry = {"sealed": [{"part": "child.notes", "person": child}, {"part": "by.notes", "person": other}]}
    row = {"projector": "p", "source": "alerts", "position": 1, "event_id": other, "stream": "s", "type": "a.b"}
    row |= {"persons": [child, other], "entry": json.dumps(entry), "error": "e", "attempts": 1}
    parts = {"child.notes": ["YQ==", "Yg=="], "by.notes": ["YQ==", "Yg=="]}
    with house.database.begin() as tx:
        tx.execute(insert(parked).values(**row, parts=parts, since=house.clock.now()))
    erased(house, child)
    with house.database.read() as tx:
        assert tx.execute(select(parked.c.parts)).scalar_one() == {"by.notes": ["YQ==", "Yg=="]}


def test_a_file_that_waits_is_destroyed_with_an_erasure(house: House) -> None:
    child = house.child()
    upload = house.ask("upload_roster", {"content": "AAAA"})["upload"]
    erased(house, child)
    with house.database.read() as tx:
        assert house.rooms.handlers.holding.numbers(tx, upload, Kind.FILE) == []


def test_rows_of_who_is_erased_are_only_counted_from_then_on(house: House) -> None:
    content = roster(*(row(number) for number in range(40)))
    begun = house.start(content)
    done = house.ask("import_chunk", {"roster": begun["id"]})
    assert done["state"] == "running"
    first = next(one for one in house.results(begun["id"]) if one["child"])
    waiting = rows_waiting(house, begun["id"])
    erased(house, first["child"])
    assert first["name"] not in [one["name"] for one in house.results(begun["id"])]
    assert rows_waiting(house, begun["id"]) == waiting, "the rows of others wait as they did"
    assert house.ask("import_chunk", {"roster": begun["id"]})["state"] == "finished"


def rows_waiting(house: House, roster_id: str) -> list[bytes | None]:
    with house.database.read() as tx:
        holding = house.rooms.handlers.holding
        numbers = holding.numbers(tx, roster_id, Kind.ROWS)
        return [holding.get(tx, roster_id, Kind.ROWS, number) for number in numbers]
