"""Views built anew from the log are the live ones, row by row, while writers are at work."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import MetaData, delete, insert, select, update

from shared.eventstore import tables as t
from shared.eventstore.projecting import Projector, takers
from shared.eventstore.rows import Rows
from shared.eventstore.timers import Timer, set_timer
from shared.hosting.rebuilding import Rebuilder, shown
from shared.kernel.ids import new_id
from shared.kernel.messages import Event
from shared.kernel.refusals import Refusal
from shared.testing.rooms import place_pending
from tests.contract.eventstore.conftest import NOW
from tests.contract.eventstore.lantern import LanternLit, LanternPutOut, lanterns


@pytest.fixture
def rebuilder(rooms: Any) -> Rebuilder:
    return Rebuilder(rooms.base, ())


def lit(rooms: Any) -> dict[str, int]:
    with rooms.database.read() as tx:
        return dict(tx.execute(select(lanterns.c.lantern, lanterns.c.lit)).all())


def found(rebuilder: Rebuilder, **how: Any) -> set[tuple[str, str]]:
    return {(one.only, one.key[0]) for one in rebuilder.rebuild(**how)}


def test_views_that_say_what_the_log_says_are_equal(rooms: Any, light: Any, rebuilder: Rebuilder) -> None:
    for lantern in (new_id(NOW) for _ in range(5)):
        light(lantern, times=3, words="夜里")
    place_pending(rooms)
    light(new_id(NOW))  # committed, and without a place yet
    assert rebuilder.rebuild() == []


@pytest.mark.parametrize(
    ("opens", "heard", "seen"),
    [
        (None, LanternLit, "夜里"),
        (("notes",), LanternLit, "夜里"),
        (("identity",), LanternLit, None),
        ((), LanternLit, None),
        (None, LanternPutOut, None),
    ],
)
def test_only_what_a_projector_takes_out_of_an_event_that_it_hears_is_opened_for_it(
    rooms: Any, light: Any, opens: tuple[str, ...] | None, heard: type[Event], seen: str | None
) -> None:
    light(new_id(NOW), words="夜里")
    place_pending(rooms)
    projector = Projector("casework.readers", MetaData(), opens=opens)
    projector.when(heard)(lambda _rows, _event, _recorded: None)
    store = rooms.base.store
    with rooms.database.read() as tx:
        (one,) = store.open(tx, store.log(tx), taken=takers([projector]))
    assert one.event.words == seen


def test_a_row_changed_removed_or_made_behind_the_log_is_named(rooms: Any, light: Any, rebuilder: Rebuilder) -> None:
    changed, removed, made = (new_id(NOW) for _ in range(3))
    for lantern in (changed, removed):
        light(lantern)
    with rooms.database.begin() as tx:
        tx.execute(update(lanterns).where(lanterns.c.lantern == changed).values(lit=7))
        tx.execute(delete(lanterns).where(lanterns.c.lantern == removed))
        tx.execute(insert(lanterns).values(lantern=made, lit=1))
    assert found(rebuilder) == {("live", changed), ("rebuilt", changed), ("rebuilt", removed), ("live", made)}
    assert lit(rooms)[changed] == 7, "a look changes nothing"


def test_a_switch_puts_the_rebuilt_rows_in_their_place(rooms: Any, light: Any, rebuilder: Rebuilder) -> None:
    lantern = new_id(NOW)
    light(lantern, times=2)
    with rooms.database.begin() as tx:
        tx.execute(update(lanterns).values(lit=7))
    assert found(rebuilder, switch=True) == {("live", lantern), ("rebuilt", lantern)}
    assert lit(rooms) == {lantern: 2}
    light(lantern)
    assert rebuilder.rebuild() == []


def test_a_timer_that_nothing_set_is_named_and_one_that_is_due_is_left_alone(
    rooms: Any, clock: Any, rebuilder: Rebuilder
) -> None:
    due, waits = (
        Timer(id=new_id(NOW), kind="wick", due_at=clock.now().replace(hour=hour), subject=new_id(NOW), data={})
        for hour in (7, 9)
    )
    with rooms.database.begin() as tx:
        rows = Rows(tx)
        set_timer(rows, due)
        set_timer(rows, waits)
        rows.write()
    assert found(rebuilder) == {("live", waits.id)}
    rebuilder.rebuild(switch=True)
    with rooms.database.read() as tx:
        assert tx.execute(select(t.timers.c.id)).scalars().all() == [due.id]


def test_writers_go_on_while_views_are_built_and_switched(rooms: Any, light: Any, rebuilder: Rebuilder) -> None:
    many = [new_id(NOW) for _ in range(50)]  # each can be lit 99 times
    for lantern in many:
        light(lantern, times=4)
    stop, written = threading.Event(), [0]

    def write() -> None:
        while not stop.is_set() and written[0] < 4000:
            light(many[written[0] % 50])
            written[0] += 1
            if rooms.database.is_sqlite or written[0] % 3 == 0:
                continue
            place_pending(rooms)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert [rebuilder.rebuild(switch=switch) for switch in (False, True, False)] == [[], [], []]
        assert written[0] > 0
    finally:
        stop.set()
        writer.join()
    assert sum(lit(rooms).values()) == 200 + written[0]
    assert rebuilder.rebuild() == []


def test_one_rebuild_at_a_time_and_what_came_of_it_can_be_seen(rooms: Any, light: Any, rebuilder: Rebuilder) -> None:
    light(new_id(NOW))
    begun = rebuilder.begin(switch=False, by="staff-1")
    rebuilder.wait()
    with rooms.database.begin() as tx:
        assert (shown(tx, begun) or {})["state"] == "equal"
        tx.execute(update(t.rebuilds).values(state="running"))
    with pytest.raises(Refusal) as refused:
        rebuilder.begin(switch=False, by="staff-1")
    assert (refused.value.code, refused.value.facts) == ("log.rebuild_running", {"id": begun})


def test_one_that_has_died_is_in_nobodys_way(rooms: Any, clock: Any, rebuilder: Rebuilder) -> None:
    first = rebuilder.begin(switch=False, by="staff-1")
    rebuilder.wait()
    with rooms.database.begin() as tx:
        tx.execute(update(t.rebuilds).values(state="running"))
    clock.move(121)
    second = rebuilder.begin(switch=False, by="staff-1")
    rebuilder.wait()
    with rooms.database.read() as tx:
        assert [(shown(tx, one) or {})["state"] for one in (first, second)] == ["failed", "equal"]
