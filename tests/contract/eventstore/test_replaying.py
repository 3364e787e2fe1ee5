"""The log read ahead in stretches: every entry once and in order, whatever it is read with; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from shared.eventstore.codec import UnknownEvent
from shared.eventstore.entries import list_of
from shared.eventstore.replaying import Stretch, stretches
from shared.eventstore.tables import pending
from shared.kernel.ids import new_id
from shared.ledger.canonical import canonical, parse
from shared.storage.database import Database
from shared.storage.rows import rows_at_once
from shared.testing.rooms import place_pending
from tests.contract.eventstore.conftest import NOW
from tests.contract.eventstore.lantern import LanternLit


@pytest.fixture(params=["its own", "psycopg 3"])
def database(request, rooms) -> Iterator[Database]:
    """The database as services reach it, and as those do that only read; on SQLite both are the same driver."""
    url = rooms.database.url
    if request.param == "psycopg 3" and not rooms.database.is_sqlite:
        url = url.set(drivername="postgresql+psycopg")
    made = Database(url.render_as_string(hide_password=False))
    yield made
    made.dispose()


def replayed(rooms: Any, database: Database, **how: Any) -> list[Any]:
    return [
        one for some in stretches(database, **how) for one in rooms.base.store.recorded(database.read, some.written)
    ]


def test_stretches_hold_every_entry_in_order_opened(rooms, light, database) -> None:
    for number in range(7):
        light(new_id(NOW), times=3, words=f"心愿 {number}")
    place_pending(rooms)
    with rooms.database.read() as tx:
        rows = rooms.base.store.log(tx)
        opened = rooms.base.store.open(tx, rows)
    for limit in (1, 4, 20, 21, 22):
        found = replayed(rooms, database, limit=limit)
        assert [one.id for one in found] == [row.id for row in rows]
        assert [one.event for one in found] == [one.event for one in opened]
        assert [one.cause for one in found] == [one.cause for one in opened]
    assert {one.event.words for one in found} == {f"心愿 {number}" for number in range(7)}
    assert [one.id for one in replayed(rooms, database, after=18)] == [row.id for row in rows[19:]]


def test_a_stretch_says_how_far_it_reaches(rooms, light, database) -> None:
    light(new_id(NOW), times=5)
    place_pending(rooms)
    assert [(one.last, one.events, one.size) for one in stretches(database, limit=2)] == [
        (1, 2, 5),
        (3, 2, 5),
        (4, 1, 5),
    ]
    assert list(stretches(database, after=4)) == []


def test_what_is_sequenced_meanwhile_comes_along(rooms, light, database) -> None:
    light(new_id(NOW), times=40)
    place_pending(rooms)
    reading: Iterator[Stretch] = stretches(database, limit=1)
    found = [next(reading).last]
    light(new_id(NOW), times=3)
    place_pending(rooms)
    found += [one.last for one in reading]
    assert found == list(range(43))


def test_who_has_read_enough_leaves_nothing_behind(rooms, light, database) -> None:
    light(new_id(NOW), times=20)
    place_pending(rooms)
    for _ in range(3):
        reading = stretches(database, limit=1)
        assert next(reading).last == 0
        reading.close()  # type: ignore[attr-defined]
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert [one.last for one in stretches(database)] == [19]


def test_who_was_slow_to_commit_stands_in_its_place(rooms, light, database) -> None:
    if rooms.database.is_sqlite:
        pytest.skip("one transaction writes at a time, and places its events itself")
    light(new_id(NOW), times=9)
    with rooms.database.begin() as tx:
        arrivals = list(tx.execute(select(pending.c.arrival).order_by(pending.c.arrival)).scalars())
        slow = [arrivals[one] for one in (0, 4, 5)]
        tx.execute(delete(pending).where(pending.c.arrival.in_(slow)))
    place_pending(rooms)
    with rooms.database.begin() as tx:
        tx.execute(insert(pending), [{"arrival": one} for one in slow])
    light(new_id(NOW), times=4)
    place_pending(rooms)
    with rooms.database.read() as tx:
        ids = [row.id for row in rooms.base.store.log(tx)]
    for limit in (1, 2, 3, 6, 13, 500):
        assert [one.id for one in replayed(rooms, database, limit=limit)] == ids


def test_what_goes_wrong_in_the_database_is_raised_where_the_log_is_read(rooms, light, database) -> None:
    light(new_id(NOW), times=2)
    place_pending(rooms)
    with pytest.raises(DBAPIError), database.read() as tx:
        rows_at_once(tx, "SELECT nothing FROM nowhere WHERE position > $1", 1)
    assert [one.last for one in stretches(database)] == [1]


@pytest.mark.parametrize("words", ["心愿", None], ids=["sealed", "clear"])
def test_entries_of_old_versions_are_lifted_among_those_of_today(rooms, light, words: str | None) -> None:
    light(new_id(NOW), times=3, words=words)
    place_pending(rooms)
    with rooms.database.read() as tx:
        entries = [row.entry for row in rooms.base.store.log(tx)]
    old = parse(entries[1])
    del old["data"]["brightness"]
    entries[1] = canonical(old | {"version": 1})
    found = rooms.base.store.recorded(rooms.database.read, list_of(entries))
    assert [type(one.event) for one in found] == [LanternLit] * 3
    assert [one.event.words for one in found] == [words] * 3
    assert [one.stream_version for one in found] == [1, 2, 3]
    assert found[1].cause == found[0].cause
    for changed in ({"version": 3}, {"type": "casework.lantern_sold"}):
        entries[1] = canonical(old | changed)
        with pytest.raises(UnknownEvent):
            rooms.base.store.recorded(rooms.database.read, list_of(entries))
