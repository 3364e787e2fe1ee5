"""C2SP `tlog-cosignature`, version 1, with Ed25519: a witness's word, with its time, under another's checkpoint.

    — <witness> <base64 of key hash (4 bytes), seconds since 1970 (8 bytes, big-endian), signature (64 bytes)>

What is signed is `cosignature/v1`, a line with the time, and the text of the note. A cosignature says more than "I saw
this": the witness has checked that the log only grew since the last checkpoint that it cosigned.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.ledger.notes import (
    ForgedNoteError,
    MalformedNoteError,
    PublicKey,
    Verifier,
    lines_of,
    split_note,
    to_base64,
)

COSIGNATURE = 0x04
"""The signature type of timestamped Ed25519 cosignatures in the signed-note registry."""
_TIMED = struct.Struct(">Q64s")
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class WitnessKey(PublicKey):
    """The public half of a key that cosigns the checkpoints of others."""

    kind = COSIGNATURE

    def verify(self, body: str, timed: bytes) -> datetime:
        """Check 72 bytes of time and signature over the text of a note; when it was given.

        Raises MalformedNoteError on other bytes, ForgedNoteError when it is not this witness's.
        """
        if len(timed) != _TIMED.size:
            raise MalformedNoteError("a cosignature has a time and a signature of 64 bytes")
        seconds, signature = _TIMED.unpack(timed)
        if seconds >= _LATEST:
            raise MalformedNoteError("the time of a cosignature is beyond all years")
        Verifier(self.name, self.public_key).verify(_message(body, seconds), signature)
        return datetime.fromtimestamp(seconds, UTC)


class Cosigner:
    """A named Ed25519 key that cosigns checkpoints and signs nothing else."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.key = WitnessKey(name, private.public_key().public_bytes_raw())
        self._private = private

    def __repr__(self) -> str:
        """The public half only."""
        return f"Cosigner({self.key})"

    def cosign(self, note: str, time: datetime) -> str:
        """The signature line under a note, at a time in whole seconds. Raises MalformedNoteError on what is no note."""
        body, _ = split_note(note)
        seconds = int(time.timestamp())
        timed = _TIMED.pack(seconds, self._private.sign(_message(body, seconds).encode()))
        return f"\u2014 {self.key.name} {to_base64(self.key.key_hash + timed)}\n"


def cosignatures(note: str, witnesses: Sequence[WitnessKey]) -> dict[str, datetime]:
    """Which of these witnesses have cosigned a note, and when (the latest of several lines).

    Lines by others are passed over. Raises MalformedNoteError, or ForgedNoteError for a line that names one of the
    witnesses' keys and is not its signature.
    """
    body, lines = split_note(note)
    found: dict[str, datetime] = {}
    for witness, timed in lines_of(lines, witnesses):
        time = witness.verify(body, timed)
        found[witness.name] = max(time, found.get(witness.name, time))
    return found


def check_line(note: str, line: str, witness: WitnessKey) -> datetime:
    """The time of a single line that a witness is said to have given under a note. Raises NoteError's subclasses."""
    if line.count("\n") != 1 or (time := cosignatures(note + line, [witness]).get(witness.name)) is None:
        raise ForgedNoteError(f"not a cosignature by {witness.name}")
    return time


def _message(body: str, seconds: int) -> str:
    return f"cosignature/v1\ntime {seconds}\n{body}"
