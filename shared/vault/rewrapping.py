"""Wrapped keys moved from one key-encryption key to a newer one, in small steps within the caller's transaction.

    done = rewrapping.step(tx, keyring, VAULT_KEYS, "identity", after="", limit=500)
    left = rewrapping.counts(tx, tables)          # (purpose, key-encryption key) → how many keys it wraps
    rewrapping.close(tx, tables, "identity", old) # from now on the database takes nothing more that it wraps

History is not touched: entries name people's keys, never what wraps them. A step that was done is done; one that was
not leaves nothing behind. Doing all again changes nothing, so that it goes on after a crash wherever it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    LargeBinary,
    String,
    Table,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from shared.kernel.refusals import Refusal
from shared.vault.cipher import WrongSeal
from shared.vault.errors import KeyringError
from shared.vault.guards import KEK_LOCK
from shared.vault.keyring import Keyring
from shared.vault.tables import vault_closed, vault_keys

MOST = 1000
"""Keys in one step: their rows are locked until it ends."""


@dataclass(frozen=True, kw_only=True)
class WrappedKeys:
    """A table that holds wrapped keys in its columns `kek` and `wrapped`.

    `key_id` names each, and with `person` and `purpose` is what the wrapping is bound to.
    """

    table: Table
    key_id: ColumnElement[str]
    person: ColumnElement[str]
    purpose: ColumnElement[str]

    @property
    def live(self) -> ColumnElement[bool]:
        """Whether the key of a row was not destroyed."""
        return self.table.c.wrapped.is_not(None)


VAULT_KEYS = WrappedKeys(
    table=vault_keys, key_id=vault_keys.c.key_id, person=vault_keys.c.person, purpose=vault_keys.c.purpose
)
"""People's keys, which every service has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step did: `done` keys; `last` is the id of the last of them, None where none was left."""

    done: int
    last: str | None


def counts(tx: Connection, tables: Iterable[WrappedKeys]) -> dict[tuple[str, str], int]:
    """How many keys each key-encryption key wraps here, by its purpose and id. Destroyed keys do not count."""
    found: dict[tuple[str, str], int] = {}
    for one in tables:
        its = select(one.purpose.label("purpose"), one.table.c.kek).where(one.live).subquery()
        query = select(its.c.purpose, its.c.kek, func.count().label("keys")).group_by(its.c.purpose, its.c.kek)
        for row in tx.execute(query):
            found[row.purpose, row.kek] = found.get((row.purpose, row.kek), 0) + int(row.keys)
    return found


def step(
    tx: Connection, keyring: Keyring, keys: WrappedKeys, purpose: str, *, after: str = "", limit: int = 500
) -> Step:
    """Wrap up to `limit` keys of a purpose anew that an older key-encryption key wraps, in the order of their ids.

    Raises KeyringError where that older one is not held here, and names a key that it does not open; then nothing of
    the step is done. The rows are locked in the order in which sealing and erasing lock them.
    """
    newest = keyring.newest(purpose)
    query = (
        select(keys.key_id.label("key_id"), keys.person.label("person"), keys.table.c.kek, keys.table.c.wrapped)
        .where(keys.purpose == purpose, keys.table.c.kek < newest, keys.live, keys.key_id > after)
        .order_by(keys.key_id)
        .limit(min(limit, MOST))
        .with_for_update(of=keys.table)
    )
    rows = tx.execute(query).all()
    if not rows:
        return Step(done=0, last=None)
    moved = [(row.key_id, *_moved(keyring, row, purpose)) for row in rows]
    _write(tx, keys, moved)
    return Step(done=len(rows), last=str(rows[-1].key_id))


def check(tx: Connection, keyring: Keyring, tables: Iterable[WrappedKeys]) -> None:
    """Whether this process can open what the database holds, told by one key of each key-encryption key.

    Raises KeyringError that names what is missing, or is not the one that wrapped the keys. Purposes that this process
    does not open are left out.
    """
    for one in tables:
        for purpose, kek in sorted(counts(tx, [one])):
            if purpose not in keyring.purposes:
                continue
            query = select(one.key_id.label("key_id"), one.person.label("person"), one.table.c.kek, one.table.c.wrapped)
            row = tx.execute(query.where(one.purpose == purpose, one.table.c.kek == kek, one.live).limit(1)).one()
            try:
                _unwrapped(keyring, row, purpose)
            except WrongSeal:
                words = f"the key-encryption key {kek!r} of the purpose {purpose!r} is not the one that was used"
                raise KeyringError(words) from None


def close(tx: Connection, tables: Iterable[WrappedKeys], purpose: str, kek: str) -> None:
    """Let nothing more be wrapped by a key-encryption key here. Closing again changes nothing.

    Raises the refusal `keys.kek_in_use {purpose, kek, keys}` while something is, or somebody is about to.
    """
    if tx.dialect.name == "postgresql":
        # Not waited for: a transaction that wraps by it might in turn wait for one that would queue behind us.
        slot = {"class": KEK_LOCK, "name": f"{purpose}/{kek}"}
        if not tx.execute(text("SELECT pg_try_advisory_xact_lock(:class, hashtext(:name))"), slot).scalar_one():
            raise Refusal("keys.kek_in_use", purpose=purpose, kek=kek, keys=None)
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    tx.execute(dialect.insert(vault_closed).values(purpose=purpose, kek=kek).on_conflict_do_nothing())
    wrapped = counts(tx, tables).get((purpose, kek), 0)
    if wrapped:
        raise Refusal("keys.kek_in_use", purpose=purpose, kek=kek, keys=wrapped)


def _moved(keyring: Keyring, row: Any, purpose: str) -> tuple[str, bytes]:
    try:
        key = _unwrapped(keyring, row, purpose)
    except WrongSeal:
        raise KeyringError(
            f"the key {row.key_id} is not what the key-encryption key {row.kek!r} of the purpose {purpose!r} wrapped"
        ) from None
    return keyring.wrap(key, key_id=row.key_id, person=row.person, purpose=purpose)


def _unwrapped(keyring: Keyring, row: Any, purpose: str) -> bytes:
    return keyring.unwrap(bytes(row.wrapped), kek=row.kek, key_id=row.key_id, person=row.person, purpose=purpose)


def _write(tx: Connection, keys: WrappedKeys, moved: Sequence[tuple[str, str, bytes]]) -> None:
    """Write keys that were wrapped anew: one statement on PostgreSQL, where each is a journey."""
    table = keys.table
    if tx.dialect.name == "postgresql":
        given = (
            select(
                func.unnest(bindparam("ids", [one[0] for one in moved], ARRAY(String))).label("id"),
                func.unnest(bindparam("keks", [one[1] for one in moved], ARRAY(String))).label("kek"),
                func.unnest(bindparam("wrapped_anew", [one[2] for one in moved], ARRAY(LargeBinary))).label("wrapped"),
            )
        ).subquery("given")
        tx.execute(
            update(table).where(keys.key_id == given.c.id, keys.live).values(kek=given.c.kek, wrapped=given.c.wrapped)
        )
        return
    statement = (
        update(table)
        .where(keys.key_id == bindparam("its_id"), keys.live)
        .values(kek=bindparam("its_kek"), wrapped=bindparam("its_wrapped"))
    )
    tx.execute(statement, [{"its_id": one, "its_kek": kek, "its_wrapped": wrapped} for one, kek, wrapped in moved])
