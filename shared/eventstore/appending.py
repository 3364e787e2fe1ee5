"""Appending: one statement a command. Expected versions are checked, events inserted and noted as pending.

On PostgreSQL it is one call of `shouwang_append` (see `schema`): writers meet only where they write the same stream,
at `UNIQUE(stream, stream_version)`. On SQLite, with one writer, the same steps run in the writing transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from shared.storage.arrays import binaries, binary, numbers, texts
from shared.storage.columns import instant_text
from shared.storage.folding import sqlite_cursor, write

WRITERS = 0x5348_4F55_5752
"""The advisory lock that every append on PostgreSQL shares until it commits, and that a rebuild takes alone."""


class ConcurrencyConflict(Exception):
    """A stream is not at the version that was read."""

    def __init__(self, stream: str = "", expected: int = -1, actual: int = -1) -> None:
        super().__init__(f"{stream}: expected version {expected}, found {actual}")
        self.stream, self.expected, self.actual = stream, expected, actual


class AlreadyAccepted(Exception):
    """This actor's command of this id was accepted by another transaction in the meantime."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it is inserted."""

    id: str
    stream: str
    version: int
    type: str
    persons: Sequence[str]
    entry: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command that the events are the answer to."""

    actor: str
    command_id: str
    digest: bytes
    subject: str
    time: datetime


_POSTGRESQL = f"SELECT shouwang_append({', '.join(['%s'] * 14)})"


def append(tx: Connection, expected: dict[str, int], rows: Sequence[Row], command: Accepted) -> None:
    """Append `rows` for one command, all or nothing, at the expected version of each stream.

    Raises ConcurrencyConflict when a stream has moved, AlreadyAccepted when the command has been accepted already.
    After either the transaction is of no more use and must be rolled back. In a patient transaction either may come
    with a later statement or the commit instead, as the DBAPIError of which `meaning` says what it is.
    """
    if tx.dialect.name == "postgresql":
        _on_postgresql(tx, expected, rows, command)
    else:
        _on_sqlite(tx, expected, rows, command)


def _on_postgresql(tx: Connection, expected: dict[str, int], rows: Sequence[Row], command: Accepted) -> None:
    streams = sorted(expected)
    place = {stream: number for number, stream in enumerate(streams, 1)}
    persons = [(number, person) for number, row in enumerate(rows, 1) for person in row.persons]
    values = (
        texts(streams),
        numbers([expected[one] for one in streams]),
        texts([row.id for row in rows]),
        numbers([place[row.stream] for row in rows]),
        numbers([row.version for row in rows]),
        texts([row.type for row in rows]),
        binaries([row.entry for row in rows]),
        numbers([number for number, _ in persons]),
        texts([person for _, person in persons]),
        command.actor,
        command.command_id,
        binary(command.digest),
        command.subject,
        instant_text(command.time),
    )
    try:
        write(tx, _POSTGRESQL, values)
    except DBAPIError as error:
        raise meaning(error) from error


def meaning(error: DBAPIError) -> Exception:
    """What the database's refusal of an append means: ConcurrencyConflict, AlreadyAccepted, or itself."""
    words = str(error.orig)
    if "commands_once" in words:
        return AlreadyAccepted()
    if "events_stream_version" in words:
        return ConcurrencyConflict()
    if "shouwang_conflict" in words:
        stream, expected, actual = words.split("shouwang_conflict ", 1)[1].split("\n", 1)[0].split(" ")
        return ConcurrencyConflict(stream, int(expected), int(actual))
    return error


# Through the driver itself: with one writer, what SQLAlchemy adds to fifteen small statements is half of their time.
_VERSION = "SELECT (SELECT max(stream_version) FROM events WHERE stream = ?), (SELECT max(arrival) FROM events)"
_COMMAND = (
    "INSERT INTO commands (actor, command_id, digest, subject, time, first_arrival, last_arrival)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_EVENT = (
    "INSERT INTO events (arrival, id, stream, stream_version, type, actor, command_id, time, entry)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PERSON = "INSERT INTO event_persons (person, arrival) VALUES (?, ?)"


def _on_sqlite(tx: Connection, expected: dict[str, int], rows: Sequence[Row], command: Accepted) -> None:
    """Nothing is pending afterwards: the caller places the events in the same transaction."""
    with sqlite_cursor(tx) as cursor:
        last = None
        for stream in sorted(expected):
            found, last = cursor.execute(_VERSION, (stream,)).fetchone()
            if (found or 0) != expected[stream]:
                raise ConcurrencyConflict(stream, expected[stream], found or 0)
        at, first = instant_text(command.time), (last or 0) + 1
        by = command.actor, command.command_id, at
        accepted = command.actor, command.command_id, command.digest, command.subject, at, first, first + len(rows) - 1
        try:
            cursor.execute(_COMMAND, accepted)
        except sqlite3.IntegrityError as error:
            raise AlreadyAccepted from error
        numbered = list(enumerate(rows, first))
        cursor.executemany(
            _EVENT,
            [(arrival, row.id, row.stream, row.version, row.type, *by, row.entry) for arrival, row in numbered],
        )
        cursor.executemany(_PERSON, [(person, arrival) for arrival, row in numbered for person in row.persons])
