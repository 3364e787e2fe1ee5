"""Reading many rows with as little as possible between the server and them.

What the toolkit and the driver do for each statement and each row is worth its while where a page is shown, and takes
longer than the reading itself where a log is replayed.
"""

from __future__ import annotations

import itertools
import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection, CursorResult

_READING = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BINARY = 1
_names = itertools.count()


class Rows(Protocol):
    """Rows that were read at once."""

    def __len__(self) -> int:
        """How many."""

    def column(self, number: int) -> list[bytes]:
        """The bytes that a column holds; None for null."""

    def integer(self, row: int, column: int) -> int:
        """A bigint in a row; -1 is the last one."""


@contextmanager
def reading(connection: Connection) -> Iterator[None]:
    """A transaction that only reads, over psycopg 3: begun in one message and ended in one.

    To tell the driver what kind it is, and to take that back, would take longer than to read a row.
    """
    server: Any = connection.connection.dbapi_connection.pgconn  # type: ignore[union-attr]
    with connection.begin():
        begun = server.exec_(_READING)
        if begun.status != ExecStatus.COMMAND_OK:
            _raise(connection, begun)
        yield
        # Nothing was written: where this fails, whoever is next to use the connection is told.
        server.exec_(b"COMMIT")


def rows_at_once(tx: Connection, statement: str, *values: int | str) -> Rows:
    """The rows of a statement, whose parameters are written `$1`, `$2`: fewer than ten.

    Raises what the database raises.
    """
    if tx.dialect.driver != "psycopg":
        return _fetched(tx, statement, values)
    # In one call, without a thought for other threads until everything is here: they work meanwhile.
    server: Any = tx.connection.dbapi_connection.pgconn  # type: ignore[union-attr]
    found = server.exec_params(statement.encode(), _as_text(values), result_format=_BINARY)
    if found.status != ExecStatus.TUPLES_OK:
        _raise(tx, found)
    return _Received(found)


class Question:
    """A statement that is asked again and again in one transaction: `ask`, then `answer`.

    In between the server works, and so may whoever asked, but not over this connection. Only psycopg 3 can; with other
    drivers all of it is done in `answer`.
    """

    def __init__(self, tx: Connection, statement: str) -> None:
        self._tx, self._statement = tx, statement
        self._values: Sequence[int | str] = ()

    def ask(self, *values: int | str) -> None:
        """Ask, with the values of `$1`, `$2`."""
        self._values = values

    def answer(self) -> Rows:
        """The rows that answer what was asked last. Raises what the database raises."""
        return _fetched(self._tx, self._statement, self._values)


class _Prepared(Question):
    """A question that the server has read once, under a name of its own."""

    def __init__(self, tx: Connection, statement: str) -> None:
        super().__init__(tx, statement)
        self._server: Any = tx.connection.dbapi_connection.pgconn  # type: ignore[union-attr]
        self._name = b"shouwang_%d" % next(_names)
        made = self._server.prepare(self._name, statement.encode())
        if made.status != ExecStatus.COMMAND_OK:
            _raise(tx, made)

    def ask(self, *values: int | str) -> None:
        self._server.send_query_prepared(self._name, _as_text(values), result_format=_BINARY)

    def answer(self) -> Rows:
        try:
            found = self._received()
        except OperationalError:
            self._tx.exec_driver_sql("SELECT 1")  # raises it as the toolkit does
            raise
        if found.status != ExecStatus.TUPLES_OK:
            _raise(self._tx, found)
        return _Received(found)

    def forget(self) -> None:
        """Leave the connection as it was, an answer that nobody took among what is left."""
        server = self._server
        if server.transaction_status == TransactionStatus.ACTIVE:
            self._received()
        if server.transaction_status == TransactionStatus.INTRANS:
            server.exec_(b"DEALLOCATE " + self._name)

    def _received(self) -> Any:
        """What has come when nothing more comes. Other threads work while it is waited for."""
        server, found = self._server, None
        there = select.poll()
        there.register(server.socket, select.POLLIN)
        while True:
            while server.is_busy():
                there.poll()
                server.consume_input()
            one = server.get_result()
            if one is None:
                return found
            found = one


@contextmanager
def question(tx: Connection, statement: str) -> Iterator[Question]:
    """A statement to be asked several times within the block."""
    if tx.dialect.driver != "psycopg":
        yield Question(tx, statement)
        return
    prepared = _Prepared(tx, statement)
    try:
        yield prepared
    finally:
        prepared.forget()


def _fetched(tx: Connection, statement: str, values: Sequence[int | str]) -> Rows:
    """The rows as any driver gives them."""
    if tx.dialect.name == "sqlite":
        return _Fetched(rows_of(tx.exec_driver_sql(statement.replace("$", "?"), tuple(values))))
    for number in range(1, len(values) + 1):
        statement = statement.replace(f"${number}", f"%({number})s")
    named = {str(number): value for number, value in enumerate(values, 1)}
    return _Fetched(rows_of(tx.exec_driver_sql(statement, named)))


def _as_text(values: Sequence[int | str]) -> list[bytes]:
    return [str(one).encode() for one in values]


def rows_of(result: CursorResult[Any]) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them. Bytes are `bytes`, or a memoryview with psycopg2."""
    cursor: Any = result.cursor
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    result.close()
    return rows


class _Fetched:
    """Rows that a driver fetched."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, number: int) -> list[bytes]:
        return [row[number] for row in self._rows]

    def integer(self, row: int, column: int) -> int:
        return int(self._rows[row][column])


class _Received:
    """Rows as PostgreSQL sent them, in its binary form."""

    def __init__(self, result: Any) -> None:
        self._result, self._count = result, result.ntuples

    def __len__(self) -> int:
        count: int = self._count
        return count

    def column(self, number: int) -> list[bytes]:
        value = self._result.get_value
        return [value(row, number) for row in range(self._count)]

    def integer(self, row: int, column: int) -> int:
        return int.from_bytes(self._result.get_value(row % self._count, column), signed=True)


def _raise(connection: Connection, result: Any) -> NoReturn:
    """Raise what a statement that was sent past the driver came to."""
    # Where the connection is broken or the transaction has failed, this raises what any statement would now.
    connection.exec_driver_sql("SELECT 1")
    raise error_from_result(result)
