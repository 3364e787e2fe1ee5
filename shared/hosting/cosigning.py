"""The log's side of witnessing: each new checkpoint is offered to every other service, and what they answer is kept.

A witness that does not answer is asked again later, with growing patience; nothing waits for it. What a witness says
that it knows is believed only where this log's own key has signed it, and is then compared with this service's tree:
a larger tree, or another root, means that the log here is not what it was. That is a contradiction: logged, recorded
with both notes, and the service is unready for as long as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Table, func, insert, select

from shared.hosting.checkpoint_files import write_checkpoint
from shared.hosting.clients.port import OutcomeUnknown, ServiceUnavailable
from shared.hosting.foundation import Foundation, witness_name
from shared.hosting.witnessing import witness_key
from shared.kernel.refusals import Refusal
from shared.ledger.cosignatures import check_line
from shared.ledger.notes import Checkpoint, NoteError, read_checkpoint
from shared.ledger.tables import log_checkpoints, log_cosignatures
from shared.ledger.tree import DamagedTreeError, cosigned
from shared.ledger.witnessing import Contradiction, Kind
from shared.vault.errors import KeyringError

log = structlog.get_logger(__name__)
Offer = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Asks a service's door `witness`. Raises Refusal, ServiceUnavailable or OutcomeUnknown."""
FIRST_PATIENCE, LONGEST_PATIENCE = timedelta(seconds=2), timedelta(minutes=5)
CONTRADICTED_PATIENCE = timedelta(seconds=15)
"""The longest pause before a witness is asked again that contradicts: it says by itself when somebody has decided."""
_ROUNDS = 3
"""Offers of one checkpoint in a row: one, one after a conflict, and one more that says what is known."""


@dataclass(slots=True)
class _Standing:
    """How this log stands with one witness. `known` is the size that it cosigned last; None: not asked yet."""

    known: int | None = None
    patience: timedelta = FIRST_PATIENCE
    again_at: datetime | None = None
    contradicts: bool = False


class Cosigning:
    """Collects the cosignatures of `witnesses` (services) under this service's checkpoints."""

    def __init__(self, base: Foundation, witnesses: list[str], offer: Offer) -> None:
        self._base, self._offer = base, offer
        self._standing = {name: _Standing() for name in witnesses}

    def contradicting(self) -> list[str]:
        """The witnesses that say that this log is not what it was."""
        return [name for name, one in self._standing.items() if one.contradicts]

    def agreeing(self) -> list[str]:
        """The witnesses that have cosigned the newest checkpoint when they were asked last."""
        asked = {name: one for name, one in self._standing.items() if one.known is not None}
        return [name for name, one in asked.items() if not one.contradicts and one.again_at is None]

    def step(self) -> bool:
        """Offer the newest checkpoint to whoever has not cosigned it and may be asked. Raises as the database does."""
        with self._base.database.read() as tx:
            newest = self._base.checkpoints.newest(tx)
        if newest is None:
            return False
        for witness, standing in self._standing.items():
            now = self._base.clock.now()
            waits = standing.again_at is not None and now < standing.again_at <= now + LONGEST_PATIENCE
            if (standing.contradicts or standing.known != newest[0]) and not waits:
                self._ask(witness, standing, *newest)
        return False

    def _ask(self, witness: str, standing: _Standing, size: int, note: str) -> None:
        try:
            done = self._offered(witness, standing, size, note)
        except (ServiceUnavailable, OutcomeUnknown) as error:
            log.info("witness_not_reached", log=self._base.name, witness=witness, error=type(error).__name__)
            done = False
        except (Refusal, NoteError, KeyringError, DamagedTreeError, KeyError, TypeError) as error:
            code = error.code if isinstance(error, Refusal) else type(error).__name__
            log.error("witness_of_no_use", log=self._base.name, witness=witness, error=code)  # noqa: TRY400 - named
            done = False
        if done:
            standing.patience, standing.again_at = FIRST_PATIENCE, None
        else:
            longest = CONTRADICTED_PATIENCE if standing.contradicts else LONGEST_PATIENCE
            standing.patience = min(standing.patience, longest)
            standing.again_at = self._base.clock.now() + standing.patience
            standing.patience = min(standing.patience * 2, longest)

    def _offered(self, witness: str, standing: _Standing, size: int, note: str) -> bool:
        """Offer a checkpoint until the witness has cosigned it; whether it has."""
        old = self._last_size(witness) if standing.known is None else standing.known
        for _ in range(_ROUNDS):
            if old > size and not standing.contradicts:
                return False  # a larger checkpoint of this log was signed already: it is offered once it is seen here
            try:
                answer = self._offer(witness, self._words(old, size, note))
            except Refusal as refusal:
                if refusal.code not in ("log.checkpoint_conflict", "log.checkpoint_contradicted"):
                    raise
                old = self._compare(witness, standing, refusal.facts, size, note)
                if refusal.code == "log.checkpoint_contradicted":
                    return False
                continue
            self._keep(witness, size, note, str(answer["cosignature"]))
            self._agrees(witness, standing, size)
            standing.known = size
            return True
        return False

    def _words(self, old: int, size: int, note: str) -> dict[str, Any]:
        proof: list[bytes] = []
        if 0 < old < size:
            with self._base.database.read() as tx:
                proof = self._base.store.tree.consistency(tx, old, size)
        return {"note": note, "old": old, "proof": [one.hex() for one in proof]}

    def _compare(self, witness: str, standing: _Standing, facts: dict[str, Any], size: int, note: str) -> int:
        """The size that a witness knows. What it knows and this service's tree does not hold is a contradiction."""
        if facts.get("note") is None:
            standing.known = 0
            self._agrees(witness, standing, 0)
            return 0
        known = read_checkpoint(str(facts["note"]), [self._base.verifier])
        standing.known = known.size
        with self._base.database.read() as tx:
            kind = self._kind(tx, known)
        if kind is None:
            self._agrees(witness, standing, known.size)
            return known.size
        standing.contradicts = True
        found = Contradiction(
            log=self._base.store.source,
            witness=witness_name(self._base.settings, witness),
            kind=kind,
            known_size=known.size,
            known_note=known.text,
            offered_size=size,
            offered_note=note,
        )
        with self._base.database.begin() as tx:
            new = found.record(tx, self._base.clock.now())
        said = {"known_size": known.size, "offered_size": size}
        log.error("log_contradicted_by_witness", log=self._base.name, witness=witness, kind=kind, new=new, **said)
        return known.size

    def _agrees(self, witness: str, standing: _Standing, size: int) -> None:
        """What the witness knows last is in this service's tree, whatever it said before."""
        if standing.contradicts:
            log.warning("witness_agrees_again", log=self._base.name, witness=witness, size=size)
        standing.contradicts = False

    def _kind(self, tx: Connection, known: Checkpoint) -> Kind | None:
        tree = self._base.store.tree
        if known.size > tree.size(tx):
            return "rolled_back"
        return None if tree.root(tx, known.size) == known.root else "split"

    def _last_size(self, witness: str) -> int:
        at = log_cosignatures.c
        last = select(func.max(at.size)).where(at.witness == witness_name(self._base.settings, witness))
        with self._base.database.read() as tx:
            return tx.execute(last).scalar() or 0

    def _keep(self, witness: str, size: int, note: str, line: str) -> None:
        """Store a cosignature that verifies, and write the note that now bears it to the directory outside."""
        base = self._base
        key = witness_key(base, witness)
        time = check_line(note, line, key)
        with base.database.begin() as tx:
            if not _has(tx, log_cosignatures, size, key.name):
                row = {"size": size, "witness": key.name, "line": line, "time": time}
                tx.execute(insert(log_cosignatures).values(**row))
            whole = cosigned(tx, size, str(tx.execute(_note_of(size)).scalar_one()))
        if base.settings.checkpoint_dir is not None:
            write_checkpoint(base.settings.checkpoint_dir / base.name, size, whole)


def _has(tx: Connection, table: Table, size: int, witness: str) -> bool:
    found = select(table.c.size).where(table.c.size == size, table.c.witness == witness)
    return tx.execute(found).first() is not None


def _note_of(size: int) -> Any:
    return select(log_checkpoints.c.note).where(log_checkpoints.c.size == size)
