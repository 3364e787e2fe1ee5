"""What the benchmarks of the event store stand on: a durable PostgreSQL, stores of ours and of the peer, two cores.

A cluster of their own where the server's programs are installed, with its defaults, so that a commit waits for the
disk; otherwise the server that the tests found. Whatever is measured, its server and its rival share the same cores.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from shared.eventstore import tables as t
from shared.eventstore.codec import Codec
from shared.eventstore.store import Batch, EventStore
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id, stream_of
from shared.kernel.messages import PURPOSES, Actor, Cause, Event, Person, Ref
from shared.ledger.tree import Tree
from shared.storage.database import Database
from shared.vault.keyring import Keyring
from shared.vault.vault import Vault
from tests.contract.messaging import beacon as b
from tests.contract.messaging.village import opened
from tests.faults.history.parts import Ground as Told
from tests.infrastructure.database import TestDatabase, postgres_database, sqlite_database
from tests.infrastructure.own_cluster import NoPostgres, OwnCluster
from tests.infrastructure.processes import Process
from tests.infrastructure.services import ROOT, read_services
from tests.infrastructure.waiting import eventually

CORES = 2
"""How many cores the store, its server and its rivals have: what the plan's figures were measured on."""
CLOCK = SystemClock()


def keep_to_two_cores() -> None:
    """Bind this process, and whatever it starts from now on, to two cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-CORES:])


@dataclass
class Ground:
    """Makes databases, each once, and ends what it started."""

    stack: ExitStack
    folder: Path
    seed: random.Random = field(default_factory=lambda: random.Random(7))

    @cached_property
    def admin_url(self) -> str:
        """A PostgreSQL in which databases may be made."""
        try:
            return self.stack.enter_context(OwnCluster(durable=True)).url
        except NoPostgres:
            return read_services().database_url

    def postgres(self) -> TestDatabase:
        """A fresh database."""
        return self.stack.enter_context(postgres_database(self.admin_url))

    @staticmethod
    def analysed(*filled: TestDatabase) -> None:
        """What the server does by itself a minute after tables were filled: look at them, to plan well."""
        for one in filled:
            url = make_url(one.owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("ANALYZE")

    def store(self, given: TestDatabase) -> Store:
        """An event store of ours over a fresh database."""
        database = self.stack.enter_context(opened(given))
        return Store(self, given, database)

    def sqlite(self) -> TestDatabase:
        """A fresh file."""
        return sqlite_database(Path(tempfile.mkdtemp(dir=self.folder)) / "registry.sqlite")


@contextmanager
def ground() -> Iterator[Ground]:
    """Everything is gone at the end of the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield Ground(stack, folder)


class Store:
    """Our store at work: beacons that are lit, sealed or not, and the sequencer beside it."""

    def __init__(self, on: Ground, given: TestDatabase, database: Database) -> None:
        self._ground, self.given, self.database = on, given, database
        self.keys = on.folder / "keys"
        if not self.keys.exists():
            Keyring.create(self.keys, PURPOSES)
        self.vault = Vault("registry", Keyring.load(self.keys, sorted(PURPOSES), strict=False), CLOCK)
        self.events = EventStore(
            Codec(b.EVENTS), self.vault, Tree(), CLOCK, service="registry", source="county.example/registry"
        )
        self.children = [new_id(CLOCK.now()) for _ in range(50)]

    def lit(self, beacon: str, *, sealed: bool = False) -> Event:
        """An event, with a name and a telephone number to seal or without."""
        said = {"name": "示范", "phone": "19920000001"} if sealed else {}
        return b.BeaconLit(beacon=Ref(beacon), child=Person(self._ground.seed.choice(self.children)), **said)

    def append(self, beacon: str, at: int, count: int = 1, *, sealed: bool = False) -> None:
        """One transaction that appends so many events to the stream of a beacon, which stands at a version.

        Begun as the desk, which alone appends in the services, begins its own."""
        now = CLOCK.now()
        command = new_id(now)
        cause = Cause(actor=Actor(id="staff-1", role="teacher"), command_id=command, correlation=command)
        stream = stream_of("registry", "beacon", beacon)
        batch = Batch(stream=stream, expected=at, events=[self.lit(beacon, sealed=sealed) for _ in range(count)])
        with self.database.begin(patient=True) as tx:
            self.events.append(tx, [batch], cause, b"d" * 32, stream)

    def fill(self, transactions: int, count: int = 1, *, sealed: bool = False, streams: int = 100) -> list[str]:
        """So many transactions over so many new streams, in turn; gives their beacons."""
        beacons = [new_id(CLOCK.now()) for _ in range(min(streams, transactions))]
        for number in range(transactions):
            self.append(beacons[number % len(beacons)], number // len(beacons) * count, count, sealed=sealed)
        return beacons

    @contextmanager
    def sequenced(self) -> Iterator[None]:
        """The sequencer at work in a process of its own, on the same cores; at the end everything has its place."""
        told = Told(
            source_url=self.given.application_url,
            reader_url="",
            amqp_url="",
            namespace="",
            folder=str(self._ground.folder),
            beacons=[],
            children=[],
            seconds=0,
            events=0,
        )
        path = told.write(self._ground.folder / "told.json")
        command = [sys.executable, "-m", "tests.faults.history.parts", "sequencer", str(path)]
        with Process(command, output_file=self._ground.folder / "sequencer.log", cwd=ROOT) as running:
            running.wait_for_line("ready")
            yield

    def wait_until_placed(self) -> None:
        """Wait until no event is without its place."""

        def none_pending() -> bool:
            with self.database.read() as tx:
                return tx.execute(select(func.count()).select_from(t.pending)).scalar() == 0

        eventually(none_pending, within=60, every=0.005, what="a place for every event")
