"""The whole check of a live log: by itself (`verify`), and against what its witnesses keep of it (`compare`).

A check reads the log once, page by page, within one reading transaction. Doors never call other services: whoever
asks for both (`shouwang audit verify`) carries the witnesses' notes from their doors to this one.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from shared.access.principals import Call
from shared.eventstore import tables as t
from shared.hosting.checkpoint_files import kept_checkpoints
from shared.hosting.erasing import erased_people
from shared.hosting.foundation import Foundation, Rooms
from shared.ledger.notes import MalformedNoteError, NoteError, read_checkpoint
from shared.ledger.tables import log_positions
from shared.ledger.tree import DamagedTreeError
from shared.ledger.verify import FAR, Finding, Outcome, Report, Row, verify_live
from shared.vault.attachments import commitments
from shared.vault.cipher import commitment
from shared.vault.tables import among, vault_parts

Asked = Call[dict[str, Any]]
_PAGE = 500


def verify(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """The whole log checked against its entries, its tree and its checkpoints.

    Times that stand back by no more than `accept_late` seconds are warnings.
    """
    base = rooms.base
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
    late = max(FAR, timedelta(seconds=call.data["accept_late"]))
    report = _checked(base, late)
    grave = {one.what for one in report.findings if one.outcome is not Outcome.LATE}
    unsigned = grave <= {"log_unsigned"}
    if unsigned and report.size > report.signed_size:
        # What is whole and has no signature yet rests on nobody's word: it is signed now, and looked at again. A tail
        # is never signed unlooked at. Another process may be signing the same size at this moment, which is as good.
        with contextlib.suppress(IntegrityError), base.database.begin() as tx:
            base.checkpoints.make(tx)
        report = _checked(base, late)
    return {
        "service": base.name,
        "outcome": report.outcome.name.lower(),
        "exit_code": report.exit_code,
        "size": report.size,
        "root": report.root,
        "signed_size": report.signed_size,
        "findings": [_finding(one) for one in report.findings],
        "warnings": [_finding(one) for one in report.warnings],
        "counts": dict(report.counts),
    }


def _checked(base: Foundation, accept_late: timedelta) -> Report:
    """The live log against its tree, its signatures, and the checkpoints that were kept outside the database."""
    kept = kept_checkpoints(base.settings.checkpoint_dir / base.name) if base.settings.checkpoint_dir else ()
    with base.database.read() as tx:
        live = _LiveLog(tx, erased_people(tx, base.name))
        return verify_live(
            tx,
            live.rows(),
            [base.verifier],
            origin=base.store.source,
            kept_elsewhere=kept,
            missing_part=live.part_is_missing,
            commitment_of=live.commitment_of,
            accept_late=accept_late,
        )


def compare(rooms: Rooms[Any, Any], call: Asked) -> dict[str, Any]:
    """Notes of this log that somebody keeps, by size, held against the log's tree: `{"agreed", "findings"}`.

    `agreed` is the largest size up to which all agree, beginning with the one that the caller gives. It is the tree
    that they are held against: whether the tree is that of the entries, `verify` says.
    """
    base, agreed = rooms.base, int(call.data["agreed"])
    report = Report()
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        for note in call.data["notes"]:
            finding = _held(base, tx, note, agreed)
            if finding is None:
                agreed = max(agreed, read_checkpoint(note, [base.verifier]).size) if not report.findings else agreed
            else:
                report.add(finding)
    return {"agreed": agreed, "exit_code": report.exit_code, "findings": [_finding(one) for one in report.findings]}


def _held(base: Foundation, tx: Connection, note: str, agreed: int) -> Finding | None:
    """What is wrong with the log if this note is right."""
    try:
        kept = read_checkpoint(note, [base.verifier])
    except NoteError as error:
        wrong = Outcome.UNREADABLE if isinstance(error, MalformedNoteError) else Outcome.UNTRUSTED
        return Finding(wrong, f"witnessed_checkpoint_{wrong.name.lower()}", facts={"reason": str(error)})
    if kept.origin != base.store.source:
        return Finding(Outcome.UNTRUSTED, "checkpoint_of_another_log", facts={"origin": kept.origin})
    size = base.store.tree.size(tx)
    if kept.size > size:
        facts = {"signed_size": kept.size, "size": size}
        return Finding(Outcome.ROLLED_BACK, "rolled_back", size, kept.size - 1, kept.root.hex(), facts=facts)
    try:
        root = base.store.tree.root(tx, kept.size)
    except DamagedTreeError as error:
        return Finding(Outcome.TAMPERED, "node_missing", min(agreed, kept.size), facts={"reason": str(error)})
    if root == kept.root:
        return None
    first = min(agreed, max(kept.size - 1, 0))
    return Finding(
        Outcome.ROLLED_BACK, "split", first, max(kept.size - 1, 0), kept.root.hex(), root.hex(), {"size": kept.size}
    )


class _LiveLog:
    """The rows of the log as the verification walks them, a page at a time, with the sealed parts that are there."""

    def __init__(self, tx: Connection, erased: frozenset[str]) -> None:
        self._tx, self._erased = tx, erased
        self._parts: dict[tuple[str, str], str] = {}
        self._entries: dict[str, bytes] = {}

    def rows(self) -> Iterator[Row]:
        """All places in order; an entry that is not there is None."""
        last = -1
        while True:
            page = self._tx.execute(
                select(log_positions.c.position, log_positions.c.event_id, t.events.c.entry, log_positions.c.leaf)
                .outerjoin(t.events, t.events.c.id == log_positions.c.event_id)
                .where(log_positions.c.position > last)
                .order_by(log_positions.c.position)
                .limit(_PAGE)
            ).all()
            if not page:
                return
            kept = vault_parts.c
            events = [row.event_id for row in page]
            found = select(kept.event_id, kept.part, kept.blind, kept.ciphertext).where(
                among(self._tx, kept.event_id, events)
            )
            self._parts = {
                (row.event_id, row.part): commitment(bytes(row.blind), bytes(row.ciphertext))
                for row in self._tx.execute(found)
            } | commitments(self._tx, events)
            self._entries = {row.event_id: bytes(row.entry) for row in page if row.entry is not None}
            for row in page:
                yield row.position, row.event_id, None if row.entry is None else bytes(row.entry), bytes(row.leaf)
            last = page[-1].position

    def part_is_missing(self, event_id: str, part: str) -> bool:
        """Whether a part that the entry names is not stored, though nobody has erased the person it tells about."""
        if (event_id, part) in self._parts:
            return False
        sealed = msgspec.json.decode(self._entries[event_id])["sealed"]
        return any(one["part"] == part and one["person"] not in self._erased for one in sealed)

    def commitment_of(self, event_id: str, part: str) -> str | None:
        """What the stored part commits to; None where it is not stored."""
        return self._parts.get((event_id, part))


def _finding(one: Any) -> dict[str, Any]:
    facts = dataclasses.asdict(one)
    facts["outcome"] = one.outcome.name.lower()
    return {key: value for key, value in facts.items() if value is not None}
