"""A new view of old history: it starts from zero, catches up while others write, and ends equal. On both transports."""

from __future__ import annotations

import threading

from shared.eventstore.sequencer import take
from shared.eventstore.store import Batch
from shared.kernel.ids import new_id, stream_of
from shared.kernel.messages import Actor, Cause, Person, Ref
from tests.contract.messaging import beacon as b
from tests.contract.messaging.village import at_work
from tests.infrastructure.waiting import eventually

HISTORY = 2_000
AT_ONCE = 200
LIVE = 40


def with_history(source, count: int) -> None:
    """Beacons lit long ago, many in a transaction: a county's history in the time of a test."""
    for _ in range(count // AT_ONCE):
        now = source.clock.now()
        command = new_id(now)
        cause = Cause(actor=Actor(id="staff-1", role="teacher"), command_id=command, correlation=command)
        made = [
            b.BeaconLit(beacon=Ref(new_id(now)), child=Person(new_id(now)), name=f"n{n}", phone="139")
            for n in range(AT_ONCE)
        ]
        batches = [Batch(stream=stream_of("registry", "beacon", one.beacon), expected=0, events=[one]) for one in made]
        with source.database.begin() as tx:
            source.store.append(tx, batches, cause, b"digest", batches[0].stream)
        with source.database.begin() as tx:
            take(tx, source.store.tree)


def test_a_new_view_catches_up_from_zero_while_others_write(source, reader, transport) -> None:
    diary, counter = b.views(lambda name, one: reader.before(name, one))
    with_history(source, HISTORY)
    before = reader.follower(source, projectors=[diary], reactor=None)
    before.catch_up()
    assert reader.seen() == list(range(HISTORY))

    relay = source.relay(transport)
    writing = threading.Thread(target=lambda: [source.light(1) for _ in range(LIVE)])
    with at_work(reader.follower(source, projectors=[diary, counter]), transport):
        writing.start()

        def equal() -> bool:
            relay.step()
            return len(reader.seen()) >= HISTORY + LIVE and len(reader.times()) >= HISTORY + LIVE

        eventually(equal, within=60, what="the new view to end where the old one does")
        writing.join()
    assert reader.seen() == list(range(HISTORY + LIVE))
    assert set(reader.times().values()) == {1}


def test_a_range_is_opened_with_as_many_questions_as_one_event(source, reader, database_of) -> None:
    asked: list[int] = []
    opening = reader.vault.open_carried

    def counted(tx, sealed, stored):
        asked.append(len(sealed))
        return opening(tx, sealed, stored)

    reader.vault.open_carried = counted
    source.light(30)
    reader.follower(source, reactor=None).catch_up()
    assert asked == [30]
    assert [name for name, _ in reader.names()] == [f"n{n}" for n in range(30)]
