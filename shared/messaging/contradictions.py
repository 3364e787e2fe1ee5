"""Contradictions of a log and a witness, and what somebody decided about one: who, why, for good.

The record itself (`log_contradictions`) is evidence and never changes. A decision is an event of the service that keeps
the record; from then on it is no trouble any more. The reason is a code: a log is no place for free words.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Event, PublicText, Ref, event
from shared.kernel.refusals import Refusal
from shared.ledger.notes import from_base64


class ContradictionReason(StrEnum):
    """What was found to be behind two notes that contradict each other."""

    RESTORED_FROM_BACKUP = "restored_from_backup"
    PUT_BACK_BY_MISTAKE = "put_back_by_mistake"
    KEY_IN_OTHER_HANDS = "key_in_other_hands"
    TAMPERING_REPORTED = "tampering_reported"
    EXERCISE = "exercise"


@event("log.contradiction_decided", version=1)
@dataclass(frozen=True, kw_only=True)
class ContradictionDecided(Event):
    """Somebody has looked into a contradiction between a log and a witness, and says what was behind it.

    `contradiction` is the id of the record that keeps both notes; sizes and roots (hex) are those of the notes: what
    was cosigned, and what the log showed later. Private to the service that records it.
    """

    contradiction: Ref
    log: PublicText
    witness: PublicText
    kind: PublicText
    known_size: int
    known_root: PublicText
    offered_size: int
    offered_root: PublicText
    reason: ContradictionReason


class LogContradiction(Aggregate):
    """What a service has decided about a contradiction on its record."""

    kind = "log_contradiction"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.decided = False

    def decide(self, met: Any, reason: ContradictionReason) -> None:
        """Say what was behind it; `met` is the row of the record.

        Raises Refusal `log.contradiction_is_decided`: what was said once stands.
        """
        if self.decided:
            raise Refusal("log.contradiction_is_decided")
        self.record(
            ContradictionDecided(
                contradiction=Ref(self.id),
                log=PublicText(met.log),
                witness=PublicText(met.witness),
                kind=PublicText(met.kind),
                known_size=met.known_size,
                known_root=root_in(met.known_note),
                offered_size=met.offered_size,
                offered_root=root_in(met.offered_note),
                reason=reason,
            )
        )

    def _apply_contradiction_decided(self, event: ContradictionDecided) -> None:
        self.decided = True


EVENTS: tuple[type[Event], ...] = (ContradictionDecided,)


@functools.cache
def contradiction_of(service: str) -> type[LogContradiction]:
    """The aggregate as it stands in the log of one service."""
    return type("LogContradiction", (LogContradiction,), {"service": service})


def root_in(note: str) -> PublicText:
    """The root (hex) that a checkpoint names in its third line. Raises MalformedNoteError."""
    return PublicText(from_base64(note.split("\n", 3)[2]).hex())
