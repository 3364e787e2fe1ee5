"""What the relay publishes, and what it remembers of it, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from shared.eventstore import tables as t
from shared.kernel.ids import new_id
from shared.messaging.ranges import MOST_BYTES, NotAReader
from shared.messaging.tables import relay_positions
from shared.messaging.telling import range_for
from shared.messaging.transport import TransportDown, Unconfirmed
from tests.contract.messaging import beacon as b
from tests.contract.messaging.test_follower import Hands
from tests.contract.messaging.village import Tape


@pytest.fixture
def tape() -> Tape:
    return Tape()


def spans(tape: Tape, reader: str = "alerts") -> list[tuple[int, int]]:
    return [(one.first, one.last) for one in tape.to(reader)]


def told(source) -> dict[str, int]:
    with source.database.read() as tx:
        rows = tx.execute(select(relay_positions.c.reader, relay_positions.c.position))
        return dict(tuple(row) for row in rows)


def test_every_reader_is_told_everything_in_the_order_of_the_log(source, tape) -> None:
    source.light(7)
    relay = source.relay(tape, limit=3)
    assert relay.step() == 6
    assert relay.step() == 0
    assert spans(tape) == spans(tape, "funding") == [(0, 2), (3, 5), (6, 6)]
    positions = [event.position for one in tape.to("alerts") for event in one.events]
    assert positions == list(range(7))
    assert told(source) == {"alerts": 6, "funding": 6}
    assert relay.behind() == {"alerts": 0, "funding": 0}


def test_a_range_says_what_it_follows_and_what_it_ends_with(source, tape) -> None:
    source.light(4)
    source.relay(tape, limit=2).step()
    first, second = tape.to("alerts")
    with source.database.read() as tx:
        leaves = [row.leaf.hex() for row in source.store.log(tx)]
    assert (first.before, first.after) == ("", leaves[1])
    assert (second.before, second.after) == (leaves[1], leaves[3])
    assert {one.size for one in (first, second)} == {4}
    assert {one.origin for one in (first, second)} == {"county.example/registry"}


def test_a_published_event_is_the_entry_itself_byte_for_byte(source, tape) -> None:
    source.light(2)
    source.relay(tape).step()
    with source.database.read() as tx:
        entries = [row.entry for row in source.store.log(tx)]
    assert [event.entry.encode() for event in tape.to("alerts")[0].events] == entries


def test_one_step_publishes_a_bounded_lot(source, tape) -> None:
    source.light(9)
    relay = source.relay(tape, limit=2, most_ranges=2)
    assert relay.step() == 4
    assert spans(tape) == [(0, 1), (2, 3)]


def test_the_size_of_a_range_in_bytes_is_bounded_but_a_large_event_still_goes(source, tape) -> None:
    source.light(3, name="n" * (MOST_BYTES // 2))
    source.relay(tape).step()
    assert spans(tape) == [(0, 0), (1, 1), (2, 2)]
    assert spans(tape, "funding") == [(0, 2)]


def test_private_positions_are_covered_by_ranges_without_events(source, tape) -> None:
    [one] = source.light(1)
    relay = source.relay(tape)
    relay.step()
    source.record(b.BeaconInspected(beacon=one.beacon), b.BeaconInspected(beacon=one.beacon))
    relay.step()
    assert spans(tape) == [(0, 0), (1, 2)]
    assert tape.to("alerts")[1].events == []


def test_nothing_moves_before_the_broker_has_confirmed(source, tape) -> None:
    source.light(2)
    relay = source.relay(tape)
    tape.down = True
    with pytest.raises(TransportDown):
        relay.step()
    assert told(source) == {}
    tape.down = False
    assert relay.step() == 2
    assert spans(tape) == [(0, 1)]


def test_a_reader_whose_queue_takes_nothing_does_not_hold_up_the_others(source) -> None:
    class OneQueueIsDead(Tape):
        tries = 0

        def publish(self, ranges):
            if ranges[0].reader == "alerts":
                self.tries += 1
                raise Unconfirmed
            super().publish(ranges)

    tape, hands = OneQueueIsDead(), Hands()
    relay = source.relay(tape, monotonic=hands)
    for _ in range(20):
        source.light(1)
        relay.step()
        hands.at += 1
    assert spans(tape, "funding") == [(position, position) for position in range(20)]
    assert told(source) == {"funding": 19}
    assert relay.behind() == {"alerts": 20, "funding": 0}
    assert tape.tries == 3
    assert [one.size for one in tape.heads] == list(range(1, 21))


def test_the_head_is_announced_even_where_nothing_can_be_published(source) -> None:
    class NothingGoes(Tape):
        def publish(self, ranges):
            raise TransportDown

    tape = NothingGoes()
    source.light(2)
    with pytest.raises(TransportDown):
        source.relay(tape).step()
    assert [one.size for one in tape.heads] == [2]


def test_a_relay_begun_anew_goes_on_where_the_last_one_was(source, tape) -> None:
    source.light(2)
    source.relay(tape).step()
    source.light(1)
    source.relay(tape).step()
    assert spans(tape) == [(0, 1), (2, 2)]


def test_two_relays_at_once_repeat_and_never_go_back(source) -> None:
    one, two = Tape(), Tape()
    source.light(2)
    first, second = source.relay(one), source.relay(two)
    first.step()
    source.light(2)

    class Meanwhile(Tape):
        def publish(self, ranges):
            super().publish(ranges)
            second.step()
            source.light(1)
            second.step()

    slow = Meanwhile()
    source.relay(slow).step()
    assert spans(slow) == [(2, 3)]
    assert spans(two) == [(2, 3), (4, 4)]
    assert told(source)["alerts"] == 4


def test_the_head_is_announced_after_each_batch_and_each_second(source, tape) -> None:
    hands = Hands()
    relay = source.relay(tape, monotonic=hands)
    relay.step()
    relay.step()
    assert [one.size for one in tape.heads] == [0]
    source.light(2)
    relay.step()
    hands.at += 0.9
    relay.step()
    assert [one.size for one in tape.heads] == [0, 2]
    hands.at += 0.2
    relay.step()
    assert [one.size for one in tape.heads] == [0, 2, 2]
    assert tape.heads[0].leaf == ""
    assert tape.heads[1].leaf == tape.to("alerts")[0].after
    assert len({one.epoch for one in tape.heads}) == 1


def test_the_head_goes_before_the_ranges_so_that_no_page_waits_for_a_reader(source) -> None:
    class Ordered(Tape):
        seen = ()

        def announce(self, head):
            super().announce(head)
            self.seen += (("head", head.size),)

        def publish(self, ranges):
            super().publish(ranges)
            self.seen += ((ranges[0].reader, ranges[-1].size),)

    tape = Ordered()
    source.light(2)
    source.relay(tape).step()
    assert tape.seen == (("head", 2), ("alerts", 2), ("funding", 2))


def test_while_the_head_stands_still_nobodys_place_is_looked_up(source, tape) -> None:
    relay = source.relay(tape)
    source.light(1)
    assert (relay.step(), relay.step()) == (2, 0)
    asked: list[str] = []
    tell = relay._tell
    relay._tell = lambda reader: asked.append(reader) or tell(reader)
    assert relay.step() == 0
    assert asked == []
    source.light(1)
    assert relay.step() == 2


def test_a_head_that_is_not_announced_stops_nothing(source, tape) -> None:
    relay = source.relay(tape)
    tape.down = True
    assert relay.step() == 0
    tape.down = False
    source.light(1)
    assert relay.step() == 2


def test_a_log_has_its_epoch_from_birth(source, tape) -> None:
    with source.database.read() as tx:
        [(number, epoch, size)] = tx.execute(select(t.epochs.c.number, t.epochs.c.epoch, t.epochs.c.size)).all()
    source.relay(tape).step()
    source.relay(tape).step()
    assert (number, size) == (1, 0)
    assert {one.epoch for one in tape.heads} == {epoch}


def test_after_a_restore_it_goes_on_in_the_new_epoch(source, tape) -> None:
    source.light(2)
    source.relay(tape).step()
    now = source.clock.now()
    with source.database.begin() as tx:
        tx.execute(insert(t.epochs).values(number=2, epoch=new_id(now), time=now, size=2, root=b"0" * 32))
    source.light(1)
    relay = source.relay(tape)
    assert relay.step() == 2
    assert relay.step() == 0
    first, second = tape.to("alerts")
    assert (first.last, second.first) == (1, 2)
    assert first.epoch != second.epoch


def test_who_is_no_reader_is_told_nothing(source) -> None:
    source.light(1)
    with source.database.read() as tx, pytest.raises(NotAReader):
        range_for(tx, source.store, source.vault, "registry", "casework", -1, 10, language=b.LANGUAGE)
