"""What of a roster must wait: the file between upload and start, rows until their chunk is done, results until fetched.

Each piece is sealed under a key of its own that lies, wrapped, beside it; deleting the row destroys both. Nothing here
is history and nothing is rebuilt from the log: what is gone is gone (see docs/adr).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    cast,
    delete,
    insert,
    literal,
    select,
)

from shared.kernel.clock import Clock
from shared.storage.columns import Bytes, Id, Instant
from shared.vault import cipher
from shared.vault.keyring import Keyring
from shared.vault.rewrapping import WrappedKeys

metadata = MetaData()
PURPOSE = "identity"
"""The purpose whose key-encryption key wraps the keys of pieces."""

held = Table(
    "registry_held",
    metadata,
    Column("holder", Id, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("number", Integer, nullable=False),
    Column("owner", Id, nullable=False),
    Column("kek", String(16), nullable=False),
    Column("wrapped", Bytes, nullable=False),
    Column("sealed", Bytes, nullable=False),
    Column("time", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("holder", "kind", "number"),
)

HELD = WrappedKeys(
    table=held,
    key_id=held.c.holder + "/" + held.c.kind + "/" + cast(held.c.number, String),
    person=held.c.holder,
    purpose=literal(PURPOSE),
)
"""The keys of pieces, which are wrapped anew as people's are."""


class Kind(StrEnum):
    """What is held."""

    FILE = "file"
    ROWS = "rows"
    RESULT = "result"


class Holding:
    """Keeps pieces for a while. `holder` is the upload or the import that they belong to."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring, self._clock = keyring, clock

    def put(self, tx: Connection, holder: str, kind: Kind, number: int, owner: str, content: bytes) -> None:
        """Keep a piece, in the place of one of the same number."""
        self.drop(tx, holder, kind, number)
        key = cipher.new_key()
        bound = _bound(holder, kind, number)
        kek, wrapped = self._keyring.wrap(key, key_id=bound[1], person=holder, purpose=PURPOSE)
        tx.execute(
            insert(held).values(
                holder=holder,
                kind=kind,
                number=number,
                owner=owner,
                kek=kek,
                wrapped=wrapped,
                sealed=cipher.encrypt(key, content, bound),
                time=self._clock.now(),
            )
        )

    def owner(self, tx: Connection, holder: str, kind: Kind) -> str | None:
        """Who put the pieces there; None when there are none."""
        query = select(held.c.owner).where(held.c.holder == holder, held.c.kind == kind).limit(1)
        return tx.execute(query).scalar()

    def numbers(self, tx: Connection, holder: str, kind: Kind) -> list[int]:
        """The numbers of the pieces that are held, in order."""
        query = select(held.c.number).where(held.c.holder == holder, held.c.kind == kind).order_by(held.c.number)
        return list(tx.execute(query).scalars())

    def get(self, tx: Connection, holder: str, kind: Kind, number: int) -> bytes | None:
        """A piece; None when it is not held."""
        c = held.c
        row = tx.execute(select(held).where(c.holder == holder, c.kind == kind, c.number == number)).one_or_none()
        if row is None:
            return None
        bound = _bound(holder, kind, number)
        key = self._keyring.unwrap(bytes(row.wrapped), kek=row.kek, key_id=bound[1], person=holder, purpose=PURPOSE)
        return cipher.decrypt(key, bytes(row.sealed), bound)

    def drop(self, tx: Connection, holder: str, kind: Kind | None = None, number: int | None = None) -> None:
        """Destroy a piece, all of a kind, or all of a holder."""
        query = delete(held).where(held.c.holder == holder)
        if kind is not None:
            query = query.where(held.c.kind == kind)
        if number is not None:
            query = query.where(held.c.number == number)
        tx.execute(query)

    def drop_files_before(self, tx: Connection, moment: datetime) -> None:
        """Destroy uploads that nobody started to import."""
        tx.execute(delete(held).where(held.c.kind == Kind.FILE, held.c.time < moment))


def _bound(holder: str, kind: Kind, number: int) -> tuple[str, str]:
    return ("registry.held", f"{holder}/{kind}/{number}")
