"""The processes of a history: `python -m tests.faults.history.parts ROLE FILE`, each of them there to be killed.

They run the classes that the hosts run: sequencer, relay and follower with the transport of RabbitMQ; and the writers,
which alone are never killed, so that what they have committed is known.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from shared.eventstore import tables as t
from shared.eventstore.appending import ConcurrencyConflict
from shared.eventstore.codec import Codec
from shared.eventstore.sequencer import GATHER, Sequencer, gather
from shared.eventstore.store import Batch, EventStore
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id, stream_of
from shared.kernel.messages import PURPOSES, Actor, Cause, Event, Person, Ref
from shared.ledger.tree import Tree
from shared.messaging.follower import Follower
from shared.messaging.following import Following
from shared.messaging.relay import Relay
from shared.messaging.telling import range_for
from shared.messaging.topology import Topology
from shared.messaging.transport import TransportDown
from shared.messaging.transport.amqp import AmqpTransport
from shared.storage.database import Database
from shared.vault.keyring import Keyring
from shared.vault.vault import Vault
from tests.contract.messaging import beacon as b

CLOCK = SystemClock()
NAMED = 0.05
"""The share of lit beacons that carry a sealed name."""


class Undone(Exception):
    """The writer gives its transaction up."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What all processes of one history are told. `lit` is the share of events that are reacted to, `rest` the
    seconds that a writer waits after each transaction."""

    source_url: str
    reader_url: str
    amqp_url: str
    namespace: str
    folder: str
    beacons: list[str]
    children: list[str]
    seconds: float
    events: int
    threads: int = 8
    most_at_once: int = 3
    rollbacks: float = 0.1
    lit: float = 0.2
    rest: float = 0.0

    def write(self, path: Path) -> Path:
        path.write_text(json.dumps(asdict(self)))
        return path

    @property
    def stop(self) -> Path:
        """Its presence tells the writers to end."""
        return Path(self.folder) / "stop"

    @property
    def keys(self) -> Path:
        return Path(self.folder) / "keys"

    def acknowledged(self, writer: int) -> Path:
        """What one writer has committed: a line for each event."""
        return Path(self.folder) / f"written-{writer}"


def source_store(ground: Ground) -> tuple[Database, EventStore]:
    vault = Vault("registry", Keyring.load(ground.keys, sorted(PURPOSES), strict=False), CLOCK)
    store = EventStore(Codec(b.EVENTS), vault, Tree(), CLOCK, service="registry", source="county.example/registry")
    return Database(ground.source_url, pool_size=ground.threads + 1), store


def sequencer(ground: Ground) -> None:
    database, store = source_store(ground)
    placing = Sequencer(database, store.tree)

    def step() -> int:
        placed = placing.step()
        time.sleep(gather(placed))
        return placed

    _forever(step, GATHER, OperationalError)


def relay(ground: Ground) -> None:
    database, store = source_store(ground)
    transport = AmqpTransport(ground.amqp_url, Topology(ground.namespace))
    telling = Relay("registry", database, store, store.vault, transport, language=b.LANGUAGE)
    _forever(telling.step, 0.02, TransportDown, OperationalError)


def follower(ground: Ground) -> None:
    source, store = source_store(ground)
    own = Vault("alerts", Keyring.load(ground.keys, ["identity", "reporter"], strict=False), CLOCK)

    def fetch(_source: str, after: int, limit: int) -> dict[str, Any] | None:
        with source.read() as tx:
            one = range_for(tx, store, store.vault, "registry", "alerts", after, limit, language=b.LANGUAGE)
        return one.message() if one else None

    def fetch_keys(_owner: str, pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
        with source.read() as tx:
            return store.vault.wrapped_keys(tx, pairs)

    following = Following(
        Follower(
            "alerts",
            "registry",
            Database(ground.reader_url),
            Codec(b.PUBLISHED),
            own,
            b.views(lambda _name, _one: None),
            b.reactions(lambda _name, _one: None),
            fetch,
            fetch_keys,
            CLOCK,
        ),
        AmqpTransport(ground.amqp_url, Topology(ground.namespace)),
    )
    following.start()
    print("ready", flush=True)
    while following.state not in ("failed", "stopped"):
        time.sleep(0.2)
    sys.exit(f"the follower ended: {following.follower.stopped}")


def writers(ground: Ground) -> None:
    """So many threads, until they are told to stop, have written enough, or the time is over."""
    database, store = source_store(ground)
    ends, left = time.monotonic() + ground.seconds, threading.Semaphore(ground.events)

    def write(number: int) -> None:
        chance = random.Random(number)
        with ground.acknowledged(number).open("w") as acknowledged:
            while time.monotonic() < ends and not ground.stop.exists() and left.acquire(blocking=False):
                for one in _attempt(ground, database, store, chance):
                    acknowledged.write(one + "\n")
                    left.acquire(blocking=False)
                acknowledged.flush()
                time.sleep(ground.rest)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(ground.threads)]
    print("ready", flush=True)
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def _attempt(ground: Ground, database: Database, store: EventStore, chance: random.Random) -> list[str]:
    """One transaction on one or two hot streams: a line for each event that it committed."""
    chosen = sorted(chance.sample(ground.beacons, chance.choice([1, 1, 1, 2])))
    streams = {stream_of("registry", "beacon", one): one for one in chosen}
    command = new_id(CLOCK.now())
    cause = Cause(actor=Actor(id="staff-1", role="teacher"), command_id=command, correlation=command)
    try:
        with database.begin() as tx:
            query = select(t.events.c.stream, func.max(t.events.c.stream_version))
            found = dict(tx.execute(query.where(t.events.c.stream.in_(streams)).group_by(t.events.c.stream)).all())
            batches = [
                Batch(stream=stream, expected=found.get(stream, 0), events=_events(ground, beacon, chance))
                for stream, beacon in streams.items()
            ]
            recorded = store.append(tx, batches, cause, b"digest", batches[0].stream)
            if chance.random() < ground.rollbacks:
                raise Undone
    except (Undone, ConcurrencyConflict):
        return []
    return [f"{one.id} {one.stream} {one.stream_version}" for one in recorded]


def _events(ground: Ground, beacon: str, chance: random.Random) -> list[Event]:
    made: list[Event] = []
    for _ in range(chance.randint(1, ground.most_at_once)):
        if chance.random() < ground.lit:
            name = "示范" if chance.random() < NAMED else None
            made.append(b.BeaconLit(beacon=Ref(beacon), child=Person(chance.choice(ground.children)), name=name))
        else:
            made.append(b.BeaconPutOut(beacon=Ref(beacon)))
    return made


def _forever(step: Callable[[], int], rest: float, *passing: type[Exception]) -> None:
    print("ready", flush=True)
    while True:
        try:
            done = step()
        except passing as error:
            print(type(error).__name__, flush=True)
            done = 0
        if not done:
            time.sleep(rest)


if __name__ == "__main__":
    {"sequencer": sequencer, "relay": relay, "follower": follower, "writers": writers}[sys.argv[1]](
        Ground(**json.loads(Path(sys.argv[2]).read_text()))
    )
