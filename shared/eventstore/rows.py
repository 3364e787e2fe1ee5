"""Rows: what projectors write, gathered in memory and written together.

A projector says which rows an event makes, changes and removes, by primary key. Nothing reaches the database before
`write`, which sends one statement for all rows of a kind; so one command, a range of a neighbour's log and the rebuild
of a whole view go the same way, and the last is fast because a row that is changed ten times is written once.

    rows = Rows(tx)
    rows.add(cases, case=event.case, state="open")
    rows.change(cases, event.case, state="closed")
    rows.write()
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shared.storage.folding import may_wait

Key = Any
"""A primary key: the value of its one column, or a tuple of several in the order of the table."""


@dataclass(slots=True)
class _Row:
    """What is to become of one row. `how`: added, put, changed, removed; `anew`: what stood there goes first."""

    how: str
    values: dict[str, Any]
    counts: dict[str, int] = field(default_factory=dict)
    anew: bool = False


class Rows:
    """Gathers the rows of one transaction. What the database refuses (a claim) it refuses in `write`, or at the latest
    when a patient transaction is committed."""

    def __init__(self, tx: Connection) -> None:
        self.tx = tx
        self._tables: dict[Table, dict[Key, _Row]] = {}
        self._sweeps: list[tuple[Table, dict[str, Any]]] = []
        self._stored: dict[tuple[Table, Key], dict[str, Any] | None] = {}

    def add(self, table: Table, /, **values: Any) -> None:
        """A new row. One with this key that exists already makes `write` raise IntegrityError."""
        key = key_of(table, values)
        held = self._of(table).get(key)
        if held is not None and held.how != "removed":
            self.write()  # as in the database: what is there already is in the way
            held = None
        self._of(table)[key] = _Row("added", values, anew=held is not None)

    def put(self, table: Table, /, **values: Any) -> None:
        """A new row, or these columns of the one with the same key."""
        key = key_of(table, values)
        held = self._of(table).get(key)
        if held is None:
            self._of(table)[key] = _Row("put", values)
        elif held.how == "removed":
            self._of(table)[key] = _Row("added", values, anew=True)
        elif held.how == "changed":
            self.write()
            self._of(table)[key] = _Row("put", values)
        else:
            held.values.update(values)

    def change(self, table: Table, key: Key, /, **values: Any) -> None:
        """Set columns of a row. A row that is not there stays away."""
        held = self._of(table).setdefault(key, _Row("changed", {}))
        if held.how != "removed":
            held.values.update(values)
            for name in values:
                held.counts.pop(name, None)

    def count(self, table: Table, key: Key, /, **changes: int) -> None:
        """Add to the numbers of a row: changes of a claim that commute, whoever else makes some."""
        held = self._of(table).get(key)
        if held is not None and held.how == "put":
            self.write()
            held = None
        if held is None:
            held = self._of(table).setdefault(key, _Row("changed", {}))
        if held.how == "removed":
            return
        for name, change in changes.items():
            if name in held.values:
                held.values[name] = _sum(held.values[name], change)
            else:
                held.counts[name] = held.counts.get(name, 0) + change

    def remove(self, table: Table, key: Key) -> None:
        """Take a row away; one that is not there is fine."""
        held = self._of(table).get(key)
        if held is not None and held.how == "added" and not held.anew:
            del self._of(table)[key]
        else:
            self._of(table)[key] = _Row("removed", {})

    def remove_all(self, table: Table, /, **where: Any) -> None:
        """Take away every row whose columns have these values."""
        held = self._of(table)
        # Of a row that is known in part only, the database alone can say whether it is meant.
        if any(
            row.how in ("put", "changed") and not row.values.keys().isdisjoint(where) and not _whole(table, row)
            for row in held.values()
        ):
            self.write()
            held = self._of(table)
        for key, row in list(held.items()):
            known = row.how == "added" or _whole(table, row)
            if known and all(row.values.get(name) == value for name, value in where.items()):
                self.remove(table, key)
        self._sweeps.append((table, where))

    def read(self, table: Table, key: Key) -> Mapping[str, Any] | None:
        """A row as it stands with what is gathered here, or None."""
        held = self._of(table).get(key)
        if held is not None and held.how == "added":
            return _blank(table) | held.values
        if held is not None and _whole(table, held):
            return dict(held.values)
        if (held is not None and held.how == "put") or any(swept is table for swept, _ in self._sweeps):
            self.write()
            held = None
        if held is not None and held.how == "removed":
            return None
        stored = self._read(table, key)
        if stored is None or held is None:
            return stored
        counted = {name: _sum(stored[name], change) for name, change in held.counts.items()}
        return stored | held.values | counted

    def write(self) -> None:
        """Send everything, and begin anew. What goes, goes first: a claim may be let go and taken in one breath."""
        tables, sweeps = self._tables, self._sweeps
        self._tables, self._sweeps = {}, []
        self._stored.clear()
        if tables or sweeps:
            with may_wait(self.tx):
                self._write(tables, sweeps)

    def _write(self, tables: dict[Table, dict[Key, _Row]], sweeps: list[tuple[Table, dict[str, Any]]]) -> None:
        swept: dict[tuple[Table, tuple[str, ...]], list[dict[str, Any]]] = {}
        for table, where in sweeps:
            named = {f"is_{name}": value for name, value in where.items()}
            swept.setdefault((table, tuple(where)), []).append(named)
        for (table, names), group in swept.items():
            self.tx.execute(_sweep(table, names), group)
        for table, held in tables.items():
            if gone := [_named(table, key) for key, row in held.items() if row.how == "removed" or row.anew]:
                self.tx.execute(_delete(table), gone)
        dialect = self.tx.dialect.name
        for table, held in tables.items():
            self._send((row.values for row in held.values() if row.how == "added"), lambda _, t=table: insert_into(t))
            puts = (row.values for row in held.values() if row.how == "put")
            self._send(puts, lambda names, t=table: _upsert(t, dialect, names))
            self._send_changes(table, held)

    def _send(self, several: Iterable[dict[str, Any]], statement: Any) -> None:
        """One statement for all rows that name the same columns."""
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for values in several:
            groups.setdefault(tuple(values), []).append(values)
        for names, group in groups.items():
            self.tx.execute(statement(names), group)

    def _send_changes(self, table: Table, held: dict[Key, _Row]) -> None:
        groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[dict[str, Any]]] = {}
        for key, row in held.items():
            if row.how == "changed" and (row.values or row.counts):
                named = {f"to_{name}": value for name, value in row.values.items()}
                named |= {f"by_{name}": change for name, change in row.counts.items()}
                groups.setdefault((tuple(row.values), tuple(row.counts)), []).append(named | _named(table, key))
        for (values, counts), group in groups.items():
            self.tx.execute(_update(table, values, counts), group)

    def _read(self, table: Table, key: Key) -> dict[str, Any] | None:
        if (table, key) not in self._stored:
            row = self.tx.execute(_select(table), _named(table, key)).one_or_none()
            self._stored[table, key] = dict(row._mapping) if row else None
        return self._stored[table, key]

    def _of(self, table: Table) -> dict[Key, _Row]:
        return self._tables.setdefault(table, {})


def key_of(table: Table, values: Mapping[str, Any]) -> Key:
    """The primary key in a row's values. Raises KeyError where a column of it is missing."""
    names = _key_names(table)
    return values[names[0]] if len(names) == 1 else tuple(values[name] for name in names)


def _sum(number: int | None, change: int) -> int | None:
    return None if number is None else number + change  # as in the database: nothing stays nothing


def _whole(table: Table, row: _Row) -> bool:
    """Whether every column of a row is known: what is put whole stands as it is put, whatever was there."""
    return row.how == "put" and len(row.values) == len(table.columns)


@cache
def _blank(table: Table) -> dict[str, Any]:
    return dict.fromkeys(column.name for column in table.columns)


@cache
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


def _named(table: Table, key: Key) -> dict[str, Any]:
    names = _key_names(table)
    return {f"key_{name}": part for name, part in zip(names, key if len(names) > 1 else (key,), strict=True)}


# Statements are built once for each set of columns: building one costs more than running it.


@cache
def insert_into(table: Table) -> Executable:
    """The plain INSERT of a table."""
    return insert(table)


@cache
def _where_key(table: Table) -> tuple[Any, ...]:
    return tuple(column == bindparam(f"key_{column.name}") for column in table.primary_key)


@cache
def _delete(table: Table) -> Executable:
    return delete(table).where(*_where_key(table))


@cache
def _select(table: Table) -> Any:
    return select(table).where(*_where_key(table))


@cache
def _sweep(table: Table, names: tuple[str, ...]) -> Executable:
    return delete(table).where(*(table.c[name] == bindparam(f"is_{name}") for name in names))


@cache
def _update(table: Table, values: tuple[str, ...], counts: tuple[str, ...]) -> Executable:
    changed: dict[str, Any] = {name: bindparam(f"to_{name}") for name in values}
    counted = {name: table.c[name] + bindparam(f"by_{name}") for name in counts}
    return update(table).where(*_where_key(table)).values(**changed, **counted)


@cache
def _upsert(table: Table, dialect: str, names: tuple[str, ...]) -> Executable:
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(table)
    keys = _key_names(table)
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)
