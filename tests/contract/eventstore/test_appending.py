"""Appending and deciding: at the version that was read, once for each command, all or nothing; on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.eventstore import tables as t
from shared.eventstore.appending import ConcurrencyConflict
from shared.eventstore.store import Batch
from shared.kernel.ids import new_id
from shared.kernel.refusals import Changed, Refusal
from shared.ledger.canonical import canonical
from shared.testing.rooms import place_pending
from tests.contract.eventstore.conftest import NOW, order
from tests.contract.eventstore.lantern import Lantern, LanternLit, lanterns


def count(rooms, table=t.events) -> int:
    with rooms.database.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar()


def test_events_stand_in_their_stream_in_order(rooms, light) -> None:
    one = new_id(NOW)
    light(one, times=3)
    light(one)
    with rooms.database.read() as tx:
        found = rooms.base.store.stream(tx, f"casework.lantern-{one}")
    assert [r.stream_version for r in found] == [1, 2, 3, 4]


def test_an_append_at_another_version_than_the_present_is_refused_and_leaves_nothing(rooms, light) -> None:
    one = new_id(NOW)
    light(one)
    batch = Batch(
        stream=f"casework.lantern-{one}", expected=0, events=(LanternLit(lantern=one, child=one, brightness=1),)
    )
    with pytest.raises(ConcurrencyConflict), rooms.database.begin() as tx:
        rooms.base.store.append(tx, [batch], order().cause, b"x", batch.stream)
    assert count(rooms) == 1
    assert count(rooms, t.commands) == 1


def test_an_append_beyond_the_present_version_is_refused(rooms, light) -> None:
    one = new_id(NOW)
    light(one)
    batch = Batch(
        stream=f"casework.lantern-{one}", expected=5, events=(LanternLit(lantern=one, child=one, brightness=1),)
    )
    with pytest.raises(ConcurrencyConflict), rooms.database.begin() as tx:
        rooms.base.store.append(tx, [batch], order().cause, b"x", batch.stream)
    assert count(rooms) == 1


def test_a_repeated_command_is_answered_from_its_events(rooms, light) -> None:
    one, command = new_id(NOW), new_id(NOW)
    child = new_id(NOW)
    first = light(one, child, command_id=command, times=2)
    light(one)
    again = light(one, child, command_id=command, times=2)
    assert again.repeated
    assert (again.id, again.version, again.events) == (first.id, first.version, first.events)
    assert count(rooms) == 3


def test_a_command_id_with_other_content_is_refused(rooms, light) -> None:
    one, command = new_id(NOW), new_id(NOW)
    light(one, command_id=command, content={"a": 1})
    with pytest.raises(Refusal, match="command_id_reused"):
        light(one, command_id=command, content={"a": 2})


def test_another_actor_learns_nothing_of_a_command_id(rooms, light) -> None:
    one, command = new_id(NOW), new_id(NOW)
    light(one, command_id=command)
    assert not light(one, command_id=command, actor="staff-2").repeated


def test_a_refused_command_leaves_nothing_and_is_decided_anew(rooms, light) -> None:
    one, command = new_id(NOW), new_id(NOW)

    def refuse(work):
        it = work.find(Lantern, one)
        it.light(one)
        raise Refusal("casework.no")

    with pytest.raises(Refusal):
        rooms.base.desk.decide(order(command), refuse)
    assert [count(rooms, table) for table in (t.events, t.commands, t.pending, lanterns)] == [0, 0, 0, 0]
    assert not light(one, command_id=command).repeated


def test_several_streams_are_appended_all_or_nothing(rooms, light) -> None:
    full, empty = new_id(NOW), new_id(NOW)
    light(full, times=90)

    def both(work):
        one, other = work.find(Lantern, empty), work.find(Lantern, full)
        one.light(empty)
        for _ in range(20):
            other.light(empty)
        return one

    with pytest.raises(IntegrityError, match="casework_lanterns_few"):
        rooms.base.desk.decide(order(), both)
    assert count(rooms) == 90
    with rooms.database.read() as tx:
        assert rooms.base.store.stream(tx, f"casework.lantern-{empty}") == []


def test_concurrent_writers_of_one_stream_lose_nothing(rooms, light) -> None:
    one = new_id(NOW)
    light(one)
    barrier = threading.Barrier(4)

    def write(_: int) -> int:
        barrier.wait()
        done = 0
        while done < 5:
            try:
                light(one)
                done += 1
            except Changed:
                continue
        return done

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(write, range(4))) == 20
    with rooms.database.read() as tx:
        versions = [r.stream_version for r in rooms.base.store.stream(tx, f"casework.lantern-{one}")]
        assert versions == list(range(1, 22))
        assert tx.execute(select(lanterns.c.lit)).scalar() == 21


def test_the_same_command_from_many_threads_happens_once(rooms, light) -> None:
    one, command, child = new_id(NOW), new_id(NOW), new_id(NOW)
    barrier = threading.Barrier(6)

    def write(_: int):
        barrier.wait()
        return light(one, child, command_id=command)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(write, range(6)))
    assert sum(not a.repeated for a in answers) == 1
    assert len({(a.id, a.version) for a in answers}) == 1
    assert count(rooms) == 1


def test_a_change_since_the_client_looked_is_refused_by_name(rooms, light) -> None:
    one = new_id(NOW)
    light(one)
    light(one)
    with pytest.raises(Changed) as refused:
        light(one, expected=1)
    assert refused.value.facts["actual"] == 2
    assert light(one, expected=2).version == 3


@pytest.mark.parametrize(
    "table", ["events", "event_persons", "commands", "log_positions", "log_nodes", "log_checkpoints"]
)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_history_refuses_to_be_changed(rooms, light, table, change) -> None:
    one = new_id(NOW)
    light(one, times=3)
    place_pending(rooms)
    with rooms.database.begin() as tx:
        rooms.base.checkpoints.make(tx)
    column = {"events": "type", "event_persons": "person", "commands": "actor", "log_positions": "event_id"}.get(table)
    column = column or ("hash" if table == "log_nodes" else "note")
    before = count(rooms, t.events)
    with pytest.raises(DBAPIError), rooms.database.begin() as tx:
        tx.execute(text(change.format(table, column, column)))
    assert count(rooms, t.events) == before


def test_an_entry_is_stored_as_it_was_hashed_and_is_canonical(rooms, light) -> None:
    import msgspec

    from shared.ledger.merkle import leaf_hash

    light(new_id(NOW), words="夜里怕黑")
    place_pending(rooms)
    with rooms.database.read() as tx:
        (row,) = rooms.base.store.log(tx)
    assert row.leaf == leaf_hash(row.entry)
    assert canonical(msgspec.json.decode(row.entry)) == row.entry


def test_what_is_personal_is_never_in_an_entry_and_opens_for_its_service(rooms, light) -> None:
    one = new_id(NOW)
    light(one, words="夜里怕黑")
    with rooms.database.read() as tx:
        entry = bytes(tx.execute(select(t.events.c.entry)).scalar())
        (closed,) = rooms.base.store.stream(tx, f"casework.lantern-{one}")
        (opened,) = rooms.base.store.stream(tx, f"casework.lantern-{one}", opened=True)
    assert "怕黑" not in entry.decode()
    assert closed.event.words is None
    assert opened.event.words == "夜里怕黑"
