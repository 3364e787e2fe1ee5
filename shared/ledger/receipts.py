"""Receipts: C2SP `tlog-proof`, one text that proves by itself that an entry stands in a signed log.

    c2sp.org/tlog-proof@v1
    extra <base64 of the entry>
    index <position>
    <base64 of a hash, from the leaf's sibling upwards>
                                      an empty line
    <the checkpoint, as it was signed>

The entry travels as the extra data, so that its reader needs nothing else: the proof authenticates it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.ledger.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from shared.ledger.notes import Checkpoint, Verifier, read_checkpoint

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
MIMETYPE = "text/plain"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


class ReceiptError(ValueError):
    """A text that is no receipt of ours."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry, its place, and the proof that the checkpoint's tree holds it there."""

    entry: bytes
    position: int
    proof: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        """The receipt as it is stored and handed out."""
        lines = [HEADER, f"extra {_text64(self.entry)}", f"index {self.position}", *map(_text64, self.proof)]
        return "".join(f"{line}\n" for line in lines) + "\n" + self.note

    def verify(self, verifiers: Sequence[Verifier]) -> Checkpoint:
        """The checkpoint, which one of the verifiers signed and whose tree holds the entry.

        Raises NoteError on the checkpoint, ProofError where the proof does not lead to its root.
        """
        checkpoint = read_checkpoint(self.note, verifiers)
        verify_inclusion(leaf_hash(self.entry), self.position, checkpoint.size, self.proof, checkpoint.root)
        return checkpoint


def read_receipt(text: str) -> Receipt:
    """Read what `Receipt.text` wrote. Raises ReceiptError on anything else, one without its entry included."""
    head, parted, note = text.partition("\n\n")
    lines = head.split("\n")
    if not parted or lines[0] != HEADER or len(lines) < 3 or not lines[1].startswith("extra "):
        raise ReceiptError("not a receipt with its entry")
    index = _INDEX.fullmatch(lines[2])
    if index is None:
        raise ReceiptError("no index")
    proof = tuple(_bytes(one) for one in lines[3:])
    if any(len(one) != HASH_SIZE for one in proof):
        raise ReceiptError("a hash has 32 bytes")
    return Receipt(_bytes(lines[1].removeprefix("extra ")), int(index[1]), proof, note)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReceiptError("not base64") from error


def _text64(material: bytes) -> str:
    return base64.b64encode(material).decode()
