"""A source and its readers, each with a database of its own, and transports that misbehave on demand."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from shared.eventstore.codec import Codec
from shared.eventstore.schema import create_history, create_views
from shared.eventstore.sequencer import take
from shared.eventstore.store import Batch, EventStore
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id, stream_of
from shared.kernel.messages import PURPOSES, Actor, Cause, Event, Person, Recorded, Ref
from shared.ledger.tree import Tree
from shared.messaging.follower import Follower
from shared.messaging.following import Following
from shared.messaging.places import begin
from shared.messaging.ranges import Head, Range
from shared.messaging.relay import Relay
from shared.messaging.tables import create_messaging
from shared.messaging.telling import range_for
from shared.messaging.transport import Transport, TransportDown
from shared.storage.database import Database
from shared.vault.keyring import Keyring
from shared.vault.vault import Vault
from tests.contract.messaging import beacon as b
from tests.infrastructure.database import TestDatabase

FASTER = 20
"""How much faster than the wall's the followers' seconds pass, so that no test waits for one of them."""


def fast() -> float:
    """Monotonic seconds that hurry."""
    return time.monotonic() * FASTER


@contextmanager
def opened(given: TestDatabase) -> Iterator[Database]:
    """A database with every table that messaging needs, in the role that the service runs as."""
    owner = Database(given.owner_url)
    with owner.begin() as tx:
        create_history(tx, application_role=given.application_role)
        create_messaging(tx, application_role=given.application_role)
        create_views(tx, [b.metadata], application_role=given.application_role)
    if given.application_role:
        with owner.begin() as tx:
            tx.exec_driver_sql(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{given.application_role}"')
    owner.dispose()
    database = Database(given.application_url)
    yield database
    database.dispose()


class Source:
    """The registry of the tests."""

    def __init__(self, database: Database, keys: Path, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        self.vault = Vault("registry", Keyring.create(keys, PURPOSES), clock)
        self.store = EventStore(
            Codec(b.EVENTS), self.vault, Tree(), clock, service="registry", source="county.example/registry"
        )
        self._versions: dict[str, int] = {}
        self.asked: list[int] = []
        self.silent = False

    def record(self, *events: Event) -> None:
        """Append events, each to the stream of its beacon, and give them their places in the log."""
        for one in events:
            stream = stream_of("registry", "beacon", one.beacon)  # type: ignore[attr-defined]
            version = self._versions.get(stream, 0)
            command = new_id(self.clock.now())
            cause = Cause(actor=Actor(id="staff-1", role="teacher"), command_id=command, correlation=command)
            with self.database.begin() as tx:
                batch = Batch(stream=stream, expected=version, events=[one])
                self.store.append(tx, [batch], cause, b"digest", stream)
            self._versions[stream] = version + 1
        with self.database.begin() as tx:
            take(tx, self.store.tree)

    def light(self, times: int = 1, **fields: Any) -> list[b.BeaconLit]:
        """Light so many beacons, each for a child of its own unless `child` or `beacon` says otherwise."""
        made = []
        for number in range(times):
            now = self.clock.now()
            given = {"beacon": Ref(new_id(now)), "child": Person(new_id(now)), "name": f"n{number}", "phone": "139"}
            made.append(b.BeaconLit(**(given | fields)))
        self.record(*made)
        return made

    def relay(self, transport: Transport, **how: Any) -> Relay:
        """The relay of this log."""
        how = {"language": b.LANGUAGE, "monotonic": fast} | how
        return Relay("registry", self.database, self.store, self.vault, transport, **how)

    def range(self, after: int, limit: int = 500, reader: str = "alerts") -> Range | None:
        """What a reader is told after a position."""
        with self.database.read() as tx:
            return range_for(tx, self.store, self.vault, "registry", reader, after, limit, language=b.LANGUAGE)

    def message(self, after: int, limit: int = 500) -> dict[str, Any]:
        """The same, as a message that must be there."""
        found = self.range(after, limit)
        assert found is not None
        return found.message()

    def fetch(self, source: str, after: int, limit: int) -> dict[str, Any] | None:
        """The door `read_log`."""
        assert source == "registry"
        if self.silent:
            raise TimeoutError
        self.asked.append(after)
        found = self.range(after, limit)
        return found.message() if found else None

    def fetch_keys(self, owner: str, pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
        """The door `fetch_keys`."""
        assert owner == "registry"
        with self.database.read() as tx:
            return self.vault.wrapped_keys(tx, pairs)


class Reader:
    """The alerts of the tests. `before` is called before each event is applied."""

    def __init__(self, database: Database, keys: Path, clock: FixedClock) -> None:
        self.database, self.keys, self.clock = database, keys, clock
        self.vault = Vault("alerts", Keyring.load(keys, ["identity", "reporter"], strict=False), clock)
        self.before: Callable[[str, Recorded], object] = lambda _name, _recorded: None
        self.silences: list[float] = []

    def born_with_the_deployment(self) -> None:
        """Let reactions hear everything from the first position on."""
        with self.database.begin() as tx:
            begin(tx, "registry", ["alerts.reactions"])

    def follower(self, source: Source, **how: Any) -> Follower:
        """A follower of the source; several are replicas."""
        how = {
            "projectors": b.views(lambda name, one: self.before(name, one)),
            "reactor": b.reactions(lambda name, one: self.before(name, one)),
            "fetch": source.fetch,
            "fetch_keys": source.fetch_keys,
            "clock": self.clock,
            "on_silent": lambda _source, seconds: self.silences.append(seconds),
            "monotonic": fast,
            "sleep": lambda _seconds: None,
        } | how
        return Follower("alerts", "registry", self.database, Codec(b.PUBLISHED), self.vault, **how)

    def seen(self) -> list[int]:
        """The positions that the diary kept, in the order in which it did."""
        with self.database.read() as tx:
            return list(tx.execute(select(b.seen.c.position).order_by(b.seen.c.number)).scalars())

    def names(self) -> list[tuple[str | None, str | None]]:
        """The personal fields that the diary kept."""
        with self.database.read() as tx:
            query = select(b.seen.c.name, b.seen.c.phone).order_by(b.seen.c.number)
            return [(name, phone) for name, phone in tx.execute(query)]

    def times(self) -> dict[str, int]:
        """How often the counter has seen each beacon lit."""
        with self.database.read() as tx:
            return dict(tx.execute(select(b.lit.c.beacon, b.lit.c.times)).all())

    def reacted(self) -> list[int]:
        """The positions that were reacted to, in the order in which they were."""
        with self.database.read() as tx:
            return list(tx.execute(select(b.reacted.c.position).order_by(b.reacted.c.number)).scalars())


class Tape:
    """A transport that keeps what it is given."""

    keeps = True

    def __init__(self) -> None:
        self.ranges: list[Range] = []
        self.heads: list[Head] = []
        self.down = False

    def publish(self, ranges: Sequence[Range]) -> None:
        if self.down:
            raise TransportDown
        self.ranges += ranges

    def announce(self, head: Head) -> None:
        if self.down:
            raise TransportDown
        self.heads.append(head)

    def to(self, reader: str) -> list[Range]:
        """What one reader was sent."""
        return [one for one in self.ranges if one.reader == reader]


class Unreliable:
    """Another transport, with its ranges lost, repeated or reordered on the way by `way`."""

    def __init__(self, inner: Transport, way: Callable[[list[Range]], list[Range]]) -> None:
        self._inner, self._way = inner, way

    def publish(self, ranges: Sequence[Range]) -> None:
        self._inner.publish(self._way(list(ranges)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class CrashesAfterConfirm:
    """Another transport, whose process dies once, right after the broker has confirmed."""

    def __init__(self, inner: Transport) -> None:
        self._inner, self.crashes = inner, itertools.count()

    def publish(self, ranges: Sequence[Range]) -> None:
        self._inner.publish(ranges)
        if next(self.crashes) == 0:
            raise SystemExit("killed")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@contextmanager
def at_work(follower: Follower, transport: Transport) -> Iterator[Following]:
    """A follower with its threads."""
    following = Following(follower, transport, tick=1.0 / FASTER)
    following.start()
    try:
        yield following
    finally:
        following.stop()
