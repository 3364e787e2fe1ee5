"""What the transport does to ranges changes nothing in effect: over both transports, on both databases."""

from __future__ import annotations

import random

import pytest

from tests.contract.messaging.beacon import BeaconInspected
from tests.contract.messaging.village import CrashesAfterConfirm, Unreliable, at_work
from tests.infrastructure.waiting import eventually


def told(relay) -> None:
    while relay.step():
        pass


def heard_all(reader, relay, count: int) -> None:
    """Wait until the diary has so many lines; the relay goes on announcing meanwhile."""

    def there() -> bool:
        relay.step()
        return len(reader.seen()) >= count and len(reader.reacted()) >= count

    eventually(there, within=20, what=f"{count} events")


def test_each_event_is_applied_once_and_in_order(source, reader, transport) -> None:
    reader.born_with_the_deployment()
    relay = source.relay(transport, limit=3)
    with at_work(reader.follower(source), transport):
        made = source.light(10)
        heard_all(reader, relay, 10)
    assert reader.seen() == reader.reacted() == list(range(10))
    assert reader.times() == {one.beacon: 1 for one in made}
    assert [name for name, _ in reader.names()] == [one.name for one in made]


def _lost(ranges):
    return ranges[1::2]


def _repeated(ranges):
    return [again for one in ranges for again in (one, one)] + ranges


def _reordered(ranges):
    return random.Random(7).sample(ranges, len(ranges))


@pytest.mark.parametrize("way", [_lost, _repeated, _reordered])
def test_what_is_lost_repeated_or_reordered_on_the_way_is_applied_once_and_in_order(
    source, reader, transport, way
) -> None:
    reader.born_with_the_deployment()
    source.light(15)
    relay = source.relay(Unreliable(transport, way), limit=1)
    with at_work(reader.follower(source), transport):
        told(relay)
        heard_all(reader, relay, 15)
    assert reader.seen() == reader.reacted() == list(range(15))
    assert set(reader.times().values()) == {1}


def test_the_head_wakes_a_follower_that_lost_the_last_range(source, reader, transport) -> None:
    reader.born_with_the_deployment()
    source.light(4)
    relay = source.relay(Unreliable(transport, lambda ranges: []))
    with at_work(reader.follower(source), transport):
        told(relay)
        heard_all(reader, relay, 4)
    assert reader.seen() == [0, 1, 2, 3]


def test_a_reader_that_was_away_hears_what_it_missed(source, reader, transport) -> None:
    reader.born_with_the_deployment()
    relay = source.relay(transport)
    source.light(3)
    told(relay)
    with at_work(reader.follower(source), transport):
        heard_all(reader, relay, 3)
    source.light(3)
    told(relay)
    with at_work(reader.follower(source), transport):
        heard_all(reader, relay, 6)
    assert reader.seen() == reader.reacted() == list(range(6))


def test_a_crash_between_confirm_and_position_repeats_and_changes_nothing(source, reader, transport) -> None:
    reader.born_with_the_deployment()
    source.light(5)
    crashing = CrashesAfterConfirm(transport)
    with pytest.raises(SystemExit):
        source.relay(crashing, limit=2).step()
    source.light(3)
    relay = source.relay(crashing, limit=5)
    with at_work(reader.follower(source), transport):
        told(relay)
        heard_all(reader, relay, 8)
    assert reader.seen() == reader.reacted() == list(range(8))
    assert set(reader.times().values()) == {1}


def test_a_crash_between_effect_and_acknowledgement_changes_nothing(source, reader, transport) -> None:
    reader.born_with_the_deployment()
    follower = reader.follower(source)
    outcomes = []

    def forgets_to_acknowledge_once(message):
        outcomes.append(follower.receive(message))
        if len(outcomes) == 1:
            raise ConnectionError("died before it could say so")

    consumer = transport.consumer("registry", "alerts", forgets_to_acknowledge_once)
    consumer.start()
    source.light(6)
    told(source.relay(transport, limit=2))
    eventually(lambda: len(outcomes) == 4, what="three ranges and a repetition")
    consumer.stop()
    assert outcomes == ["applied", "duplicate", "applied", "applied"]
    assert reader.seen() == reader.reacted() == list(range(6))


def test_a_private_event_stays_home_and_a_reader_gets_only_the_parts_it_may_open(source, transport) -> None:
    [one] = source.light(1)
    source.record(BeaconInspected(beacon=one.beacon))
    got = {"alerts": [], "funding": []}
    consumers = [transport.consumer("registry", name, got[name].append) for name in got]
    for consumer in consumers:
        consumer.start()
    told(source.relay(transport))
    eventually(lambda: all(got.values()), what="a range for each reader")
    for consumer in consumers:
        consumer.stop()
    for messages in got.values():
        assert [(one["from"], one["to"]) for one in messages] == [(0, 1)]
        assert [each["position"] for each in messages[0]["events"]] == [0]
        assert "inspected" not in str(messages)
    assert list(got["alerts"][0]["events"][0]["parts"]) == ["child.identity"]
    assert got["funding"][0]["events"][0]["parts"] == {}
