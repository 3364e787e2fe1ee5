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
from shared.eventstore.timers import TimerRunner
from shared.hosting.erasing import redo_erasures
from shared.hosting.rebuilding import Rebuilder
from shared.kernel.ids import new_id, stream_of
from shared.messaging.tables import parked
from shared.vault.erasing import standing
from tests.integration.registry.house import COUNTY, House, Refused, roster, row


@pytest.fixture(autouse=True)
def supervisor(house: House) -> None:
    house.hire("supervisor", "supervisor", division=division_id(COUNTY))


def erased(house: House, person: str, **reasons: tuple[str, ...]) -> str:
    """The supervisor asks, the neighbours answer, the administrator approves, the neighbours answer again."""
    asked = {"person": person, "grounds": "family_asked"}
    erasure = str(house.ask("request_erasure", asked, by="supervisor")["id"])
    weighed(house, erasure, 1, reasons)
    house.ask("approve_erasure", {"erasure": erasure})
    weighed(house, erasure, 2, reasons)
    return erasure


def weighed(house: House, erasure: str, request: int, reasons: dict[str, tuple[str, ...]]) -> None:
    """Each neighbour says what stands against it."""
    for one in (Carrier.ALERTS, Carrier.CASEWORK, Carrier.FUNDING):
        told = {"erasure": erasure, "request": request, "service": one}
        answer = c.NoteAnswer(**told, reasons=reasons.get(one, ()), until=None)  # type: ignore[arg-type]
        house.rooms.handlers.note_answer(heard(house, answer))


def heard(house: House, said: Any) -> Any:
    """What a neighbour says, as a reaction brings it."""
    house.clock.move(0.001)
    command_id = new_id(house.clock.now())
    return by_system("registry", said, Permission.ERASURE_PERFORM, name="heard", command_id=command_id)


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


def test_what_comes_up_between_asking_and_approving_is_weighed(house: House) -> None:
    child = house.child()
    erasure = str(house.ask("request_erasure", {"person": child, "grounds": "family_asked"}, by="supervisor")["id"])
    weighed(house, erasure, 1, {})
    house.ask("approve_erasure", {"erasure": erasure})
    assert stored(house, child).name is not None, "nothing is done before it is weighed again"
    shown = house.ask("erasure", {"erasure": erasure})
    assert (shown["state"], shown["waiting"]) == ("seconded", ["alerts", "casework", "funding"])
    weighed(house, erasure, 2, {"casework": ("open_case",)})
    shown = house.ask("erasure", {"erasure": erasure})
    assert (shown["state"], shown["decided_by_name"], shown["closed"]) == ("restricted", "职工admin", True)
    with house.database.read() as tx:
        assert standing(tx, child) == "restricted"


def test_a_service_that_postponed_an_erasure_is_asked_to_look_again_until_it_is_done(house: House) -> None:
    child = house.child()
    erasure = erased(house, child)
    done = {"erasure": erasure, "request": 2}

    def carried(service: Carrier, *, erased: bool) -> None:
        said = c.NoteCarriedOut(**done, service=service, erased=erased)  # type: ignore[arg-type]
        house.rooms.handlers.note_carried_out(heard(house, said))

    carried(Carrier.ALERTS, erased=True)
    carried(Carrier.FUNDING, erased=True)
    carried(Carrier.CASEWORK, erased=False)
    shown = house.ask("erasure", {"erasure": erasure})
    assert (shown["state"], shown["waiting"], shown["postponed"]) == ("erased", ["casework"], ["casework"])
    runner = TimerRunner(house.database, house.clock, dict(house.rooms.ring))
    for seconds in (3600, 7 * 24 * 3600):
        told = times_told(house, child)
        assert runner.step() == 0
        house.clock.move(seconds)
        assert runner.step() == 1
        assert times_told(house, child) == told + 1
    carried(Carrier.CASEWORK, erased=True)
    house.clock.move(8 * 24 * 3600)
    assert runner.step() == 0
    assert house.ask("erasure", {"erasure": erasure})["waiting"] == []


def times_told(house: House, child: str) -> int:
    with house.database.read() as tx:
        told = house.rooms.base.store.stream(tx, stream_of("registry", "child", child))
    return sum(one.event.type == "registry.person_erased" for one in told)


def lifted(house: House, erasure: str) -> None:
    """The supervisor asks, the administrator approves, and each neighbour says that it has done it."""
    house.ask("ask_to_lift", {"erasure": erasure, "reason": "care_needed"}, by="supervisor")
    house.ask("approve_lifting", {"erasure": erasure})
    for one in (Carrier.ALERTS, Carrier.CASEWORK, Carrier.FUNDING):
        said = c.NoteLifted(erasure=erasure, request=2, service=one)
        house.rooms.handlers.note_lifted(heard(house, said))


def test_a_lifted_restriction_fills_the_views_again_from_the_log(house: House) -> None:
    child = house.child()
    before, card = stored(house, child), house.ask("contact_card", {"child": child})
    erasure = erased(house, child, alerts=("open_alert",))
    assert stored(house, child).name is None
    lifted(house, erasure)
    after = stored(house, child)
    assert after == before
    assert house.ask("contact_card", {"child": child})["contacts"] == card["contacts"]
    found = house.ask("search_children", {"query": "唐曦"})["items"]
    assert [one["child"] for one in found] == [child]
    shown = house.ask("erasure", {"erasure": erasure})
    assert (shown["state"], shown["closed"], shown["waiting"]) == ("lifted", False, [])
    house.ask("correct_child", {"child": child, "name": "唐熹"})


def test_views_that_were_filled_again_are_those_of_a_rebuild(house: House) -> None:
    child = house.child(contacts=[], arrangement="alone", carer=None)
    lifted(house, erased(house, child, alerts=("open_alert",)))
    assert Rebuilder(house.rooms.base, ()).rebuild() == []


def test_whoever_asks_to_lift_a_restriction_does_not_approve_it(house: House) -> None:
    child = house.child()
    erasure = erased(house, child, alerts=("open_alert",))
    house.ask("ask_to_lift", {"erasure": erasure, "reason": "care_needed"})
    with pytest.raises(Refused, match="lifting_needs_another"):
        house.ask("approve_lifting", {"erasure": erasure})
    with pytest.raises(Refused, match="denied"):
        house.ask("approve_lifting", {"erasure": erasure}, by="supervisor")
    house.ask("withdraw_lifting", {"erasure": erasure})
    assert stored(house, child).name is None


def test_what_another_request_keeps_closed_stays_closed(house: House) -> None:
    child = house.child()
    grandmother = house.ask("contact_card", {"child": child})["contacts"][0]["contact"]
    erased(house, grandmother, alerts=("open_alert",))
    lifted(house, erased(house, child, alerts=("open_alert",)))
    card = house.ask("contact_card", {"child": child})
    assert [card["name"], *(one["name"] for one in card["contacts"])] == ["唐曦", None, "唐海"]


def test_a_number_that_another_child_has_got_meanwhile_stops_the_lifting(house: House) -> None:
    child = house.child()
    erasure = erased(house, child, alerts=("open_alert",))
    other = house.child(name="唐晰")
    house.ask("ask_to_lift", {"erasure": erasure, "reason": "care_needed"}, by="supervisor")
    with pytest.raises(Refused, match="identity_number_taken") as refused:
        house.ask("approve_lifting", {"erasure": erasure})
    assert refused.value.facts == {"child": other}
    with house.database.read() as tx:
        assert standing(tx, child) == "restricted"


def test_a_restriction_that_was_lifted_is_not_done_again_after_a_restore(house: House) -> None:
    child = house.child()
    lifted(house, erased(house, child, alerts=("open_alert",)))
    with house.database.begin() as tx:
        assert redo_erasures(tx, house.rooms.eraser) == 0
        assert standing(tx, child) == "normal"
