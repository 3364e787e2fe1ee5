"""The engine of one service, the same on every host: everything that happens without anybody at a door.

    sequencer    gives committed events their places (PostgreSQL; on SQLite the append itself does)
    checkpoints  signs the log's size each minute and each thousand entries
    witnesses    offers what was signed to the other services, which cosign it
    relay        publishes what has its place, in the sequencer's leader
    timers       rings for deadlines
    followings   hear other services (`shared.messaging.following`)
    erasures     sees to what an erasure leaves in files, and tries again one that was parked
    troubles     says to alerts which sources are silent, and what is parked

Each is a loop that survives an outage of the database or the broker. A commit at a desk kicks the sequencer, which
kicks the relay, so that an event is on its way a few milliseconds after it happened.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, select

from shared.eventstore.sequencer import Sequencer, gather
from shared.eventstore.timers import TimerRunner
from shared.hosting import contradictions
from shared.hosting.checkpoint_files import write_checkpoint
from shared.hosting.erasing import Scrubber
from shared.hosting.foundation import Rooms
from shared.hosting.gauges import measure
from shared.hosting.keys_held import check_held
from shared.hosting.loops import Loop
from shared.hosting.rebuilding import Rebuilder
from shared.hosting.troubles import Met, Report, Troubles, met_with
from shared.ledger.tables import log_checkpoints
from shared.messaging.following import Following, together

log = structlog.get_logger(__name__)
SIGNED_EVERY = 1000
"""Entries between two checkpoints at most."""
SIGNED_AFTER = timedelta(minutes=1)
STANDBY = 1.0
"""Seconds between two tries of a standby to lead."""


class Witnesses(Protocol):
    """What the engine needs of `shared.hosting.cosigning`."""

    def step(self) -> bool:
        """Offer the newest checkpoint to whoever has not cosigned it and may be asked."""
        ...

    def contradicting(self) -> list[str]:
        """Who says that this log is not what it was."""
        ...

    def agreeing(self) -> list[str]:
        """Who has cosigned the newest checkpoint when asked last."""
        ...


class Relay(Protocol):
    """What the engine needs of `shared.messaging`'s relay."""

    def step(self) -> int:
        """Publish what is new, and the head when it is time. Returns how much was published."""
        ...

    def behind(self) -> dict[str, int]:
        """For each reader how many places it has not been told of."""
        ...


@dataclass(frozen=True)
class Pace:
    """How long each loop rests, in seconds, when there is nothing to do and nobody kicks.

    What this process commits kicks the sequencer, and what it places kicks the relay: the sequencer looks by itself
    only for what other replicas have committed, the relay only for the time to announce the head.
    """

    sequencer: float = 0.05
    relay: float = 1.0
    timers: float = 0.5
    checkpoints: float = 1.0
    witnesses: float = 1.0
    gauges: float = 5.0
    troubles: float = 2.0
    erasures: float = 5.0


class Engine:
    """Runs a service's loops. `relay` is None for a service that nobody hears; `followings` are by source.

    `report` takes the troubles that this service has with its sources to where they are shown.
    """

    def __init__(
        self,
        rooms: Rooms[Any, Any],
        *,
        relay: Relay | None = None,
        report: Report | None = None,
        witnesses: Witnesses | None = None,
        close: Callable[[], None] = lambda: None,
        pace: Pace | None = None,
    ) -> None:
        self.rooms, self.relay, self.witnesses = rooms, relay, witnesses
        self.base = base = rooms.base
        self.followings: dict[str, Following] = {}
        self.rebuilder = Rebuilder(base, ())
        self._followed: list[Following] = []
        self._close, self._pace = close, pace or Pace()
        self._signed: tuple[int, datetime] | None = None
        self._signing = threading.Lock()
        self._started = self._stopped = False
        tree = base.store.tree
        self.sequencer = None if base.database.is_sqlite else Sequencer(base.database, tree, self._sign_in_batch)
        self.timers = TimerRunner(base.database, base.clock, dict(rooms.ring))
        self._sequencing = self._relaying = None
        if self.sequencer:
            sequence = functools.partial(self._sequence, self.sequencer)
            self._sequencing = self._loop("sequencer", sequence, self._pace.sequencer)
        if relay:
            self._relaying = self._loop("relay", functools.partial(self._relay, relay), self._pace.relay)
        remains = rooms.eraser.remains if rooms.eraser else None
        self._loops = [
            *(one for one in (self._sequencing, self._relaying) if one),
            self._loop("timers", self._ring, self._pace.timers),
            self._loop("checkpoints", self._sign, self._pace.checkpoints),
            *([self._loop("witnesses", self._cosign, self._pace.witnesses)] if witnesses else []),
            self._loop("gauges", self._measure, self._pace.gauges),
            self._loop("erasures", Scrubber(base, remains, self._following).step, self._pace.erasures),
        ]
        self._troubles = Troubles(self._met, report) if report else None
        self._reporting = self._loop("troubles", self._report, self._pace.troubles) if report else None
        if self._reporting:
            self._loops.append(self._reporting)
        base.desk.after_commit(self.kick)

    @property
    def leads(self) -> bool:
        """Whether this process places events and relays them."""
        return self.sequencer is None or self.sequencer.leads

    def failing(self) -> list[str]:
        """What is not as it should be: failing loops, followers that stopped, who contradicts the log."""
        loops = [one.name for one in self._loops if one.failing or not one.alive]
        heard = [f"follows-{one.follower.source}" for one in self._followed if one.state in ("failed", "stopped")]
        contradicted = self.witnesses.contradicting() if self.witnesses else []
        return sorted([*loops, *heard, *(f"contradicted-by-{one}" for one in contradicted)])

    def start(self) -> None:
        """Begin all loops. Raises KeyringError where the keys are not those that the database was written with."""
        check_held(self.base)
        self._started = True
        for one in self._loops:
            one.start()
        threading.Thread(target=self.rooms.warm, name=f"{self.base.name}-warm", daemon=True).start()
        log.info("engine_started", service=self.base.name, loops=len(self._loops))

    def follow(self, source: str) -> Following:
        """Begin to hear a source. Raises KeyError for one that the published language does not name."""
        following = self.followings[source]
        following.start()
        self._followed.append(following)
        return following

    def kick(self) -> None:
        """Something was committed: place it and send it. Never blocks."""
        first = self._sequencing or self._relaying
        if first:
            first.kick()

    def look_for_trouble(self) -> None:
        """Something may be wrong with a source: look now rather than in a while. Never blocks."""
        if self._reporting:
            self._reporting.kick()

    def ask_to_stop(self) -> None:
        """Ask all loops to end after the steps under way, without waiting."""
        for one in self._loops:
            one.stop()

    def stop_following(self) -> None:
        """Hear no other service any more, and wait until what was heard is done. Twice is once."""
        followed, self._followed = self._followed, []
        together([one.stop for one in followed])

    def stop(self) -> None:
        """End everything, give leadership up, and close what was opened. Stopping twice is stopping once."""
        if self._stopped:
            return
        self._stopped = True
        self.ask_to_stop()
        self.stop_following()
        for one in self._loops:
            one.join()
        if self.sequencer:
            self.sequencer.resign()
        self._close()
        self.base.database.dispose()
        log.info("engine_stopped", service=self.base.name)

    def _loop(self, name: str, step: Callable[[], object], idle: float) -> Loop:
        return Loop(self.base.name, name, step, idle=idle)

    def _sequence(self, sequencer: Sequencer) -> int:
        led = sequencer.leads
        try:
            placed = sequencer.step()
        finally:
            if sequencer.leads != led:
                log.info("sequencer_leads" if sequencer.leads else "sequencer_resigned", service=self.base.name)
            if self._sequencing:
                self._sequencing.idle = self._pace.sequencer if sequencer.leads else STANDBY
        if placed and self._relaying:
            self._relaying.kick()
        if rest := gather(placed):
            time.sleep(rest)
        return placed

    def _relay(self, relay: Relay) -> int:
        return relay.step() if self.leads else 0

    def _ring(self) -> int:
        rung = self.timers.step()
        if rung:
            self.kick()
        return rung

    def _sign_in_batch(self, tx: Connection, size: int) -> None:
        """Within the batch that fills a thousand, so that it is signed before anybody reads on."""
        self._signed = self._signed or self._last_signed(tx)
        for each in self._due(size):
            self._make_checkpoint(tx, each)

    def _sign(self) -> bool:
        """Sign what is due."""
        if not self.leads:
            return False
        with self.base.database.read() as tx:
            size = self.base.store.tree.size(tx)
            self._signed = self._signed or self._last_signed(tx)
        if due := self._due(size):
            with self.base.database.begin() as tx:
                for each in due:
                    self._make_checkpoint(tx, each)
        return False

    def _due(self, size: int) -> list[int]:
        """The sizes to sign, growing: each full thousand, however many a burst has filled since somebody looked, and
        the present size a minute after the last signature, if there is news."""
        if self._signed is None:
            return [size]
        last, when = self._signed
        due = list(range((last // SIGNED_EVERY + 1) * SIGNED_EVERY, size + 1, SIGNED_EVERY))
        late = size > last and self.base.clock.now() - when >= SIGNED_AFTER
        return [*due, size] if late and size not in due else due

    def _last_signed(self, tx: Connection) -> tuple[int, datetime] | None:
        newest = select(log_checkpoints.c.size, log_checkpoints.c.time).order_by(log_checkpoints.c.size.desc()).limit(1)
        row = tx.execute(newest).one_or_none()
        return (row.size, row.time) if row else None

    def _make_checkpoint(self, tx: Connection, size: int) -> None:
        with self._signing:
            note = self.base.checkpoints.make(tx, size)
            self._signed = (size, self.base.clock.now())
        directory = self.base.settings.checkpoint_dir
        if directory is not None:
            write_checkpoint(directory / self.base.name, size, note)

    def _met(self) -> frozenset[Met]:
        with self.base.database.read() as tx:
            contradicted = contradictions.met_with(self.base, tx)
        met = met_with([one.follower for one in self._followed])
        return met | {("log_contradicted", one) for one in contradicted}

    def _report(self) -> bool:
        # Only the leader: of two replicas one may hear a source that the other does not.
        if self._troubles and self._followed:
            self._troubles.step(speaking=self.leads)
        return False

    def _cosign(self) -> bool:
        return self.witnesses.step() if self.witnesses and self.leads else False

    def _following(self) -> list[Following]:
        return list(self._followed)

    def _measure(self) -> bool:
        measure(self)
        return False
