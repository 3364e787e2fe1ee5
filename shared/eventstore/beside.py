"""Beside: tables like the live ones, in a schema next to them, where views are built anew while the live ones serve.

On PostgreSQL it is the schema `beside`, which the first migration makes and gives to the application role; on SQLite a
file of its own, attached to one connection and removed at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, MetaData, Table, text

from shared.eventstore.appending import WRITERS
from shared.eventstore.scrubbing import personal_names
from shared.storage.database import Database
from shared.storage.rewriting import never_sampled

SCHEMA = "beside"
MOST_SHOWN = 20
"""The most differences of one table that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row that stands in one place only, or otherwise: its table, primary key, and what is so (`live`, `rebuilt`)."""

    table: str
    key: tuple[str, ...]
    only: str


class Beside:
    """A connection whose tables are those beside. A context manager; what was built goes with it unless switched."""

    def __init__(self, database: Database, tables: Sequence[Table]) -> None:
        self._database, self.tables = database, tuple(tables)
        self._file = Path(f"{database.url.database}.beside") if database.is_sqlite else None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        self._connection = self._database.engine.connect()
        if self._file is not None:
            self._remove_file()
            self._connection.exec_driver_sql(f"ATTACH DATABASE ? AS {SCHEMA}", (str(self._file),))
            # Nothing there outlives a crash, so nothing there needs a journal on the disk.
            self._connection.exec_driver_sql(f"PRAGMA {SCHEMA}.journal_mode = MEMORY")
            self._connection.exec_driver_sql(f"PRAGMA {SCHEMA}.synchronous = OFF")
        with self.writing() as tx:
            self._drop(tx)
            _in_schema(self.tables).create_all(tx)
            for table in self.tables:
                never_sampled(tx, table, personal_names(table), SCHEMA)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        connection = self._connection
        if connection is None:
            return
        self._connection = None
        try:
            if self._file is not None:
                connection.exec_driver_sql(f"DETACH DATABASE {SCHEMA}")
            else:
                with connection.begin():
                    self._drop(connection)
        finally:
            connection.close()
            if self._file is not None:
                self._remove_file()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction in which the tables are those beside: what projectors write lands there."""
        with self._transaction("BEGIN") as tx:
            tx.execution_options(schema_translate_map={None: SCHEMA})
            try:
                yield tx
            finally:
                tx.execution_options(schema_translate_map={})

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A transaction for the end, which on SQLite nobody else writes beside (see also `exclude_appends`)."""
        with self._transaction("BEGIN IMMEDIATE") as tx:
            yield tx

    def rows_beside(self, tx: Connection) -> Connection:
        """Let a transaction of `alone` write beside as well. Undone by `rows_live`."""
        return tx.execution_options(schema_translate_map={None: SCHEMA})

    def rows_live(self, tx: Connection) -> Connection:
        """Let it write the live tables again."""
        return tx.execution_options(schema_translate_map={})

    def differences(self, tx: Connection, where: dict[str, str] | None = None) -> list[Difference]:
        """The rows that differ, at most MOST_SHOWN a table and side. `where` narrows tables by name to a condition."""
        found: list[Difference] = []
        for table in self.tables:
            condition = (where or {}).get(table.name, "true" if not self._database.is_sqlite else "1")
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            live, beside = (
                f'SELECT {columns} FROM {schema}."{table.name}" WHERE {condition}'  # noqa: S608 - our own names
                for schema in (self._live, SCHEMA)
            )
            keys = [table.columns.keys().index(column.name) for column in table.primary_key]
            for only, one, other in (("live", live, beside), ("rebuilt", beside, live)):
                rows = tx.execute(text(f"{one} EXCEPT {other} LIMIT {MOST_SHOWN}"))
                found += [
                    Difference(table=table.name, key=tuple(str(row[at]) for at in keys), only=only) for row in rows
                ]
        return found

    def switch(self, tx: Connection, where: dict[str, str] | None = None) -> None:
        """Let the live tables hold what was built, in this transaction. Readers see the old rows until it commits."""
        for table in self.tables:
            condition = (where or {}).get(table.name)
            only = f" WHERE {condition}" if condition else ""
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            tx.execute(text(f'DELETE FROM {self._live}."{table.name}"{only}'))  # noqa: S608 - our own names
            tx.execute(
                text(
                    f'INSERT INTO {self._live}."{table.name}" ({columns}) '  # noqa: S608 - our own names
                    f'SELECT {columns} FROM {SCHEMA}."{table.name}"{only}'
                )
            )

    @property
    def _live(self) -> str:
        return "main" if self._database.is_sqlite else "public"

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        if self._connection is None:
            raise RuntimeError("used outside its block")
        if not self._database.is_sqlite:
            with self._connection.begin():
                yield self._connection
            return
        self._connection.exec_driver_sql(begin)
        try:
            yield self._connection
        except BaseException:
            self._connection.exec_driver_sql("ROLLBACK")
            raise
        self._connection.exec_driver_sql("COMMIT")

    def _drop(self, tx: Connection) -> None:
        for table in self.tables:
            tx.execute(text(f'DROP TABLE IF EXISTS {SCHEMA}."{table.name}"'))

    def _remove_file(self) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)


def exclude_appends(tx: Connection) -> None:
    """On PostgreSQL: wait for the appends under way, and let later ones wait until this transaction ends."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS})


def _in_schema(tables: Sequence[Table]) -> MetaData:
    made = MetaData()
    for table in tables:
        table.to_metadata(made)
    return made
