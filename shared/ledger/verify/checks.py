"""The parts of a walk that remember something: stream versions, stored inner nodes, times."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.ledger.merkle import Node
from shared.ledger.verify.report import Finding, Outcome, Report

FAR = timedelta(minutes=10)
"""How far a `time` may lie outside its neighbours before it deserves a look."""
_RECENT = 20_000


class StreamVersions:
    """The last version of each stream, in a private temporary database once there are many.

    A county's log has millions of streams; a verification must not need memory for them.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._recent: dict[str, int] = {}
        self._db = sqlite3.connect("", isolation_level=None)  # a nameless file that goes with the connection
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("CREATE TABLE last (stream TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID")
        self._lost = 0

    def lose(self, rows: int = 1) -> None:
        """So many rows cannot be read: as many versions will be missing, which is no news of its own."""
        self._lost += rows

    def take(self, position: int, stream: str, version: int, *, trusted: bool = True) -> None:
        """Compare with the version before. Of a row that is `trusted` no more, only what fits is believed."""
        last = self._last(stream)
        gap = version - last - 1
        if gap and not trusted:
            self.lose()
            return
        if 0 < gap <= self._lost:
            self._lost -= gap
        elif gap:
            facts = {"stream": stream, "version": version, "version_before": last}
            self._report.add(Finding(Outcome.TAMPERED, "stream_version_broken", position, facts=facts))
        self._recent[stream] = max(version, last)
        if len(self._recent) > _RECENT:
            self._settle()

    def close(self) -> None:
        """Let the temporary database go."""
        self._db.close()

    def _last(self, stream: str) -> int:
        known = self._recent.get(stream)
        if known is None:
            row = self._db.execute("SELECT version FROM last WHERE stream = ?", (stream,)).fetchone()
            known = int(row[0]) if row else 0
        return known

    def _settle(self) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO last VALUES (?, ?)", self._recent.items())
        self._db.execute("COMMIT")
        self._recent.clear()


class StoredNodes:
    """Compares stored inner nodes, which come in the order of their completion, with the recomputed ones."""

    def __init__(self, nodes: Iterable[Node], report: Report) -> None:
        self._nodes = iter(nodes)
        self._report = report
        self._stored = next(self._nodes, None)
        self._last_bad = -1

    def compare(self, completed: list[Node]) -> None:
        """The nodes that one more leaf completes."""
        for node in completed:
            while self._stored is not None and _order(self._stored) < _order(node):
                self._stray(self._stored)
            if self._stored is None or _order(self._stored) > _order(node):
                self._bad(node, None)
                continue
            if self._stored[2] != node[2]:
                self._bad(node, self._stored[2])
            self._stored = next(self._nodes, None)

    def finish(self) -> None:
        """Whatever is left belongs to no tree of this size."""
        while self._stored is not None:
            self._stray(self._stored)

    def _bad(self, node: Node, stored: bytes | None) -> None:
        level, index, computed = node
        first, last = index << level, ((index + 1) << level) - 1
        # Nodes above a wrong one are wrong with it.
        if self._last_bad < first:
            what = "node_missing" if stored is None else "node_changed"
            found = stored.hex() if stored is not None else None
            facts = {"level": level, "index": index}
            self._report.add(Finding(Outcome.TAMPERED, what, first, last, computed.hex(), found, facts))
            self._last_bad = first

    def _stray(self, node: Node) -> None:
        level, index, stored = node
        facts = {"level": level, "index": index}
        self._report.add(Finding(Outcome.TAMPERED, "node_stray", found=stored.hex(), facts=facts))
        self._stored = next(self._nodes, None)


class Times:
    """Warns of a `time` far behind the entry before it, or far outside the checkpoints around it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._before: datetime | None = None
        self._signed: datetime | None = None
        self._earliest: tuple[datetime, int] | None = None
        self._latest: tuple[datetime, int] | None = None

    def take(self, position: int, time: datetime) -> None:
        """The time of the next entry."""
        if self._before is not None and time < self._before - FAR:
            self._warn("time_runs_back", position, time, self._before)
        self._before = time
        if self._earliest is None or time < self._earliest[0]:
            self._earliest = (time, position)
        if self._latest is None or time > self._latest[0]:
            self._latest = (time, position)

    def checkpoint(self, time: datetime) -> None:
        """The time of a checkpoint that covers the entries so far."""
        if self._latest is not None and self._latest[0] > time + FAR:
            self._warn("time_after_checkpoint", self._latest[1], self._latest[0], time)
        if self._signed is not None and self._earliest is not None and self._earliest[0] < self._signed - FAR:
            self._warn("time_before_checkpoint", self._earliest[1], self._earliest[0], self._signed)
        self._signed, self._earliest, self._latest = time, None, None

    def _warn(self, what: str, position: int, time: datetime, beside: datetime) -> None:
        facts = {"time": time.isoformat(), "beside": beside.isoformat()}
        self._report.add(Finding(Outcome.WHOLE, what, position, facts=facts))


def _order(node: Node) -> tuple[int, int]:
    """Nodes are completed by their last leaf, lower levels first."""
    return (node[1] + 1) << max(node[0], 0), node[0]
