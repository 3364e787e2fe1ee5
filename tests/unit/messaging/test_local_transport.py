from __future__ import annotations

import threading

from shared.messaging.ranges import Head, Range
from shared.messaging.transport.local import MOST_WAITING, LocalTransport
from shared.messaging.transport.patience import Patience, given

QUICK = Patience(first=0.001, longest=0.002, attempts=3, rest=0.001)


def a_range(position: int, reader: str = "alerts") -> Range:
    return Range(
        source="registry",
        reader=reader,
        origin="o",
        epoch="e",
        first=position,
        last=position,
        before="ab" * 32 if position else "",
        after="ab" * 32,
        size=position + 1,
        events=[],
    )


def head(size: int, source: str = "registry") -> Head:
    return Head(source=source, origin="o", epoch="e", size=size, leaf="")


def test_ranges_reach_their_reader_in_order_and_nobody_else() -> None:
    transport = LocalTransport(patience=QUICK)
    got: list[int] = []
    done = threading.Event()

    def receive(message) -> None:
        got.append(message["from"])
        if len(got) == 100:
            done.set()

    consumer = transport.consumer("registry", "alerts", receive)
    consumer.start()
    transport.publish([a_range(position, reader) for position in range(100) for reader in ("alerts", "funding")])
    assert done.wait(5)
    consumer.stop()
    assert got == list(range(100))


def test_a_range_that_is_not_received_is_given_again_and_again() -> None:
    transport = LocalTransport(patience=QUICK)
    tries: list[int] = []
    done = threading.Event()

    def receive(_message) -> None:
        tries.append(1)
        if len(tries) <= QUICK.attempts * 2:
            raise ConnectionError
        done.set()

    consumer = transport.consumer("registry", "alerts", receive)
    consumer.start()
    transport.publish([a_range(0)])
    assert done.wait(5)
    consumer.stop()


def test_what_nobody_takes_is_bounded() -> None:
    transport = LocalTransport(patience=QUICK)
    transport.consumer("registry", "alerts", print)
    transport.publish([a_range(position) for position in range(MOST_WAITING * 2)])
    box, _ = transport.box(("registry", "alerts"))
    assert len(box) == MOST_WAITING


def test_who_is_not_there_is_not_waited_for() -> None:
    transport = LocalTransport(patience=QUICK)
    transport.publish([a_range(0)])
    assert not transport.keeps


def test_the_newest_head_is_heard_and_a_listener_that_raises_hears_the_next_one() -> None:
    transport = LocalTransport(patience=QUICK)
    sizes: list[int] = []
    last = threading.Event()

    def heard(message) -> None:
        sizes.append(message["size"])
        if message["size"] == 49:
            last.set()
        raise ValueError

    stop = transport.listen_heads(heard, ["registry"])
    transport.announce(head(999, "casework"))
    for size in range(50):
        transport.announce(head(size))
    assert last.wait(5)
    stop()
    transport.announce(head(50))
    assert sizes == sorted(sizes)
    assert 50 not in sizes
    assert 999 not in sizes


def test_a_consumer_that_is_told_to_stop_keeps_nothing_waiting() -> None:
    transport = LocalTransport(patience=Patience(rest=60))
    entered = threading.Event()

    def receive(_message) -> None:
        entered.set()
        raise ConnectionError

    consumer = transport.consumer("registry", "alerts", receive)
    consumer.start()
    transport.publish([a_range(0)])
    assert entered.wait(5)
    consumer.stop()
    assert consumer.state == "stopped"


def test_patience_is_bounded_and_ends_when_told() -> None:
    tries: list[int] = []

    def receive(_message) -> None:
        tries.append(1)
        raise ConnectionError

    assert given(receive, {}, QUICK, lambda _seconds: True) is False
    assert len(tries) == QUICK.attempts
    assert given(receive, {}, QUICK, lambda _seconds: False) is False
    assert len(tries) == QUICK.attempts + 1
