"""The walk over a log: each row once, in order, with no more memory than the tree's edge and the checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.ledger.canonical import CanonicalError, parse
from shared.ledger.merkle import HASH_SIZE, Frontier, Node, leaf_hash
from shared.ledger.notes import Verifier
from shared.ledger.verify.checks import FAR, StoredNodes, StreamVersions, Times
from shared.ledger.verify.report import Finding, Outcome, Report
from shared.ledger.verify.signed import Mark, StoredCheckpoint, signed_marks

Row = tuple[int, str, bytes | None, bytes | None]
"""Position, event id, entry bytes and stored leaf hash. A part that is not there is None."""
MissingPart = Callable[[str, str], bool]
"""Whether the ciphertext of an event's part is gone although nobody erased it."""

CommitmentOf = Callable[[str, str], str | None]
"""What the stored ciphertext of an event's part commits to, in hex; None where it is not stored."""


def verify_log(
    entries: Iterable[Row],
    checkpoints: Iterable[StoredCheckpoint],
    verifiers: Sequence[Verifier],
    nodes: Iterable[Node] | None = None,
    *,
    origin: str | None = None,
    tree_size: int | None = None,
    missing_part: MissingPart | None = None,
    commitment_of: CommitmentOf | None = None,
    accept_late: timedelta = FAR,
) -> Report:
    """Check a whole log against what was signed of it.

    `entries` come in the order of their positions. `checkpoints` may come from several keepers: the log's own table,
    the neighbours, a directory; all must be signed by one of `verifiers` and name one origin (`origin`, or else that
    of the first). `nodes` are stored inner nodes in the order of their completion (`Tree.nodes_in_order`), `tree_size`
    the stored size. Times that stand back by no more than `accept_late` are warnings. Reading errors of the iterables
    themselves pass through.
    """
    report = Report()
    marks = signed_marks(checkpoints, verifiers, origin, report)
    walk = _Walk(
        report, marks, None if nodes is None else StoredNodes(nodes, report), missing_part, commitment_of, accept_late
    )
    try:
        walk.mark()
        for row in entries:
            walk.take(row)
        walk.finish(tree_size)
    finally:
        walk.streams.close()
    return report


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of an entry that a verification reads."""

    id: str
    stream: str
    version: int
    time: datetime
    parts: tuple[tuple[str, str], ...]


class _Walk:
    def __init__(
        self,
        report: Report,
        marks: dict[int, Mark],
        nodes: StoredNodes | None,
        missing_part: MissingPart | None,
        commitment_of: CommitmentOf | None,
        accept_late: timedelta,
    ) -> None:
        self.report = report
        self.marks = marks
        self.nodes = nodes
        self.missing_part = missing_part
        self.commitment_of = commitment_of
        self.streams = StreamVersions(report)
        self.times = Times(report, accept_late)
        self.edge: Frontier | None = Frontier()
        self.next = 0
        self.diverged = False

    def take(self, row: Row) -> None:
        """One row of the log."""
        position, event_id, entry, stored = row
        if position < self.next:
            self.bad("row_repeated", position)
            return
        if position > self.next:
            self.bad("row_missing", self.next, until=position - 1)
            self.streams.lose(position - self.next)
            self.edge = None  # no tree can be grown over a hole
        self.next = position + 1
        computed = leaf_hash(entry) if entry is not None else None
        intact = self.compare_leaf(position, computed, stored)
        # The stored leaf is what was signed; when only the entry was changed, all roots still agree and say so.
        leaf = stored if stored is not None and len(stored) == HASH_SIZE else computed
        if self.edge is not None and leaf is not None:
            completed = self.edge.append(leaf)
            if self.nodes is not None:
                self.nodes.compare(completed)
        else:
            self.edge = None
        self.read(position, event_id, entry, intact)
        self.mark()

    def compare_leaf(self, position: int, computed: bytes | None, stored: bytes | None) -> bool:
        """Whether the entry is there and hashes to the stored leaf."""
        if computed is None:
            self.bad("entry_missing", position, expected=stored)
        elif stored is None:
            self.bad("leaf_missing", position, found=computed)
        elif computed != stored:
            self.bad("entry_changed", position, expected=stored, found=computed)
        else:
            return True
        return False

    def read(self, position: int, event_id: str, entry: bytes | None, intact: bool) -> None:
        """The content of a row. Of a changed one nothing is reported twice."""
        try:
            fields = _fields(parse(entry)) if entry is not None else None
        except CanonicalError as error:
            fields = None
            if intact:
                facts = {"reason": str(error)}
                self.report.add(Finding(Outcome.UNREADABLE, "entry_unreadable", position, facts=facts))
        if fields is None:
            self.streams.lose()
            return
        self.streams.take(position, fields.stream, fields.version, trusted=intact)
        if not intact:
            return
        if fields.id != event_id:
            self.bad("event_id_changed", position, facts={"entry": fields.id, "stored": event_id})
        self.times.take(position, fields.time, fields.id)
        for part, committed in fields.parts:
            self.read_part(position, fields.id, part, committed)

    def read_part(self, position: int, event_id: str, part: str, committed: str) -> None:
        """A sealed part: there unless it was erased, and the one that the entry committed to."""
        facts = {"event_id": event_id, "part": part}
        if self.missing_part is not None and self.missing_part(event_id, part):
            self.bad("sealed_part_missing", position, facts=facts)
        found = self.commitment_of(event_id, part) if self.commitment_of is not None else None
        if found is not None and found != committed:
            self.report.add(Finding(Outcome.TAMPERED, "sealed_part_changed", position, None, committed, found, facts))

    def mark(self) -> None:
        """Compare with what was signed of the present size, if anything was."""
        mark = self.marks.get(self.next)
        if mark is None:
            return
        if mark.time is not None:
            self.times.checkpoint(self.next, mark.time)
        if self.edge is None or self.diverged:
            return
        root = self.edge.root()
        if root in mark.roots:
            self.report.signed_size = self.next
            return
        self.diverged = True  # every later root differs with it
        known = self.report.first_bad
        first = self.report.signed_size
        if known is not None and known.position is not None:
            first = max(first, known.position)
        self.bad("root_changed", first, until=max(self.next - 1, first), expected=mark.roots[0], found=root)

    def finish(self, tree_size: int | None) -> None:
        """What can only be said at the end."""
        report, size = self.report, self.next
        self.times.finish()
        report.size = size
        report.root = self.edge.root().hex() if self.edge is not None else None
        signed = max(self.marks, default=0)
        if signed > size:  # nodes and a size that were left behind are part of the same news
            facts = {"signed_size": signed, "size": size}
            report.add(Finding(Outcome.ROLLED_BACK, "rolled_back", size, signed - 1, facts=facts))
        else:
            if self.nodes is not None and self.edge is not None:
                self.nodes.finish()
            if tree_size is not None and tree_size != size:
                self.bad("tree_size_changed", min(size, tree_size), facts={"stored_size": tree_size, "size": size})
        if size and not signed:
            report.add(Finding(Outcome.UNTRUSTED, "log_unsigned", 0, size - 1))
        elif signed < size:
            report.add(Finding(Outcome.WHOLE, "not_yet_signed", signed, size - 1))

    def bad(
        self,
        what: str,
        position: int,
        *,
        until: int | None = None,
        expected: bytes | None = None,
        found: bytes | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """Report a sign of tampering."""
        right, wrong = (one.hex() if one is not None else None for one in (expected, found))
        self.report.add(Finding(Outcome.TAMPERED, what, position, until, right, wrong, facts or {}))


def _fields(entry: Any) -> _Fields:
    """Raises CanonicalError when the entry lacks what every entry has."""
    try:
        time = datetime.fromisoformat(entry["time"])
        parts = tuple((one["part"], one["commitment"]) for one in entry.get("sealed", ()))
        fields = _Fields(entry["id"], entry["stream"], entry["stream_version"], time, parts)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise CanonicalError("an entry lacks its fields") from error
    texts = (fields.id, fields.stream, *(text for part in parts for text in part))
    if time.tzinfo is None or type(fields.version) is not int or any(type(one) is not str for one in texts):
        raise CanonicalError("an entry's fields are of other types")
    return fields
