"""Attachments: files that events carry, encrypted in chunks in the service's database, committed to by ciphertext.

    files.put(tx, upload, number=1, count=2, content=…, …)      a chunk comes in, in a transaction of its own
    files.opened(tx, files.waiting(tx, upload))                 what came in, chunk by chunk, to look at its type
    event = FileAttached(file=upload, …)                        `attached("notes", of="child")`: the store keeps it
    files.read(tx, upload, reference, number=1, count=2)        one chunk, for who may read

A chunk is sealed when it arrives, with its number, the count of all, the attachment, the person, the purpose and the
key bound into it: swapped, doubled, or moved to another file it does not open. The transaction that appends the event
moves the chunks, as they are, to where the database keeps them, and the entry names them as one more of its sealed
parts. So the audit, the restriction and the erasure of parts hold for files too. One chunk at a time is in memory.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Table, delete, insert, literal, select

from shared.kernel.clock import Clock
from shared.kernel.refusals import NotFound
from shared.vault import cipher
from shared.vault.errors import Tampered
from shared.vault.parts import Reference, SealedPart
from shared.vault.tables import among, vault_attachments, vault_chunks, vault_uploads
from shared.vault.vault import Vault

CHUNK = 1024 * 1024
"""Bytes of a chunk; only the last may have fewer."""
MOST_CHUNKS = 10
WAITS = timedelta(hours=24)
"""How long chunks wait for the event that carries them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file whose chunks wait to be attached. `numbers` are those that have come, `size` is in bytes."""

    attachment: str
    owner: str
    person: str
    purpose: str
    key: str
    count: int
    numbers: tuple[int, ...]
    size: int

    @property
    def whole(self) -> bool:
        """Whether every chunk has come."""
        return self.numbers == tuple(range(1, self.count + 1))


class Attachments:
    """The files of one service's events."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault, self._clock = vault, clock

    def put(
        self,
        tx: Connection,
        attachment: str,
        *,
        number: int,
        count: int,
        content: bytes,
        owner: str,
        person: str,
        purpose: str,
    ) -> None:
        """Seal a chunk and let it wait, in the place of one of the same number. Of a kept file nothing changes.

        Raises ValueError on a chunk of the wrong size or number, NotFound where somebody else brings this file, or it
        began as another one, and as `Vault.seal` does.
        """
        fits = 0 < len(content) <= CHUNK and (number == count or len(content) == CHUNK)
        if not fits or not 1 <= number <= count <= MOST_CHUNKS:
            raise ValueError("not a chunk of a file")
        u = vault_uploads.c
        tx.execute(delete(vault_uploads).where(u.time < self._clock.now() - WAITS))
        kept = select(vault_attachments.c.attachment).where(vault_attachments.c.attachment == attachment)
        if tx.execute(kept).first() is not None:
            return
        key_id, key = self._vault.sealing_key(tx, person, purpose)
        begun = self.waiting(tx, attachment)
        if begun is not None and (begun.owner, begun.count, begun.person, begun.purpose, begun.key) != (
            owner,
            count,
            person,
            purpose,
            key_id,
        ):
            raise NotFound("upload", id=attachment)
        tx.execute(delete(vault_uploads).where(u.attachment == attachment, u.number == number))
        tx.execute(
            insert(vault_uploads).values(
                attachment=attachment,
                number=number,
                total=count,
                owner=owner,
                person=person,
                purpose=purpose,
                key_id=key_id,
                size=len(content),
                ciphertext=cipher.encrypt(key, content, _bound(attachment, number, count, person, purpose, key_id)),
                time=self._clock.now(),
            )
        )

    def waiting(self, tx: Connection, attachment: str) -> Waiting | None:
        """What has come of a file that waits; None where nothing has."""
        u = vault_uploads.c
        query = select(u.number, u.size, u.total, u.owner, u.person, u.purpose, u.key_id)
        rows = tx.execute(query.where(u.attachment == attachment).order_by(u.number)).all()
        if not rows:
            return None
        return Waiting(
            attachment=attachment,
            owner=rows[0].owner,
            person=rows[0].person,
            purpose=rows[0].purpose,
            key=rows[0].key_id,
            count=rows[0].total,
            numbers=tuple(row.number for row in rows),
            size=sum(row.size for row in rows),
        )

    def opened(self, tx: Connection, file: Waiting) -> Iterator[bytes]:
        """The chunks of a file that waits, in order, one at a time. Raises NotFound where its key is gone.

        What waits has no reader: only the system looks at it, though the person be restricted.
        """
        key_id, key = self._vault.sealing_key(tx, file.person, file.purpose)
        if key_id != file.key:
            raise NotFound("upload", id=file.attachment)
        for number, ciphertext in _chunks(tx, vault_uploads, file.attachment):
            bound = _bound(file.attachment, number, file.count, file.person, file.purpose, file.key)
            yield _decrypted(key, ciphertext, bound, file.attachment)

    def keep(
        self, tx: Connection, attachment: str, *, event_id: str, part: str, person: str, purpose: str
    ) -> SealedPart:
        """Keep a waiting file as a part of an event, in the transaction that appends it.

        Raises NotFound where it does not wait whole for this person and purpose, and the refusal PersonErased.
        """
        key_id, _key = self._vault.sealing_key(tx, person, purpose)
        file = self.waiting(tx, attachment)
        if file is None or not file.whole or (file.person, file.purpose, file.key) != (person, purpose, key_id):
            raise NotFound("upload", id=attachment)
        blind = cipher.new_blind()
        committed = commitment(blind, _chunks(tx, vault_uploads, attachment))
        u = vault_uploads.c
        moved = select(u.attachment, u.number, literal(person), u.ciphertext).where(u.attachment == attachment)
        tx.execute(insert(vault_chunks).from_select(["attachment", "number", "person", "ciphertext"], moved))
        tx.execute(
            insert(vault_attachments).values(
                attachment=attachment, event_id=event_id, part=part, person=person, blind=blind
            )
        )
        tx.execute(delete(vault_uploads).where(u.attachment == attachment))
        return SealedPart(
            event_id=event_id, part=part, person=person, purpose=purpose, key=key_id, commitment=committed
        )

    def read(self, tx: Connection, attachment: str, reference: Reference, *, number: int, count: int) -> bytes | None:
        """One chunk of a kept file; `reference` is what its entry says of it. None where a part would be None.

        With the first chunk the whole file is held against its commitment. Raises Tampered where what is stored is
        not what the entry commits to.
        """
        blind = tx.execute(
            select(vault_attachments.c.blind).where(vault_attachments.c.attachment == attachment)
        ).scalar()
        key = self._vault.opening_key(tx, reference["key"])
        if blind is None or key is None:
            return None
        if number == 1:
            found = commitment(bytes(blind), _chunks(tx, vault_chunks, attachment))
            if not hmac.compare_digest(found, reference["commitment"]):
                raise Tampered(attachment, reference["part"], "the file is not the one that the entry commits to")
        ciphertext = _chunk(tx, vault_chunks, attachment, number)
        if ciphertext is None:
            raise Tampered(attachment, reference["part"], f"chunk {number} is missing")
        bound = _bound(attachment, number, count, reference["person"], reference["purpose"], reference["key"])
        return _decrypted(key, ciphertext, bound, attachment)


def commitments(tx: Connection, event_ids: list[str]) -> dict[tuple[str, str], str]:
    """What the kept files of these events commit to, by event and part, read chunk by chunk: for the audit."""
    a = vault_attachments.c
    query = select(a.attachment, a.event_id, a.part, a.blind).where(among(tx, a.event_id, event_ids))
    return {
        (row.event_id, row.part): commitment(bytes(row.blind), _chunks(tx, vault_chunks, row.attachment))
        for row in tx.execute(query).all()
    }


def commitment(blind: bytes, chunks: Iterable[tuple[int, bytes]]) -> str:
    """HMAC-SHA256 under the blind over the chunks, each behind its number and its length; 64 hex characters."""
    made = hmac.new(blind, digestmod=hashlib.sha256)
    for number, ciphertext in chunks:
        made.update(number.to_bytes(4, "big") + len(ciphertext).to_bytes(8, "big"))
        made.update(ciphertext)
    return made.hexdigest()


def _chunks(tx: Connection, table: Table, attachment: str) -> Iterator[tuple[int, bytes]]:
    """The ciphertexts in order, a statement each: a driver would otherwise fetch the whole file at once."""
    numbers = select(table.c.number).where(table.c.attachment == attachment).order_by(table.c.number)
    for number in tx.execute(numbers).scalars().all():
        yield number, _chunk(tx, table, attachment, number) or b""


def _chunk(tx: Connection, table: Table, attachment: str, number: int) -> bytes | None:
    query = select(table.c.ciphertext).where(table.c.attachment == attachment, table.c.number == number)
    found = tx.execute(query).scalar()
    return None if found is None else bytes(found)


def _bound(attachment: str, number: int, count: int, person: str, purpose: str, key_id: str) -> tuple[str, ...]:
    """What a chunk is bound to, so that it opens in its own place only."""
    return ("attachment", attachment, str(number), str(count), person, purpose, key_id)


def _decrypted(key: bytes, ciphertext: bytes, bound: tuple[str, ...], attachment: str) -> bytes:
    try:
        return cipher.decrypt(key, ciphertext, bound)
    except cipher.WrongSeal:
        raise Tampered(attachment, f"chunk {bound[2]}", "the chunk or its key does not open") from None
