"""What a witness does with another log's checkpoint: it cosigns what continues the last one that it cosigned.

The rules are those of C2SP `tlog-witness`: a checkpoint is offered with the size that its log takes to be the last one
cosigned (`old`) and the proof that the tree only grew since then. Whatever else is offered is answered with what the
witness knows, so that the log can look at its own tree. It is a contradiction, and recorded with both notes, when the
log's own signature stands under

    split           another root for a size that was cosigned
    inconsistent    a tree that does not begin with the one that was cosigned
    rolled_back     a smaller tree, offered in the knowledge that a larger one was cosigned

Every row that is written here is kept: the history of what was cosigned is evidence of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select

from shared.kernel.clock import Clock
from shared.kernel.ids import derived_id
from shared.ledger.cosignatures import Cosigner, WitnessKey
from shared.ledger.merkle import EMPTY_ROOT, ProofError, verify_consistency
from shared.ledger.notes import Checkpoint, UntrustedNoteError, Verifier, read_checkpoint
from shared.ledger.tables import log_contradictions, log_witnessed

MOST_CONTRADICTIONS = 100
"""Contradictions recorded of one log and witness: the first say everything, and a forger must not fill the disk."""
Kind = Literal["split", "inconsistent", "rolled_back"]
_NOTHING: dict[str, Any] = {"size": 0, "root": EMPTY_ROOT, "note": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """The last checkpoint of a log that was cosigned here; size 0 and no note before the first."""

    number: int = 0
    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str | None = None
    era: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a new era leaves behind: it begins with `size` entries, and `lost` was cosigned last before it."""

    size: int
    lost: Witnessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two notes that one log has signed, of which the later offered does not continue the other."""

    log: str
    witness: str
    kind: Kind
    known_size: int
    known_note: str
    offered_size: int
    offered_note: str

    def record(self, tx: Connection, now: datetime) -> bool:
        """Keep it, once however often it is met. Whether it is new."""
        named = derived_id(self.log, f"{self.witness} {self.kind} {self.known_note} {self.offered_note}")
        at = log_contradictions.c
        if tx.execute(select(at.id).where(at.id == named)).first() is not None:
            return False
        alike = select(func.count()).select_from(log_contradictions)
        if tx.execute(alike.where(at.log == self.log, at.witness == self.witness)).scalar_one() >= MOST_CONTRADICTIONS:
            return False
        tx.execute(insert(log_contradictions).values(id=named, time=now, **dataclasses.asdict(self)))
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A witness's answer: its `cosignature`, one line; or what it `knows`, with the contradiction that it found."""

    knows: Witnessed
    cosignature: str | None = None
    contradiction: Contradiction | None = None


class Witness:
    """Cosigns the checkpoints of other logs and remembers them in its service's database."""

    def __init__(self, cosigner: Cosigner, clock: Clock) -> None:
        self._cosigner, self._clock = cosigner, clock

    @property
    def key(self) -> WitnessKey:
        """What its cosignatures verify with."""
        return self._cosigner.key

    def knows(self, tx: Connection, log: str) -> Witnessed:
        """The last checkpoint of a log that was cosigned here."""
        at = log_witnessed.c
        newest = select(log_witnessed).where(at.log == log).order_by(at.number.desc()).limit(1)
        row = tx.execute(newest).one_or_none()
        if row is None:
            return Witnessed()
        return Witnessed(number=row.number, size=row.size, root=bytes(row.root), note=row.note or None, era=row.era)

    def accept(self, tx: Connection, log: str, size: int) -> Left | None:
        """Begin a new era: what the log shows next must continue what was cosigned of it up to `size`.

        None, and nothing is written, where no larger checkpoint was cosigned. What was cosigned is kept.
        """
        knows, at = self.knows(tx, log), log_witnessed.c
        if knows.size <= size:
            return None
        kept = select(log_witnessed).where(at.log == log, at.size <= size).order_by(at.number.desc()).limit(1)
        row = tx.execute(kept).one_or_none()
        begins = {"size": row.size, "root": bytes(row.root), "note": row.note} if row else _NOTHING
        number, era = knows.number + 1, knows.era + 1
        tx.execute(insert(log_witnessed).values(log=log, number=number, era=era, time=self._clock.now(), **begins))
        return Left(size=int(begins["size"]), lost=knows)

    def look(self, tx: Connection, log: Verifier, note: str, old: int, proof: Sequence[bytes]) -> Verdict:
        """Look at a checkpoint that `log` has signed; its key's name is the origin.

        Raises NoteError's subclasses where the note is not that log's, and IntegrityError where another call has
        cosigned one at the same moment: ask again then.
        """
        offered = read_checkpoint(note, [log])
        if offered.origin != log.name:
            raise UntrustedNoteError("a checkpoint of another log")
        knows = self.knows(tx, log.name)
        kind = _judged(offered, knows, old, proof)
        if kind == "same":
            line = str(knows.note).splitlines(keepends=True)[-1]
            return Verdict(knows=knows, cosignature=line)
        if kind == "grown":
            return self._cosign(tx, log.name, offered, knows)
        if kind == "behind":
            return Verdict(knows=knows)
        found = Contradiction(
            log=log.name,
            witness=self.key.name,
            kind=kind,
            known_size=knows.size,
            known_note=str(knows.note),
            offered_size=offered.size,
            offered_note=note,
        )
        found.record(tx, self._clock.now())
        return Verdict(knows=knows, contradiction=found)

    def _cosign(self, tx: Connection, log: str, offered: Checkpoint, knows: Witnessed) -> Verdict:
        now = self._clock.now()
        line = self._cosigner.cosign(offered.text, now)
        row: dict[str, Any] = {
            "number": knows.number + 1,
            "size": offered.size,
            "root": offered.root,
            "note": offered.text + line,
            "era": knows.era,
        }
        tx.execute(insert(log_witnessed).values(log=log, time=now, **row))
        return Verdict(knows=Witnessed(**row), cosignature=line)


def _judged(
    offered: Checkpoint, knows: Witnessed, old: int, proof: Sequence[bytes]
) -> Kind | Literal["same", "grown", "behind"]:
    if knows.note is not None and offered.size == knows.size:
        return "same" if offered.root == knows.root else "split"
    if old != knows.size:
        return "behind"  # the log is mistaken about what was cosigned, or late: it is told, and comes again
    if offered.size < knows.size:
        return "rolled_back"
    try:
        verify_consistency(old, knows.root, offered.size, offered.root, proof)
    except ProofError:
        # Nothing was cosigned that a first tree could contradict; with another root than the empty tree's, it is none.
        return "inconsistent" if knows.note is not None else "behind"
    return "grown"
