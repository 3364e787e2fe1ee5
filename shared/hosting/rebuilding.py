"""Rebuilding all views of a service from the logs, as a piece of work that can be asked for and looked at.

It runs in a thread of the process that was asked, beside the service's own work; how far it has come stands in the
database, so that it can be seen from anywhere. One at a time.
"""

from __future__ import annotations

import dataclasses
import functools
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection, insert, select, update

from shared.eventstore.beside import Beside, Difference, exclude_appends
from shared.eventstore.rebuilding import OwnViews, own_tables, waiting_timers
from shared.eventstore.tables import rebuilds
from shared.hosting.foundation import Foundation
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.messaging.rebuilding import HeardViews, Source, heard_tables
from shared.messaging.trouble import described
from shared.storage.columns import instant_text

log = structlog.get_logger(__name__)
DEAD_AFTER = timedelta(minutes=2)
"""A rebuild that has said nothing for so long is taken for dead, and another may begin."""
_TRIES = 20
_c = rebuilds.c


class Overtaken(Exception):
    """The live views moved faster than they could be followed."""


class Work(Protocol):
    """What a rebuild does: it tells how far it has come, and gives the differences that it found."""

    def __call__(self, *, told: Callable[[int, int], None]) -> list[Difference]:
        """Do it."""
        ...


class Rebuilder:
    """Rebuilds one service's views. `sources` are its neighbours as it hears them."""

    def __init__(self, base: Foundation, sources: Sequence[Source]) -> None:
        self._base, self._sources = base, tuple(sources)
        self._thread: threading.Thread | None = None

    def begin(self, *, switch: bool, by: str, work: Work | None = None) -> str:
        """Begin a rebuild in a thread and give its id. Raises Refusal `log.rebuild_running {id}` while one runs.

        `work` does something else than rebuilding all views, and is watched in the same way.
        """
        now = self._base.clock.now()
        row = {
            "id": new_id(now), "switch": switch, "state": "running", "done": 0, "size": 0, "found": [],
            "asked_by": by, "began": now, "seen": now,
        }  # fmt: skip
        with self._base.database.begin() as tx:
            running = select(_c.id).where(_c.state == "running", _c.seen > now - DEAD_AFTER).with_for_update()
            at_work = tx.execute(running.limit(1)).scalar()
            if at_work is not None:
                raise Refusal("log.rebuild_running", id=at_work)
            tx.execute(update(rebuilds).where(_c.state == "running").values(state="failed"))
            tx.execute(insert(rebuilds).values(**row))
        name = f"{self._base.name}-rebuild"
        doing = work or functools.partial(self.rebuild, switch=switch)
        self._thread = threading.Thread(target=self._run, args=(row["id"], switch, doing), name=name, daemon=True)
        self._thread.start()
        return str(row["id"])

    @property
    def sources(self) -> tuple[Source, ...]:
        """The neighbours as this service hears them."""
        return self._sources

    def wait(self) -> None:
        """Wait for the one that was begun here."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, rebuild: str, switch: bool, doing: Work) -> None:
        started = time.monotonic()
        try:
            found = doing(told=_Progress(self._base, rebuild))
        except Exception as error:
            log.exception("rebuild_failed", service=self._base.name)
            self._note(rebuild, state="failed", found=[{"error": described(error)}])
            return
        state = "switched" if switch else "different" if found else "equal"
        self._note(rebuild, state=state, found=[dataclasses.asdict(one) for one in found])
        seconds = round(time.monotonic() - started, 3)
        log.info("views_rebuilt", service=self._base.name, state=state, differences=len(found), seconds=seconds)

    def rebuild(
        self, *, switch: bool = False, told: Callable[[int, int], None] = lambda _done, _size: None
    ) -> list[Difference]:
        """Rebuild everything now: the differences between the live views and the rebuilt ones.

        With `switch` the rebuilt ones then take their place. Raises Overtaken, and what fetching raises.
        """
        base = self._base
        tables = {one.name: one for one in (*own_tables(base.own), *heard_tables(self._sources))}
        with Beside(base.database, list(tables.values())) as beside:
            own = OwnViews(base.database, base.store, base.own, beside, pause=_breathe)
            heard = [HeardViews(base.database, base.vault, one, beside, pause=_breathe) for one in self._sources]
            tally = _Tally(told)
            for _ in range(_TRIES):
                for source, one in zip(self._sources, heard, strict=True):
                    one.replay(tally.of(source.name))
                own.replay(tally.of(base.name))
                found = self._end(beside, own, heard, switch)
                if found is not None:
                    return found
        raise Overtaken(base.name)

    def _end(self, beside: Beside, own: OwnViews, heard: Sequence[HeardViews], switch: bool) -> list[Difference] | None:
        """Catch up alone, compare and switch; None where a follower has moved on in between."""
        with beside.alone() as tx:
            # The places before the writers: a reaction holds its place while it waits to append.
            if not all(one.hold(tx) for one in heard):
                return None
            exclude_appends(tx)
            for one in heard:
                one.finish(tx)
            own.finish(tx)
            compared = waiting_timers(self._base.database, self._base.clock)
            found = beside.differences(tx, compared)
            if switch:
                beside.switch(tx, compared)
            return found

    def _note(self, rebuild: str, **values: Any) -> None:
        with self._base.database.begin() as tx:
            tx.execute(update(rebuilds).where(_c.id == rebuild).values(seen=self._base.clock.now(), **values))


class _Tally:
    """Adds up how far the replays of all logs have come."""

    def __init__(self, told: Callable[[int, int], None]) -> None:
        self._told = told
        self._logs: dict[str, tuple[int, int]] = {}

    def of(self, log: str) -> Callable[[int, int], None]:
        """What the replay of one log tells."""

        def tell(done: int, size: int) -> None:
            self._logs[log] = done, size
            self._told(sum(done for done, _ in self._logs.values()), sum(size for _, size in self._logs.values()))

        return tell


class _Progress:
    """Says once a second how far a rebuild has come."""

    def __init__(self, base: Foundation, rebuild: str) -> None:
        self._base, self._rebuild = base, rebuild
        self._said = 0.0

    def __call__(self, done: int, size: int) -> None:
        if time.monotonic() - self._said < 1 and done < size:
            return
        self._said = time.monotonic()
        with self._base.database.begin() as tx:
            values = {"done": done, "size": size, "seen": self._base.clock.now()}
            tx.execute(update(rebuilds).where(_c.id == self._rebuild).values(**values))


def shown(tx: Connection, rebuild: str | None = None) -> dict[str, Any] | None:
    """A rebuild, or the latest, as JSON values."""
    query = select(rebuilds).order_by(_c.began.desc()).limit(1)
    row = tx.execute(query.where(_c.id == rebuild) if rebuild else query).one_or_none()
    if row is None:
        return None
    return dict(row._mapping) | {"began": instant_text(row.began), "seen": instant_text(row.seen)}


def _breathe() -> None:
    time.sleep(0)  # under nameko other greenthreads have their turn
