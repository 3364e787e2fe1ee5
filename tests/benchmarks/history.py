"""Does a reader that follows the log by position see everything? Ours, the peer's safe mode and its fast mode.

Eight writers on forty hot streams, a tenth of whose transactions are rolled back, and a reader beside them; the
checker is the one of the fault tests. Losses are counted and shown whatever they are.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from shared.kernel.ids import new_id
from tests.benchmarks.figures import Figure
from tests.benchmarks.ground import CLOCK, Ground
from tests.benchmarks.peer import on_postgres
from tests.faults.history.checker import Seen, Verdict, Written, check
from tests.faults.history.nemesis import CHILDREN, STREAMS, written
from tests.faults.history.parts import Ground as Told
from tests.infrastructure.database import TestDatabase
from tests.infrastructure.processes import Process
from tests.infrastructure.services import ROOT
from tests.infrastructure.waiting import eventually

SECONDS = 6.0
Page = Callable[[int], Sequence[Seen]]
"""Reads what comes after a position."""


def measure(on: Ground) -> Iterator[Figure]:
    """The rate at which committed events became visible to the reader, and what it never saw."""
    store = on.store(on.postgres())
    with store.sequenced():

        def ours(after: int) -> Sequence[Seen]:
            with store.database.read() as tx:
                return [Seen(row.position, row.id) for row in store.events.log(tx, after=after, limit=500)]

        yield _figure("ours", *_history(on, store.given, "tests.faults.history.parts", "writers", ours))
    for mode in ("safe", "fast"):
        given = on.postgres()
        peer = on_postgres(given, fast=mode == "fast")
        on.stack.callback(peer.close)

        def theirs(after: int, peer: object = peer) -> Sequence[Seen]:
            rows = peer.app.notification_log.select(start=after + 1, limit=500)  # type: ignore[attr-defined]
            return [Seen(one.id, f"{one.originator_id}:{one.originator_version}") for one in rows]

        yield _figure(f"peer, {mode}", *_history(on, given, "tests.benchmarks.peer_writers", mode, theirs))


def _history(on: Ground, given: TestDatabase, module: str, role: str, page: Page) -> tuple[Verdict, float]:
    folder = on.folder / f"history-{role}"
    folder.mkdir()
    (folder / "keys").symlink_to(on.folder / "keys")
    now = CLOCK.now()
    told = Told(
        source_url=given.owner_url if role in ("safe", "fast") else given.application_url,
        reader_url="",
        amqp_url="",
        namespace="",
        folder=str(folder),
        beacons=[new_id(now) for _ in range(STREAMS)],
        children=[new_id(now) for _ in range(CHILDREN)],
        seconds=SECONDS,
        events=1_000_000,
        most_at_once=1,
    )
    seen: list[Seen] = []
    ending = threading.Event()

    def tail() -> None:
        while not ending.is_set():
            rows = page(seen[-1].position if seen else -1)
            seen.extend(rows)
            if not rows:
                time.sleep(0.001)

    command = [sys.executable, "-m", module, role, str(told.write(folder / "told.json"))]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONWARNINGS": "ignore"}
    reader = threading.Thread(target=tail)
    with Process(command, output_file=folder / "writers.log", env=environment, cwd=ROOT) as writers:
        writers.wait_for_line("ready")
        reader.start()
        try:
            assert writers.wait(within=SECONDS + 60) == 0, writers.output()
            committed = list(written(told))
            _wait_for_the_last(seen, committed)
        finally:
            ending.set()
            reader.join()
    verdict = check("tailing reader", committed, seen, gaps_allowed=role in ("safe", "fast"))
    return verdict, (len(committed) - len(verdict.lost)) / SECONDS


def _wait_for_the_last(seen: list[Seen], committed: list[Written]) -> None:
    """Until nothing new has come for a second: what was passed over never comes."""
    before = [-1]

    def still() -> bool:
        was, before[0] = before[0], len(seen)
        return len(seen) >= len(committed) or was == len(seen)

    eventually(still, within=60, every=1.0, what="the reader at the end of the log")


def _figure(whose: str, verdict: Verdict, a_second: float) -> Figure:
    counts = ", ".join(f"{count} {kind}" for kind, count in verdict.counts().items() if kind != "gaps" or count)
    return Figure(
        what=f"seen by a tailing reader, 8 writers: {whose}",
        ours=a_second,
        per_second="events",
        note=f"{verdict.committed} committed, {counts}",
    )
