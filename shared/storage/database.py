"""One database of one service: an engine, transactions that write, transactions that read.

On SQLite a service has one file with one writer (WAL, `synchronous=FULL`, `secure_delete`), and a write transaction
begins with `BEGIN IMMEDIATE`, so that it never fails half way for the lock. On PostgreSQL writers meet only where
rows meet.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from shared.storage.rows import reading

PING_AFTER = 1.0
"""Seconds of rest after which a pooled connection is asked whether it still lives before it is used."""

BINARY = {"shouwang_binary": True}
"""Execution options of a statement that reads many bytes. psycopg 3 then asks for them as they are, not as hex."""


class Database:
    """A service's database. `url` is an SQLAlchemy URL: `sqlite:///…/casework.sqlite`, `postgresql+psycopg2://…`."""

    def __init__(self, url: str, *, pool_size: int = 3) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = threading.RLock() if self.is_sqlite else None
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url, pool_size)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end of the block, rolled back by any exception."""
        if self._writer is None:
            with self.engine.begin() as tx:
                yield tx
            return
        with self._writer, self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, with one consistent view of the database."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
                try:
                    yield connection
                finally:
                    connection.exec_driver_sql("ROLLBACK")
            elif self.engine.driver == "psycopg":
                with reading(connection):
                    yield connection
            else:
                careful = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                with careful.begin():
                    yield careful

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA recursive_triggers=ON")  # or REPLACE would remove rows without asking a trigger

    return engine


def _postgresql(url: str, pool_size: int) -> Engine:
    engine = create_engine(url, pool_size=pool_size, max_overflow=20, pool_timeout=30)

    @event.listens_for(engine, "checkin")
    def _rests(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _greet(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        # Asked whether it lives only when it has rested: on a busy connection that would be a third of all questions.
        if time.monotonic() - record.info.get("since", 0.0) < PING_AFTER:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            alive = False
        if not alive:
            raise InvalidatePoolError  # the pool throws it away with those of its age, and opens another

    if engine.driver == "psycopg":
        event.listen(engine, "before_cursor_execute", _ask_for_bytes)
    return engine


def _ask_for_bytes(_c: Any, cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
    if context is not None and context.execution_options.get("shouwang_binary"):
        cursor.format = 1
