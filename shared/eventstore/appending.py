"""Appending: one statement a command. Expected versions are checked, events inserted and noted as pending.

On PostgreSQL it is one call of `shouwang_append` (see `schema`): writers meet only where they write the same stream,
at `UNIQUE(stream, stream_version)`. On SQLite, with one writer, the same steps run in the writing transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from shared.storage.columns import instant_text

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


_POSTGRESQL = text(
    "SELECT shouwang_append(CAST(:streams AS text[]), CAST(:expected AS int[]), CAST(:ids AS text[]),"
    " CAST(:event_streams AS text[]), CAST(:versions AS int[]), CAST(:types AS text[]), CAST(:entries AS bytea[]),"
    " CAST(:person_events AS int[]), CAST(:persons AS text[]),"
    " :actor, :command_id, CAST(:digest AS bytea), :subject, CAST(:time AS timestamptz))"
)


def append(tx: Connection, expected: dict[str, int], rows: Sequence[Row], command: Accepted) -> None:
    """Append `rows` for one command, all or nothing, at the expected version of each stream.

    Raises ConcurrencyConflict when a stream has moved, AlreadyAccepted when the command has been accepted already.
    After either the transaction is of no more use and must be rolled back.
    """
    if tx.dialect.name == "postgresql":
        _on_postgresql(tx, expected, rows, command)
    else:
        _on_sqlite(tx, expected, rows, command)


def _on_postgresql(tx: Connection, expected: dict[str, int], rows: Sequence[Row], command: Accepted) -> None:
    streams = sorted(expected)
    persons = [(number, person) for number, row in enumerate(rows, 1) for person in row.persons]
    try:
        tx.execute(
            _POSTGRESQL,
            {
                "streams": streams,
                "expected": [expected[one] for one in streams],
                "ids": [row.id for row in rows],
                "event_streams": [row.stream for row in rows],
                "versions": [row.version for row in rows],
                "types": [row.type for row in rows],
                "entries": [row.entry for row in rows],
                "person_events": [number for number, _ in persons],
                "persons": [person for _, person in persons],
                "actor": command.actor,
                "command_id": command.command_id,
                "digest": command.digest,
                "subject": command.subject,
                "time": command.time,
            },
        )
    except DBAPIError as error:
        raise _meaning(error) from error


def _meaning(error: DBAPIError) -> Exception:
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
_VERSION = "SELECT coalesce(max(stream_version), 0) FROM events WHERE stream = ?"
_ARRIVAL = "SELECT coalesce(max(arrival), 0) FROM events"
_COMMAND = "INSERT INTO commands (actor, command_id, digest, subject, time) VALUES (?, ?, ?, ?, ?)"
_EVENT = (
    "INSERT INTO events (arrival, id, stream, stream_version, type, actor, command_id, time, entry)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PERSON = "INSERT INTO event_persons (person, arrival) VALUES (?, ?)"


def _on_sqlite(tx: Connection, expected: dict[str, int], rows: Sequence[Row], command: Accepted) -> None:
    """Nothing is pending afterwards: the caller places the events in the same transaction."""
    cursor = tx.connection.cursor()
    try:
        for stream in sorted(expected):
            found = cursor.execute(_VERSION, (stream,)).fetchone()[0]
            if found != expected[stream]:
                raise ConcurrencyConflict(stream, expected[stream], found)
        at = instant_text(command.time)
        try:
            cursor.execute(_COMMAND, (command.actor, command.command_id, command.digest, command.subject, at))
        except sqlite3.IntegrityError as error:
            raise AlreadyAccepted from error
        first = cursor.execute(_ARRIVAL).fetchone()[0] + 1
        by = command.actor, command.command_id, at
        cursor.executemany(
            _EVENT,
            [
                (first + offset, row.id, row.stream, row.version, row.type, *by, row.entry)
                for offset, row in enumerate(rows)
            ],
        )
        cursor.executemany(_PERSON, [(p, first + offset) for offset, row in enumerate(rows) for p in row.persons])
    finally:
        cursor.close()
