"""What was signed of a log: its checkpoints by size, each read strictly and signed by somebody who is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.ledger.notes import Checkpoint, MalformedNoteError, NoteError, Verifier, read_checkpoint
from shared.ledger.verify.report import Finding, Outcome, Report


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint as somebody keeps it: the note, and what stands beside it in a table, if it comes from one."""

    note: str
    size: int | None = None
    root: bytes | None = None
    time: datetime | None = None


@dataclass(slots=True)
class Mark:
    """What trusted signatures say of one size: normally one root."""

    roots: list[bytes] = field(default_factory=list)
    time: datetime | None = None


def signed_marks(
    stored: Iterable[StoredCheckpoint], verifiers: Sequence[Verifier], origin: str | None, report: Report
) -> dict[int, Mark]:
    """The signed roots by size. What is crooked, untrusted, of another log, or signed twice goes into the report."""
    marks: dict[int, Mark] = {}
    for one in stored:
        checkpoint = _read(one, verifiers, report)
        if checkpoint is None:
            continue
        origin = origin or checkpoint.origin
        if checkpoint.origin != origin:
            facts = {"origin": checkpoint.origin, "expected_origin": origin, "size": checkpoint.size}
            report.add(Finding(Outcome.UNTRUSTED, "checkpoint_of_another_log", facts=facts))
            continue
        _compare_row(one, checkpoint, report)
        mark = marks.setdefault(checkpoint.size, Mark())
        mark.time = mark.time or one.time
        if mark.roots and checkpoint.root not in mark.roots:
            report.add(
                Finding(
                    Outcome.ROLLED_BACK,
                    "split",
                    expected=mark.roots[0].hex(),
                    found=checkpoint.root.hex(),
                    facts={"size": checkpoint.size},
                )
            )
        if checkpoint.root not in mark.roots:
            mark.roots.append(checkpoint.root)
    return marks


def _read(one: StoredCheckpoint, verifiers: Sequence[Verifier], report: Report) -> Checkpoint | None:
    try:
        return read_checkpoint(one.note, verifiers)
    except MalformedNoteError as error:
        facts = {"size": one.size, "reason": str(error)}
        report.add(Finding(Outcome.UNREADABLE, "checkpoint_unreadable", facts=facts))
    except NoteError as error:
        facts = {"size": one.size, "reason": str(error)}
        report.add(Finding(Outcome.UNTRUSTED, "checkpoint_untrusted", facts=facts))
    return None


def _compare_row(one: StoredCheckpoint, checkpoint: Checkpoint, report: Report) -> None:
    if one.size not in (None, checkpoint.size) or one.root not in (None, checkpoint.root):
        report.add(
            Finding(
                Outcome.TAMPERED,
                "checkpoint_row_changed",
                expected=checkpoint.root.hex(),
                found=one.root.hex() if one.root is not None else None,
                facts={"signed_size": checkpoint.size, "stored_size": one.size},
            )
        )
