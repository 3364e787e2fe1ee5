"""The parts of a walk that remember something: stream versions, stored inner nodes, times."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.kernel.ids import is_id, time_of
from shared.ledger.merkle import Node
from shared.ledger.verify.report import Finding, Outcome, Report

FAR = timedelta(minutes=10)
"""How far a `time` may stand back, or lie behind the checkpoint that covers it, before it is reported."""
LONG = timedelta(hours=1)
"""How long an entry may wait for its signature before it is said."""
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
    """Holds each entry's `time` against its neighbours, against what was signed, and against the entry's id.

    Where it stands behind the checkpoint that covers it, or contradicts the moment in which its id was made, it was
    not written as it stands: tampered. Where it stands back against entries before it, or against the checkpoint before
    it, nobody can tell one that was recorded late, or by a clock that was wrong, from one that was back-dated: late.
    What an outage has kept waiting comes in order, and what of it the next checkpoint covers is only said
    (`signed_late`); what further checkpoints cover stands back against the one before, as if it were back-dated.
    """

    def __init__(self, report: Report, accept_late: timedelta = FAR) -> None:
        self._report, self._accept_late = report, accept_late
        self._high: datetime | None = None
        self._signed: datetime | None = None
        self._span: list[tuple[int, datetime]] = []

    def take(self, position: int, time: datetime, event_id: str) -> None:
        """The time of the next entry."""
        made = time_of(event_id) if is_id(event_id) else None
        if made is not None and abs(made - time) > FAR:
            facts = {"time": time.isoformat(), "made": made.isoformat()}
            self._report.add(Finding(Outcome.TAMPERED, "time_contradicts_id", position, facts=facts))
        self._span.append((position, time))
        if len(self._span) > _RECENT:
            self.finish()

    def checkpoint(self, size: int, time: datetime) -> None:
        """The time of a checkpoint that covers the `size` entries so far."""
        self._hold(time)
        if self._signed is not None:
            self._late("checkpoint_time_stands_back", max(size - 1, 0), time, self._signed)
        self._signed = self._high = time

    def finish(self) -> None:
        """No checkpoint covers the last entries."""
        self._hold(None)

    def _hold(self, signed: datetime | None) -> None:
        waited: list[tuple[int, datetime]] = []
        for position, time in self._span:
            if signed is not None and time > signed + FAR:
                facts = {"time": time.isoformat(), "checkpoint": signed.isoformat()}
                self._report.add(Finding(Outcome.TAMPERED, "time_after_checkpoint", position, facts=facts))
            elif self._high is not None and time < self._high:
                self._late("time_stands_back", position, time, self._high)
            else:
                self._high = time
                if signed is not None and signed - time > LONG:
                    waited.append((position, time))
        self._span.clear()
        if waited and signed is not None:
            (first, time), (last, _) = waited[0], waited[-1]
            facts = {"time": time.isoformat(), "checkpoint": signed.isoformat()}
            self._report.add(Finding(Outcome.WHOLE, "signed_late", first, last, facts=facts))

    def _late(self, what: str, position: int, time: datetime, beside: datetime) -> None:
        back = beside - time
        if back > FAR:
            outcome = Outcome.LATE if back > self._accept_late else Outcome.WHOLE
            facts = {"time": time.isoformat(), "beside": beside.isoformat(), "seconds": int(back.total_seconds())}
            self._report.add(Finding(outcome, what, position, facts=facts))


def _order(node: Node) -> tuple[int, int]:
    """Nodes are completed by their last leaf, lower levels first."""
    return (node[1] + 1) << max(node[0], 0), node[0]
