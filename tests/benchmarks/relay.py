"""The relay: what is sequenced reaches a quorum queue, confirmed. The floor publishes each event alone, windowed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import amqp
from sqlalchemy import text

from shared.contracts import Published
from shared.messaging.relay import Relay
from shared.messaging.topology import Topology
from shared.messaging.transport.amqp import AmqpTransport
from tests.benchmarks.figures import RUNS, Figure, Target, in_turn, rate
from tests.benchmarks.ground import Ground
from tests.contract.messaging import beacon as b
from tests.infrastructure.broker import connect, new_run, remove_namespace
from tests.infrastructure.services import read_services

EVENTS, BATCH, WINDOW = 5_000, 50, 256
LANGUAGE = {"registry": Published(events=b.PUBLISHED, readers={"alerts": frozenset({"identity"})})}


def measure(on: Ground) -> Iterator[Figure]:
    """The same events each round: the relay begins anew."""
    services, namespace = read_services(), new_run()
    on.stack.callback(remove_namespace, services.amqp_url, services.control, namespace)
    store = on.store(on.postgres())
    with store.sequenced():
        store.fill(EVENTS // BATCH, BATCH)
        store.wait_until_placed()
    on.analysed(store.given)
    transport = AmqpTransport(services.amqp_url, Topology(namespace))
    on.stack.callback(transport.close)

    def ours() -> float:
        with store.database.begin() as tx:
            tx.execute(text("DELETE FROM relay_positions"))
        # A new one each round, because it remembers how far it has told.
        relay = Relay("registry", store.database, store.events, store.vault, transport, language=LANGUAGE)
        found = rate(EVENTS, lambda: [None for _ in iter(relay.step, 0)])
        with store.database.read() as tx:
            assert tx.execute(text("SELECT position FROM relay_positions")).scalar_one() == EVENTS - 1
        return found

    with store.database.read() as tx:
        entries = [row.entry for row in store.events.log(tx, limit=EVENTS)]
    rounds = in_turn({"ours": ours, "floor": lambda: _singly(services.amqp_url, namespace, entries)}, runs=RUNS)
    yield Figure(
        what="relay, confirmed by a quorum queue",
        ours=rounds.median("ours"),
        per_second="events",
        floor=rounds.median("floor"),
        floor_is=f"each alone, {WINDOW} in flight",
        targets=(Target("floor", 2.0),),
    )


def _singly(url: str, namespace: str, entries: list[bytes]) -> float:
    """Publish each entry as a message of its own, at most WINDOW unconfirmed."""
    with connect(url, within=30) as connection:
        channel = connection.channel()
        channel.confirm_select()
        queue = f"{namespace}.floor"
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        flying: set[int] = set()

        def landed(tag: int, multiple: bool) -> None:
            flying.difference_update([one for one in flying if one <= tag] if multiple else [tag])

        channel.events["basic_ack"].add(landed)
        begun = time.perf_counter()
        for tag, entry in enumerate(entries, 1):
            flying.add(tag)
            channel.basic_publish(amqp.Message(entry, delivery_mode=2), routing_key=queue)
            while len(flying) >= WINDOW:
                connection.drain_events(timeout=30)
        while flying:
            connection.drain_events(timeout=30)
        return len(entries) / (time.perf_counter() - begun)
