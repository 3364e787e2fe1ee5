"""The nemesis: writers write, a reader tails, a follower follows, and what works for them is killed again and again."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path

from sqlalchemy import func, select, text

from shared.eventstore import tables as t
from shared.kernel.ids import new_id
from shared.kernel.messages import PURPOSES
from shared.ledger.merkle import root_of
from shared.messaging.places import begin, places
from shared.storage.database import Database
from shared.vault.keyring import Keyring
from tests.contract.messaging import beacon as b
from tests.contract.messaging.village import opened
from tests.faults.history.checker import Seen, Verdict, Written, check
from tests.faults.history.parts import CLOCK, Ground, source_store
from tests.faults.history.watch import Watch
from tests.infrastructure.database import postgres_database
from tests.infrastructure.own_broker import OwnBroker
from tests.infrastructure.processes import Process
from tests.infrastructure.services import ROOT
from tests.infrastructure.waiting import eventually

STREAMS, CHILDREN = 40, 20
KILLED = ("sequencer", "relay", "follower")
PAGE = 1000


@dataclass(frozen=True)
class Plan:
    """How long a history is: kills, the pause before each, and what bounds it, in events and seconds.

    `told`: the seconds between two words of how far it is; 0 for none.
    """

    kills: int
    pause: float
    events: int
    seconds: float
    drained: float
    most_at_once: int = 3
    lit: float = 0.2
    rest: float = 0.0
    told: float = 0.0


SHORT = Plan(kills=7, pause=0.5, events=60_000, seconds=25, drained=30, rest=0.02)


def long(events: int) -> Plan:
    """A history of so many events, a million for the whole of it: it tells how far it is, and ends in any case."""
    return Plan(
        kills=10_000,
        pause=min(5.0, events / 100_000),
        events=events,
        seconds=1_500,
        drained=900,
        most_at_once=25,
        lit=0.02,
        told=10.0,
    )


@dataclass(frozen=True)
class History:
    """What came of it: a verdict for each observer, the kills, and whether the tree is that of the leaves."""

    verdicts: tuple[Verdict, ...]
    kills: dict[str, int]
    tree_is_whole: bool
    parked: int
    seconds: float

    def __str__(self) -> str:
        return "\n".join([*map(str, self.verdicts), f"kills: {self.kills}, {self.seconds:.0f} s"])


class Tail(threading.Thread):
    """A reader by position that goes on where it was, as any consumer of a log does."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(daemon=True)
        self._database, self._store = source_store(ground)
        self.seen: list[Seen] = []
        self.leaves: list[bytes] = []
        self.trouble: Exception | None = None
        self._ending = threading.Event()

    def run(self) -> None:
        try:
            while not self._ending.is_set():
                after = self.seen[-1].position if self.seen else -1
                with self._database.read() as tx:
                    rows = self._store.log(tx, after=after, limit=PAGE)
                self.seen += [Seen(row.position, row.id) for row in rows]
                self.leaves += [row.leaf for row in rows]
                if not rows:
                    self._ending.wait(0.005)
        except Exception as error:  # noqa: BLE001 - shown by whoever waits for it
            self.trouble = error

    def end(self) -> None:
        self._ending.set()
        if self.is_alive():
            self.join(10)
        self._database.dispose()


def run(plan: Plan, admin_url: str, folder: Path) -> History:
    """Make a history and judge it."""
    begun = time.monotonic()
    with ExitStack() as stack:
        broker = stack.enter_context(OwnBroker())
        source = stack.enter_context(postgres_database(admin_url)).with_driver("psycopg")
        reader = stack.enter_context(postgres_database(admin_url)).with_driver("psycopg")
        source_tx, reader_tx = stack.enter_context(opened(source)), stack.enter_context(opened(reader))
        with reader_tx.begin() as tx:
            begin(tx, "registry", ["alerts.reactions"])
        Keyring.create(folder / "keys", PURPOSES)
        now = CLOCK.now()
        ground = Ground(
            source_url=source.application_url,
            reader_url=reader.application_url,
            amqp_url=broker.url,
            namespace="history",
            folder=str(folder),
            beacons=[new_id(now) for _ in range(STREAMS)],
            children=[new_id(now) for _ in range(CHILDREN)],
            seconds=plan.seconds,
            events=plan.events,
            most_at_once=plan.most_at_once,
            lit=plan.lit,
            rest=plan.rest,
        )
        nemesis = Nemesis(ground, broker, ground.write(folder / "ground.json"))
        stack.callback(nemesis.end)
        tail = Tail(ground)
        stack.callback(tail.end)
        watch = Watch(plan, ground, (source_tx, reader_tx), tail, nemesis)
        stack.callback(watch.end)
        nemesis.start()
        tail.start()
        watch.start()
        nemesis.rage(plan)
        _drain(plan, source_tx, reader_tx, tail)
        return _judged(ground, source_tx, reader_tx, tail, nemesis, time.monotonic() - begun)


class Nemesis:
    """The processes, and who kills them."""

    def __init__(self, ground: Ground, broker: OwnBroker, path: Path) -> None:
        self._ground, self._broker, self._path = ground, broker, path
        self.running: dict[str, Process] = {}
        self.kills = dict.fromkeys((*KILLED, "broker"), 0)

    def start(self) -> None:
        for role in (*KILLED, "writers"):
            self._begin(role)
        for one in self.running.values():
            one.wait_for_line("ready", within=30)

    def rage(self, plan: Plan) -> None:
        """Kill one after the other while the writers write; then tell the writers that it is enough."""
        ends = time.monotonic() + plan.seconds
        for number, role in zip(count(), cycle((*KILLED, "broker"))):
            if number >= plan.kills or not self._writing or time.monotonic() >= ends:
                break
            time.sleep(plan.pause)
            self.kills[role] += 1
            if role == "broker":
                self._broker.kill()
                self._broker.start()
                continue
            self.running.pop(role).kill()
            self._begin(role).wait_for_line("ready", within=30)
        self._ground.stop.touch()
        assert self.running["writers"].wait(within=30) == 0, self.running["writers"].output()

    @property
    def _writing(self) -> bool:
        return self.running["writers"].exit_code is None

    def _begin(self, role: str) -> Process:
        command = [sys.executable, "-m", "tests.faults.history.parts", role, str(self._path)]
        output = Path(self._ground.folder) / f"{role}.log"
        environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONWARNINGS": "ignore"}
        self.running[role] = Process(command, output_file=output, env=environment, cwd=ROOT)
        return self.running[role]

    def end(self) -> None:
        for one in self.running.values():
            one.kill()


def _drain(plan: Plan, source: Database, reader: Database, tail: Tail) -> None:
    with source.read() as tx:
        committed = tx.execute(select(func.count()).select_from(t.events)).scalar_one()

    def caught_up() -> bool:
        assert tail.trouble is None, tail.trouble
        with reader.read() as tx:
            standing = [one.position for one in places(tx, "registry").values()]
        return len(tail.seen) >= committed and len(standing) == 3 and min(standing) == committed - 1

    eventually(caught_up, within=plan.drained, every=0.1, what=f"{committed} events in all views")


def written(ground: Ground) -> Iterator[Written]:
    """What the writers were told is committed."""
    for number in range(ground.threads):
        for line in ground.acknowledged(number).read_text().splitlines():
            one, stream, version = line.split(" ")
            yield Written(one, stream, int(version))


def _judged(
    ground: Ground, source: Database, reader: Database, tail: Tail, nemesis: Nemesis, seconds: float
) -> History:
    committed = list(written(ground))
    with source.read() as tx:
        _, store = source_store(ground)
        whole = store.tree.root(tx) == root_of(tail.leaves)
        lit = set(tx.execute(select(t.events.c.id).where(t.events.c.type == b.BeaconLit.type)).scalars())
    with reader.read() as tx:
        rows = tx.execute(select(b.seen.c.position, b.seen.c.event_id).order_by(b.seen.c.number))
        followed = [Seen(*row) for row in rows]
        names = {one.position: one.id for one in tail.seen}
        reacted = tx.execute(select(b.reacted.c.position).order_by(b.reacted.c.number)).scalars()
        answered = [Seen(position, names.get(position, "")) for position in reacted]
        counted = tx.execute(select(func.coalesce(func.sum(b.lit.c.times), 0))).scalar_one()
        parked = tx.execute(text("SELECT count(*) FROM parked")).scalar_one()
    assert counted == len(lit), f"{len(lit)} lit, {counted} counted"
    return History(
        verdicts=(
            check("tailing reader", committed, tail.seen),
            check("follower's view", committed, followed),
            check("reactions", [one for one in committed if one.id in lit], answered, gaps_allowed=True),
        ),
        kills=nemesis.kills,
        tree_is_whole=whole,
        parked=parked,
        seconds=seconds,
    )
