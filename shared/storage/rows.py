"""Reading many rows with as little as possible between the server and them.

What the toolkit and the driver do for each statement and each row is worth its while where a page is shown, and takes
longer than the reading itself where a log is replayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import Connection, CursorResult

_READING = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BINARY = 1


class Rows(Protocol):
    """Rows that were read at once."""

    def __len__(self) -> int:
        """How many."""

    def column(self, number: int) -> list[bytes]:
        """The bytes that a column holds, none of them null."""

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
    """The rows of a statement, whose parameters are written `$1`, `$2`, each once and in order.

    Raises what the database raises.
    """
    if tx.dialect.driver != "psycopg":
        mark = "?" if tx.dialect.name == "sqlite" else "%s"
        for number in range(1, len(values) + 1):
            statement = statement.replace(f"${number}", mark)
        return _Fetched(rows_of(tx.exec_driver_sql(statement, values)))
    # In one call, without a thought for other threads until everything is here: they work meanwhile.
    server: Any = tx.connection.dbapi_connection.pgconn  # type: ignore[union-attr]
    found = server.exec_params(statement.encode(), [str(one).encode() for one in values], result_format=_BINARY)
    if found.status != ExecStatus.TUPLES_OK:
        _raise(tx, found)
    return _Received(found)


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
