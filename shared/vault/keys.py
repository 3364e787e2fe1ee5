"""People's wrapped keys as rows: found live, found by id, added. Each is one statement, however many keys."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.dialects import postgresql, sqlite

from shared.storage.arrays import texts
from shared.vault.parts import Pair, WrappedKey
from shared.vault.tables import is_among, listed, vault_keys, vault_persons

_FIELDS = tuple(field.name for field in dataclasses.fields(WrappedKey))
_COLUMNS = tuple(vault_keys.c[name] for name in _FIELDS)


def live(tx: Connection, pairs: set[Pair], *, held: bool = False) -> dict[Pair, WrappedKey]:
    """The keys of these people and purposes that are not destroyed.

    With `held` no erasure destroys one of them before this transaction ends: it waits. (On SQLite, where one
    transaction writes at a time, that is always so.) In the order of their ids, or two that hold several could wait
    for each other.
    """
    if not pairs:
        return {}
    people = sorted({person for person, _purpose in pairs})
    purposes = sorted({purpose for _person, purpose in pairs})
    # In words of its own, over which the toolkit takes a fraction of the time of a statement that is composed.
    if tx.dialect.name == "postgresql":
        question, given = _HELD if held else _LIVE, (texts(people), texts(purposes))
    else:
        question, given = _LIVE_ON_SQLITE, (json.dumps(people), json.dumps(purposes))
    rows = tx.exec_driver_sql(question, given).all()
    return {key.pair: key for key in map(_live_key, rows) if key.pair in pairs}


_LIVE = (
    "SELECT key_id, person, purpose, wrapped, kek, created FROM vault_keys"
    " WHERE person = ANY(%s::text[]) AND purpose = ANY(%s::text[]) AND wrapped IS NOT NULL ORDER BY key_id"
)
_HELD = f"{_LIVE} FOR SHARE"
_LIVE_ON_SQLITE = _LIVE.replace("= ANY(%s::text[])", "IN (SELECT value FROM json_each(?))")


def _live_key(row: Sequence[Any]) -> WrappedKey:
    key_id, person, purpose, wrapped, kek, created = row
    at = datetime.fromisoformat(created) if isinstance(created, str) else created.astimezone(UTC)
    return WrappedKey(key_id=key_id, person=person, purpose=purpose, wrapped=bytes(wrapped), kek=kek, created=at)


def by_id(tx: Connection, key_ids: set[str]) -> dict[str, tuple[WrappedKey, bool]]:
    """The keys of these ids that are not destroyed, each with whether its person is restricted."""
    rows = tx.execute(_by_id(tx.dialect.name), listed(tx, wanted=sorted(key_ids)))
    return {row.key_id: (_key(row), row.standing not in (None, "normal")) for row in rows}


@cache
def _by_id(dialect: str) -> Select[Any]:
    c = vault_keys.c
    return (
        select(*_COLUMNS, vault_persons.c.standing)
        .outerjoin(vault_persons, vault_persons.c.person == c.person)
        .where(is_among(dialect, c.key_id, "wanted"), c.wrapped.is_not(None))
    )


def add(tx: Connection, keys: Sequence[WrappedKey]) -> None:
    """Add keys, leaving alone those that are there already, by id or by person and purpose.

    The database adds none to a person who was erased (`guards`).
    """
    if keys:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        tx.execute(dialect.insert(vault_keys).on_conflict_do_nothing(), [_row(key) for key in keys])


def _row(key: WrappedKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in _FIELDS}


def _key(row: Any) -> WrappedKey:
    return WrappedKey(
        key_id=row.key_id,
        person=row.person,
        purpose=row.purpose,
        wrapped=bytes(row.wrapped),
        kek=row.kek,
        created=row.created,
    )
