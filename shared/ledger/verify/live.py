"""The verification of a live log: everything that a service's own tables say of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import chain

from sqlalchemy import Connection, select

from shared.ledger.notes import Verifier
from shared.ledger.tables import log_checkpoints
from shared.ledger.tree import Tree
from shared.ledger.verify.checks import FAR
from shared.ledger.verify.report import Report
from shared.ledger.verify.signed import StoredCheckpoint
from shared.ledger.verify.walk import CommitmentOf, MissingPart, Row, verify_log


def verify_live(
    tx: Connection,
    entries: Iterable[Row],
    verifiers: Sequence[Verifier],
    *,
    origin: str | None = None,
    kept_elsewhere: Iterable[str] = (),
    missing_part: MissingPart | None = None,
    commitment_of: CommitmentOf | None = None,
    accept_late: timedelta = FAR,
) -> Report:
    """Check a service's log within one reading transaction.

    `entries` are read by the caller, who knows where entries stand: all rows of `log_positions` in order, with None
    for an entry that is not there. `kept_elsewhere` are the notes of this log that neighbours or the county keep:
    without them nobody can tell a log that was cut off at an old checkpoint from one that never grew further.
    """
    tree = Tree()
    checkpoints = chain(stored_checkpoints(tx), (StoredCheckpoint(note) for note in kept_elsewhere))
    return verify_log(
        entries,
        checkpoints,
        verifiers,
        tree.nodes_in_order(tx),
        origin=origin,
        tree_size=tree.size(tx),
        missing_part=missing_part,
        commitment_of=commitment_of,
        accept_late=accept_late,
    )


def stored_checkpoints(tx: Connection) -> Iterator[StoredCheckpoint]:
    """The log's own checkpoints, the smallest size first."""
    rows = tx.execute(select(log_checkpoints).order_by(log_checkpoints.c.size))
    for row in rows:
        yield StoredCheckpoint(row.note, row.size, bytes(row.root), row.time)
