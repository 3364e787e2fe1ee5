"""psycopg2 in fewer round trips: BEGIN goes with the first statement, and what may wait goes with the COMMIT.

By itself psycopg2 asks three questions for one statement in a transaction: BEGIN, the statement, COMMIT. On one machine
each costs about as much as a small statement, between two far more. Here a transaction begins with its first
statement. Where its owner is `patient` (`Database.begin`), writes of whose result nobody asks wait, in order, for the
next statement that asks for something, or for the COMMIT, and go in one message with it. Nothing else changes: it is
the same transaction of the same statements, and the first of them that fails undoes them all. What the database
refuses of a write that waited is raised where it was sent.

Only psycopg2 sends several statements in one message; it is the driver of everything that runs under nameko.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any

from psycopg2 import extensions
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

BEGIN = b"BEGIN"
SNAPSHOT = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""Begins a transaction that only reads, with one consistent view of the database."""
_LEVELS = {
    extensions.ISOLATION_LEVEL_AUTOCOMMIT: b"",
    extensions.ISOLATION_LEVEL_READ_COMMITTED: BEGIN,
    extensions.ISOLATION_LEVEL_REPEATABLE_READ: b"BEGIN ISOLATION LEVEL REPEATABLE READ",
    extensions.ISOLATION_LEVEL_SERIALIZABLE: b"BEGIN ISOLATION LEVEL SERIALIZABLE",
}
_PAGE = 200
"""Statements of an `executemany` that go in one message."""
_IDLE = extensions.TRANSACTION_STATUS_IDLE


class FoldingConnection(extensions.connection):  # type: ignore[misc]  # the driver has no types
    """A connection whose transactions cost as few messages as they can.

    To the driver it is in autocommit, so that it adds no BEGIN of its own.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.autocommit = True
        self.cursor_factory = FoldingCursor
        self.opening = self._usual = BEGIN
        self.patient = self.holding = False
        self.waiting: list[bytes] = []

    def set_isolation_level(self, level: int) -> None:
        """Begin transactions at another of the driver's levels from now on; at that of autocommit, begin none."""
        self.opening = self._usual = _LEVELS[level]

    def due(self) -> list[bytes]:
        """What must go before the next statement: the BEGIN, where there was none yet, and what waited."""
        waiting, self.waiting = self.waiting, []
        begins = self.opening and self.get_transaction_status() == _IDLE
        return [self.opening, *waiting] if begins else waiting

    def later(self, statement: bytes) -> None:
        """Let a statement wait. Raises nothing: what is wrong with it is told when it is sent."""
        self.waiting.append(statement)

    def commit(self) -> None:
        """Send what waited and the COMMIT, in one message."""
        said = self.due() if self.waiting else []
        self.opening, self.patient = self._usual, False
        if said or self.get_transaction_status() != _IDLE:
            self._say(b";".join([*said, b"COMMIT"]))
        self._as_before()

    def rollback(self) -> None:
        """Forget what waited, and undo what was sent."""
        self.waiting.clear()
        self.opening, self.patient = self._usual, False
        if self.get_transaction_status() != _IDLE:
            self._say(b"ROLLBACK")
        self._as_before()

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """The rows that answer a question, outside any transaction."""
        with super().cursor(cursor_factory=extensions.cursor) as cursor:
            cursor.execute(question)
            return list(cursor.fetchall())

    def alive(self) -> bool:
        """Whether the server answers. Begins no transaction."""
        try:
            self._say(b"SELECT 1")
        except (extensions.connection.OperationalError, extensions.connection.InterfaceError):
            return False
        return True

    def cursor(self, name: str | None = None, *given: Any, **named: Any) -> Any:
        """A cursor. One with a name lives on the server, which the driver allows where it knows of a transaction."""
        if name is None:
            return super().cursor(*given, **named)
        if said := self.due():
            self._say(b";".join(said))
        if self.autocommit:
            self.autocommit = False
        return super().cursor(name, *given, cursor_factory=extensions.cursor, **named)

    def _as_before(self) -> None:
        if not self.autocommit:  # there was a cursor with a name: the driver too must know that all is over
            super().rollback()
            self.autocommit = True

    def _say(self, words: bytes) -> None:
        with super().cursor(cursor_factory=extensions.cursor) as cursor:
            cursor.execute(words)


class FoldingCursor(extensions.cursor):  # type: ignore[misc]  # the driver has no types
    """A cursor that sends with its statement what is due before it."""

    def execute(self, query: str | bytes, given: Any = None) -> None:
        """Execute a statement, or let it wait where its connection is `holding`."""
        connection: FoldingConnection = self.connection
        if connection.holding:
            connection.later(self.mogrify(query, given))
            return
        due = connection.due()
        if not due:
            super().execute(query, given)
            return
        super().execute(b";".join([*due, self.mogrify(query, given)]))

    def executemany(self, query: str | bytes, rows: Sequence[Any]) -> None:
        """Execute a statement with each of the rows, many in one message. `rowcount` is that of the last one."""
        connection: FoldingConnection = self.connection
        said = [self.mogrify(query, row) for row in rows]
        if connection.holding:
            connection.waiting += said
            return
        for at in range(0, len(said), _PAGE):
            super().execute(b";".join([*connection.due(), *said[at : at + _PAGE]]))


def be_patient(tx: Connection) -> None:
    """Let writes of this transaction wait, where its driver can."""
    driver = tx.connection.dbapi_connection
    if isinstance(driver, FoldingConnection):
        driver.patient = True


def ask(connection: Connection, question: str) -> Sequence[tuple[Any, ...]]:
    """The rows that answer a question, in one round trip and no transaction. `connection` is in none before.

    For who asks many times a second, and mostly for nothing: past the toolkit, so that what is raised is the driver's.
    """
    driver: Any = connection.connection.dbapi_connection
    if isinstance(driver, FoldingConnection):
        return driver.ask(question)
    driver.autocommit = True
    try:
        with driver.cursor() as cursor:
            return list(cursor.execute(question).fetchall())
    finally:
        if not driver.closed:
            driver.autocommit = False


@contextmanager
def may_wait(tx: Connection) -> Iterator[None]:
    """Within the block statements wait, where the transaction is patient; nobody may ask for what they give."""
    driver = tx.connection.dbapi_connection
    if not isinstance(driver, FoldingConnection) or not driver.patient:
        yield
        return
    driver.holding = True
    try:
        yield
    finally:
        driver.holding = False


class _SqliteCursor:
    """The block of `sqlite_cursor`: as a class, because a generator costs as much as a small statement."""

    __slots__ = ("_cursor", "_tx")

    def __init__(self, tx: Connection) -> None:
        driver: Any = tx.connection.dbapi_connection
        self._tx, self._cursor = tx, driver.cursor()

    def __enter__(self) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self._cursor
        return cursor

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cursor.close()
        if isinstance(error, sqlite3.Error):
            raise DBAPIError.instance(None, None, error, sqlite3.Error, dialect=self._tx.dialect) from error


def sqlite_cursor(tx: Connection) -> AbstractContextManager[sqlite3.Cursor]:
    """A cursor of SQLite's own driver, for statements over which the toolkit takes longer than the database does.

    What the driver raises within the block is raised as the toolkit's exception of that kind.
    """
    return _SqliteCursor(tx)


def write(tx: Connection, statement: str, values: Mapping[str, Any] | tuple[Any, ...]) -> None:
    """Execute a statement of whose result nobody asks, with the driver's own parameters; it may wait.

    Past the toolkit where it waits, which would take longer over it than the database does.
    """
    driver = tx.connection.dbapi_connection
    if isinstance(driver, FoldingConnection) and driver.patient:
        with driver.cursor() as cursor:
            driver.later(cursor.mogrify(statement, values))
        return
    tx.exec_driver_sql(statement, values)
