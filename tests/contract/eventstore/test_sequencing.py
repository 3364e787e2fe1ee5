"""The log: positions without gaps, in stream order, whoever writes and whoever falls; on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
from sqlalchemy import select

from shared.eventstore import tables as t
from shared.eventstore.appending import ConcurrencyConflict
from shared.eventstore.rows import Rows
from shared.eventstore.sequencer import Sequencer
from shared.eventstore.timers import Timer, TimerRunner, clear_timers_of, next_due, set_timer
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.ledger.merkle import root_of
from shared.testing.rooms import place_pending
from tests.contract.eventstore.conftest import NOW, order
from tests.contract.eventstore.lantern import Lantern
from tests.infrastructure.waiting import eventually


def log(rooms, **how):
    with rooms.database.read() as tx:
        return rooms.base.store.log(tx, limit=5000, **how)


def test_positions_have_no_gaps_after_rollbacks_and_races(rooms, light) -> None:
    streams = [new_id(NOW) for _ in range(3)]
    stop = threading.Event()
    sequencer = Sequencer(rooms.database, rooms.base.store.tree)

    def place() -> None:
        while not stop.is_set():
            sequencer.step()

    def write(worker: int) -> None:
        for turn in range(12):
            if turn % 4 == 3:
                _roll_back(rooms, light, streams[turn % 3])
            elif worker % 2:
                light(new_id(NOW), times=2)
            else:
                _persist(light, streams[turn % 3])

    placing = threading.Thread(target=place) if not rooms.database.is_sqlite else None
    if placing:
        placing.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
    finally:
        stop.set()
        if placing:
            placing.join()
    place_pending(rooms)
    rows = log(rooms)
    assert [row.position for row in rows] == list(range(len(rows)))
    seen: dict[str, int] = {}
    for row in rows:
        entry = msgspec.json.decode(row.entry)
        assert entry["stream_version"] == seen.get(entry["stream"], 0) + 1
        seen[entry["stream"]] = entry["stream_version"]
    with rooms.database.read() as tx:
        assert len(tx.execute(select(t.events.c.id)).all()) == len(rows)
        assert rooms.base.store.tree.root(tx) == root_of([row.leaf for row in rows])


def _roll_back(rooms, light, stream: str) -> None:
    """Append and roll back; a conflict on the way does as well."""
    try:
        with rooms.database.begin() as tx:
            light(stream, within=tx)
            raise Refusal("casework.roll_back")
    except (Refusal, ConcurrencyConflict):
        return


def _persist(light, stream: str) -> None:
    while True:
        try:
            light(stream)
            return
        except Refusal:
            continue


def test_reading_by_position_goes_on_where_it_stopped(rooms, light) -> None:
    light(new_id(NOW), times=7)
    place_pending(rooms)
    with rooms.database.read() as tx:
        first = rooms.base.store.log(tx, limit=4)
        rest = rooms.base.store.log(tx, after=first[-1].position, limit=4)
    assert [row.position for row in (*first, *rest)] == list(range(7))


def test_reading_by_person_finds_what_touches_them(rooms, light) -> None:
    child = new_id(NOW)
    light(new_id(NOW), child, times=2)
    light(new_id(NOW))
    light(new_id(NOW), child)
    with rooms.database.read() as tx:
        found = rooms.base.store.of_person(tx, child)
    assert len(found) == 3
    assert {r.event.child for r in found} == {child}


def test_only_one_sequencer_leads_and_a_standby_takes_over(rooms, light) -> None:
    if rooms.database.is_sqlite:
        light(new_id(NOW))
        assert len(log(rooms)) == 1, "one writer: the place is given in the appending transaction"
        return
    leader, standby = (Sequencer(rooms.database, rooms.base.store.tree) for _ in range(2))
    light(new_id(NOW), times=3)
    assert leader.step() == 3
    assert standby.step() == 0
    assert not standby.leads
    light(new_id(NOW), times=2)
    leader.resign()
    # The server takes the lock back when it has noticed that the leader's connection is gone.
    assert eventually(standby.step, what="the standby's lead") == 2
    assert [row.position for row in log(rooms)] == list(range(5))


def test_an_older_version_of_an_event_is_lifted_when_it_is_read(rooms) -> None:
    old = {"lantern": new_id(NOW), "child": new_id(NOW)}
    event = rooms.base.store.codec.event("casework.lantern_lit", 1, old)
    assert event.brightness == 1


class TestTimers:
    def timer(self, *, minutes: int = 30) -> Timer:
        return Timer(
            id=new_id(NOW), kind="wick", due_at=NOW + timedelta(minutes=minutes), subject=new_id(NOW), data={"n": 1}
        )

    def set(self, rooms, timer: Timer) -> None:
        with rooms.database.begin() as tx:
            rows = Rows(tx)
            set_timer(rows, timer)
            rows.write()

    def test_a_timer_waits_until_it_is_due_and_rings_once(self, rooms, clock) -> None:
        timer, rung = self.timer(), []
        self.set(rooms, timer)
        runner = TimerRunner(rooms.database, clock, {"wick": lambda _tx, one: rung.append(one)})
        assert runner.step() == 0
        clock.move(30 * 60)
        assert runner.step() == 1
        assert runner.step() == 0
        assert rung == [timer]

    def test_a_timer_whose_command_fails_stays_and_is_rung_again(self, rooms, clock) -> None:
        self.set(rooms, self.timer(minutes=0))
        calls = []

        def ring(_tx, _timer) -> None:
            calls.append(1)
            if len(calls) == 1:
                raise RuntimeError("the first time it fails")

        runner = TimerRunner(rooms.database, clock, {"wick": ring})
        assert [runner.step(), runner.step(), runner.step()] == [0, 1, 0]

    def test_the_effect_of_a_timer_and_its_end_commit_together(self, rooms, clock, light) -> None:
        self.set(rooms, self.timer(minutes=0))

        def ring(tx, timer) -> None:
            rooms.base.desk.decide(order(timer.command_id, within=tx), lambda work: _lit(work, timer.subject))
            raise RuntimeError("after the append")

        TimerRunner(rooms.database, clock, {"wick": ring}).step()
        with rooms.database.read() as tx:
            assert tx.execute(select(t.events.c.id)).all() == []
            assert next_due(tx) == NOW

    def test_many_runners_ring_once(self, rooms, clock, light) -> None:
        for _ in range(10):
            self.set(rooms, self.timer(minutes=0))

        def ring(tx, timer) -> None:
            rooms.base.desk.decide(order(timer.command_id, within=tx), lambda work: _lit(work, timer.subject))

        runners = [TimerRunner(rooms.database, clock, {"wick": ring}) for _ in range(3)]
        with ThreadPoolExecutor(3) as pool:
            assert sum(pool.map(lambda one: one.step(), runners)) == 10
        with rooms.database.read() as tx:
            assert len(tx.execute(select(t.events.c.id)).all()) == 10

    def test_a_timer_is_moved_and_taken_away_by_its_subject(self, rooms) -> None:
        timer = self.timer()
        self.set(rooms, timer)
        later = Timer(id=timer.id, kind="wick", due_at=NOW + timedelta(hours=2), subject=timer.subject, data={})
        self.set(rooms, later)
        with rooms.database.begin() as tx:
            assert next_due(tx) == NOW + timedelta(hours=2)
            rows = Rows(tx)
            clear_timers_of(rows, timer.subject)
            rows.write()
            assert next_due(tx) is None


def _lit(work, lantern_id: str) -> Lantern:
    it = work.find(Lantern, lantern_id)
    it.light(lantern_id)
    return it
