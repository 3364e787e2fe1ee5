"""The tables of a service's history. `events` and what hangs on it are append-only; `pending` and `timers` are not."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from shared.storage.columns import Bytes, Id, Instant, Json

metadata = MetaData()
_Arrival = BigInteger().with_variant(Integer, "sqlite")

events = Table(
    "events",
    metadata,
    Column("arrival", _Arrival, primary_key=True, autoincrement=True),
    Column("id", Id, nullable=False, unique=True),
    Column("stream", String(120), nullable=False),
    Column("stream_version", Integer, nullable=False),
    Column("type", String(100), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("command_id", Id, nullable=False),
    Column("time", Instant, nullable=False),
    Column("entry", Bytes, nullable=False),
    UniqueConstraint("stream", "stream_version", name="events_stream_version"),
    Index("events_by_type", "type", "time"),
)
"""Every event as it was committed. `arrival` orders commits roughly and has gaps; the place in the log is in
`log_positions`."""

event_persons = Table(
    "event_persons",
    metadata,
    Column("person", Id, nullable=False),
    Column("arrival", _Arrival, nullable=False),
    PrimaryKeyConstraint("person", "arrival"),
    sqlite_with_rowid=False,
)
"""Which events touch which person."""

commands = Table(
    "commands",
    metadata,
    Column("actor", String(80), nullable=False),
    Column("command_id", Id, nullable=False),
    Column("digest", Bytes, nullable=False),
    Column("subject", String(120), nullable=False),
    Column("time", Instant, nullable=False),
    Column("first_arrival", _Arrival, nullable=False),
    Column("last_arrival", _Arrival, nullable=False),
    PrimaryKeyConstraint("actor", "command_id", name="commands_once"),
    sqlite_with_rowid=False,
)
"""Accepted commands: by whom, which, a keyed digest of what they said, and the stream that they were about.

Its events arrived from `first_arrival` to `last_arrival`, with those of others between them: an index of the events by
command would cost every append more than it would ever give."""

pending = Table("pending", metadata, Column("arrival", _Arrival, primary_key=True, autoincrement=False))
"""Committed events that have no place in the log yet."""

epochs = Table(
    "epochs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Id, nullable=False, unique=True),
    Column("time", Instant, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", Bytes, nullable=False),
    Column("backup", String(64), nullable=True),
)
"""The log's epochs: a new one at each restore from backup, with the size and root that it began with. `backup` is the
SHA-256 (hex) of the manifest of what was restored; null in the first epoch."""

timers = Table(
    "timers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("subject", Id, nullable=False),
    Column("data", Json, nullable=False),
)
"""Deadlines that wait. Set and removed by projectors, so that they can be rebuilt from the log."""

snapshots = Table(
    "snapshots",
    metadata,
    Column("stream", String(120), primary_key=True),
    Column("fold", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("state", Json, nullable=False),
)
"""Where the replay of a long stream may begin: see `snapshots.py`. Nothing personal, and never needed."""
scrubs = Table(
    "scrubs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("asked", Instant, nullable=False),
    Column("since", String(20)),
    Column("until", String(20)),
    Column("why", String(20)),
)
"""Erasures of which something is left in files. A row is written with the erasure. On PostgreSQL `since` is its
transaction, and `until` the place in the journal up to which there may be something, once the tables are written anew;
`why` says what it waits for."""

rebuilds = Table(
    "rebuilds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("switch", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("found", Json, nullable=False),
    Column("asked_by", String(80), nullable=False),
    Column("began", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
)
"""Rebuilds of the views: how far each has come and what it found. `state`: running, equal, different, switched, failed.
`seen` is when it last said so: one that has not for a while has died."""

APPEND_ONLY = ("events", "event_persons", "commands", "epochs")
