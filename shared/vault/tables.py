"""The vault's tables, the same in each service's database.

None is history. Wrapped keys are re-wrapped when key-encryption keys rotate and emptied by an erasure, which also
deletes parts; so no foreign key ties them together. What the log says of them, it says by key id and commitment. What
the database itself refuses, whoever asks, stands in `shared.vault.guards`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    any_,
    bindparam,
    func,
    literal,
    select,
)

from shared.storage.arrays import binaries, texts
from shared.storage.columns import Bytes, Id, Instant
from shared.storage.folding import write

metadata = MetaData()

vault_keys = Table(
    "vault_keys",
    metadata,
    Column("key_id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("purpose", String(20), nullable=False),
    # NULL: destroyed. The row stays, so that the key is not taken for one that was never fetched.
    Column("wrapped", Bytes, nullable=True),
    Column("kek", String(16), nullable=False),
    Column("created", Instant, nullable=False),
)
"""People's keys, wrapped: those that this service makes, and those that it fetched from their owners."""

Index(
    "vault_keys_live",
    vault_keys.c.person,
    vault_keys.c.purpose,
    unique=True,
    sqlite_where=vault_keys.c.wrapped.is_not(None),
    postgresql_where=vault_keys.c.wrapped.is_not(None),
)

vault_parts = Table(
    "vault_parts",
    metadata,
    Column("event_id", Id, nullable=False),
    Column("part", String(60), nullable=False),
    Column("person", Id, nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("key_id", Id, nullable=False),
    Column("ciphertext", Bytes, nullable=False),
    Column("blind", Bytes, nullable=False),
    PrimaryKeyConstraint("event_id", "part"),
    CheckConstraint("length(blind) = 32", name="vault_parts_blind"),
    Index("vault_parts_person", "person", "purpose"),
)
"""Sealed parts of this service's own events. Only the erasure function deletes from it."""

vault_attachments = Table(
    "vault_attachments",
    metadata,
    Column("attachment", Id, primary_key=True),
    Column("event_id", Id, nullable=False),
    Column("part", String(60), nullable=False),
    Column("person", Id, nullable=False, index=True),
    Column("blind", Bytes, nullable=False),
    UniqueConstraint("event_id", "part", name="vault_attachments_part"),
    CheckConstraint("length(blind) = 32", name="vault_attachments_blind"),
)
"""Files that events of this service carry as one of their sealed parts. Only the erasure function deletes from it."""

vault_chunks = Table(
    "vault_chunks",
    metadata,
    Column("attachment", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("person", Id, nullable=False, index=True),
    Column("ciphertext", Bytes, nullable=False),
    PrimaryKeyConstraint("attachment", "number"),
)
"""Their encrypted chunks, numbered from 1. Only the erasure function deletes from it."""

vault_uploads = Table(
    "vault_uploads",
    metadata,
    Column("attachment", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("owner", String(80), nullable=False),
    Column("person", Id, nullable=False, index=True),
    Column("purpose", String(20), nullable=False),
    Column("key_id", Id, nullable=False),
    Column("size", Integer, nullable=False),
    Column("ciphertext", Bytes, nullable=False),
    Column("time", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("attachment", "number"),
)
"""Chunks on their way in, encrypted as they will be kept. What nobody attaches is dropped."""

vault_persons = Table(
    "vault_persons",
    metadata,
    Column("person", Id, primary_key=True),
    Column("standing", String(12), nullable=False),
    CheckConstraint("standing IN ('normal', 'restricted', 'erased')", name="vault_persons_standing"),
)
"""People who are, or once were, restricted or erased. Who is not in it stands as everybody does: normal."""

vault_openings = Table(
    "vault_openings",
    metadata,
    Column("opening", Id, nullable=False),
    Column("person", Id, nullable=False),
    Column("child", Id, nullable=False, index=True),
    Column("asked_by", String(80), nullable=False),
    Column("approved_by", String(80), nullable=False),
    Column("until", Instant, nullable=False),
    PrimaryKeyConstraint("opening", "person"),
    CheckConstraint("approved_by <> asked_by", name="vault_openings_two"),
    Index("vault_openings_until", "until"),
)
"""Restricted people whose parts two others may read for a while; `child` is the one whose card they stand on."""

vault_closed = Table(
    "vault_closed",
    metadata,
    Column("purpose", String(20), nullable=False),
    Column("kek", String(16), nullable=False),
    PrimaryKeyConstraint("purpose", "kek"),
)
"""Key-encryption keys that wrap nothing here any more, nor may again: their files can go (`rewrapping.close`)."""


def among(tx: Connection, wanted: Column[str], values: Sequence[str]) -> ColumnElement[bool]:
    """Whether a text column is one of any number of values: one parameter, however many they are.

    An ordinary IN takes a parameter each, of which SQLite and PostgreSQL allow some ten thousand in a statement.
    """
    if tx.dialect.name == "postgresql":
        return wanted == any_(literal(list(values), ARRAY(String)))
    given = func.json_each(json.dumps(list(values))).table_valued("value")
    return wanted.in_(select(given.c.value))


def is_among(dialect: str, wanted: Column[str], name: str) -> ColumnElement[bool]:
    """The same of a statement that is built once: the values come with each execution, `listed` under this name."""
    if dialect == "postgresql":
        return wanted == any_(bindparam(name, type_=ARRAY(String)))
    given = func.json_each(bindparam(name)).table_valued("value")
    return wanted.in_(select(given.c.value))


def listed(tx: Connection, **values: Sequence[str]) -> dict[str, Any]:
    """Values for `is_among`, by their names."""
    if tx.dialect.name == "postgresql":
        return {name: list(several) for name, several in values.items()}
    return {name: json.dumps(list(several)) for name, several in values.items()}


PartRow = tuple[str, str, str, str, str, bytes, bytes]
"""A row of `vault_parts`, its columns in their order."""
_ON_SQLITE = (
    "INSERT INTO vault_parts (event_id, part, person, purpose, key_id, ciphertext, blind) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_ON_POSTGRESQL = (
    "INSERT INTO vault_parts (event_id, part, person, purpose, key_id, ciphertext, blind) SELECT * FROM unnest"
    "(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::bytea[])"
)


def add_parts(tx: Connection, rows: Sequence[PartRow]) -> None:
    """Insert sealed parts in one statement. In a patient transaction it may wait."""
    if tx.dialect.name != "postgresql":
        tx.exec_driver_sql(_ON_SQLITE, list(rows))
        return
    *named, ciphertexts, blinds = zip(*rows, strict=True)
    write(tx, _ON_POSTGRESQL, (*map(texts, named), binaries(ciphertexts), binaries(blinds)))
