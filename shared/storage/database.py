"""One database of one service: an engine, transactions that write, transactions that read.

On SQLite a service has one file with one writer (WAL, `synchronous=FULL`, `secure_delete`), and a write transaction
begins with `BEGIN IMMEDIATE`, so that it never fails half way for the lock. On PostgreSQL writers meet only where
rows meet.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from shared.storage.folding import SNAPSHOT, FoldingConnection, be_patient
from shared.storage.rows import reading

PING_AFTER = 1.0
"""Seconds of rest after which a pooled connection is asked whether it still lives before it is used."""

BUSY_SECONDS = 30
"""How long a writer waits for another process that writes the same SQLite file."""
WAL_BYTES = 4_096_000
"""How long SQLite's write-ahead log becomes: it is begun again after a thousand pages (`wal_autocheckpoint`)."""

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
    def begin(self, *, patient: bool = False) -> Iterator[Connection]:
        """A transaction that may write: committed at the end of the block, rolled back by any exception.

        With `patient`, writes that say so may wait for the next question or the commit (`folding`): then what the
        database refuses of them is raised there.
        """
        if self._writer is None:
            with self.engine.begin() as tx:
                if patient:
                    be_patient(tx)
                yield tx
            return
        with self._writer, self.engine.connect() as connection:
            _begin(connection, "BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                _say(connection, "ROLLBACK")
                raise
            _say(connection, "COMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, with one consistent view of the database."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                _begin(connection, "BEGIN")
                try:
                    yield connection
                finally:
                    _say(connection, "ROLLBACK")
            elif isinstance(driver := connection.connection.dbapi_connection, FoldingConnection):
                driver.opening = SNAPSHOT
                with connection.begin():
                    yield connection
            else:
                with reading(connection):
                    yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection for one single question, which needs no transaction to have one consistent view."""
        with self.engine.connect() as connection:
            if isinstance(driver := connection.connection.dbapi_connection, FoldingConnection):
                driver.opening = b""
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS, "isolation_level": None}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA recursive_triggers=ON")  # or REPLACE would remove rows without asking a trigger
        _lengthen(connection)

    return engine


def _begin(connection: Connection, words: str) -> None:
    _say(connection, words)
    connection.begin()  # whoever asks the toolkit is told that there is a transaction


def _say(connection: Connection, words: str) -> None:
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute(words)
    except sqlite3.Error as error:
        raise DBAPIError.instance(None, None, error, sqlite3.Error, dialect=connection.dialect) from error


def _lengthen(connection: sqlite3.Connection) -> None:
    """Make the write-ahead log as long as it becomes before it is begun again from its start.

    A commit into a file that has its length waits for the disk once, one that makes the file longer about twice.
    Whoever is writing just now goes on undisturbed: then the log grows as it always did.
    """
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    log = Path(f"{path}-wal")
    if not path or (log.exists() and log.stat().st_size >= WAL_BYTES):
        return
    connection.execute("PRAGMA busy_timeout=0")
    try:
        connection.execute("BEGIN IMMEDIATE")
        # More than the cache holds is written to the log before it is known that nothing of it will be committed.
        connection.execute("PRAGMA cache_size=10")
        connection.execute("CREATE TABLE shouwang_filling (nothing BLOB)")
        connection.execute("INSERT INTO shouwang_filling VALUES (zeroblob(?))", (WAL_BYTES,))
    except sqlite3.OperationalError:
        return
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("PRAGMA cache_size=-2000")
        connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _postgresql(url: str, pool_size: int) -> Engine:
    pool: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 20, "pool_timeout": 30}
    if make_url(url).get_driver_name() == "psycopg2":
        # Without hstore, which nothing here uses, a new connection asks a question less.
        folding = {"connection_factory": FoldingConnection}
        engine = create_engine(url, **pool, use_native_hstore=False, connect_args=folding)
    else:
        engine = create_engine(url, **pool)

    @event.listens_for(engine, "checkin")
    def _rests(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _greet(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        # Asked whether it lives only when it has rested: on a busy connection that would be a third of all questions.
        if time.monotonic() - record.info.get("since", 0.0) < PING_AFTER:
            return
        if not _lives(engine, connection):
            raise InvalidatePoolError  # the pool throws it away with those of its age, and opens another

    if engine.driver == "psycopg":
        event.listen(engine, "before_cursor_execute", _ask_for_bytes)
    return engine


def _lives(engine: Engine, connection: Any) -> bool:
    if isinstance(connection, FoldingConnection):
        return connection.alive()
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False


def _ask_for_bytes(_c: Any, cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
    if context is not None and context.execution_options.get("shouwang_binary"):
        cursor.format = 1
