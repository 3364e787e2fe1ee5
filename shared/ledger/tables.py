"""The tables of a service's tree and of its witnesses. All only grow; `log_tree` holds the one number that changes.

On PostgreSQL the application role has SELECT and INSERT on `APPEND_ONLY`, and SELECT and UPDATE on `log_tree`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    event,
    insert,
)

from shared.storage.columns import Bytes, Id, Instant, Words

metadata = MetaData()
_Count = BigInteger().with_variant(Integer, "sqlite")  # on SQLite only INTEGER makes the key the row's own address

log_positions = Table(
    "log_positions",
    metadata,
    Column("position", _Count, primary_key=True, autoincrement=False),
    Column("event_id", Id, nullable=False, unique=True),
    Column("leaf", Bytes, nullable=False),
)
"""Each event's place in the log, counted from 0 without gaps, and the hash of its entry: level 0 of the tree."""

log_nodes = Table(
    "log_nodes",
    metadata,
    Column("level", SmallInteger, nullable=False),
    Column("idx", BigInteger, nullable=False),
    Column("hash", Bytes, nullable=False),
    PrimaryKeyConstraint("level", "idx"),
    sqlite_with_rowid=False,
)
"""The complete inner nodes, from level 1 up."""

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", _Count, primary_key=True, autoincrement=False),
    Column("root", Bytes, nullable=False),
    Column("note", Words, nullable=False),
    Column("time", Instant, nullable=False),
)
"""What was signed of the log, once for each size."""

log_cosignatures = Table(
    "log_cosignatures",
    metadata,
    Column("size", _Count, nullable=False),
    Column("witness", String(200), nullable=False),
    Column("line", Words, nullable=False),
    Column("time", Instant, nullable=False),
    PrimaryKeyConstraint("witness", "size"),
    Index("log_cosignatures_of", "size"),
)
"""What witnesses have signed under this log's checkpoints: the line of each, `time` as the witness gives it."""

log_witnessed = Table(
    "log_witnessed",
    metadata,
    Column("log", String(200), nullable=False),
    # Counted from 1 without gaps. Of two that would both follow one checkpoint, the key lets one in.
    Column("number", _Count, nullable=False),
    # Of one log that was put back and accepted again the same size may come twice, once in each era.
    Column("era", Integer, nullable=False, server_default="0"),
    Column("size", BigInteger, nullable=False),
    Column("root", Bytes, nullable=False),
    Column("note", Words, nullable=False),
    Column("time", Instant, nullable=False),
    PrimaryKeyConstraint("log", "number"),
    UniqueConstraint("log", "era", "size", name="log_witnessed_once"),
)
"""The checkpoints of other logs that this service has cosigned, by the log's origin; `note` ends with its own line.

An era begins when somebody accepts that the log was restored from a backup: with the last checkpoint that the restored
log still continues, or with an empty note where there is none."""

log_contradictions = Table(
    "log_contradictions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("log", String(200), nullable=False),
    Column("witness", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("known_size", BigInteger, nullable=False),
    Column("known_note", Words, nullable=False),
    Column("offered_size", BigInteger, nullable=False),
    Column("offered_note", Words, nullable=False),
    Column("time", Instant, nullable=False),
)
"""A log and a witness that contradict each other, as this service met it: both signed notes are the evidence."""

log_tree = Table(
    "log_tree",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
)
"""The size of the tree, in one row: compared and set by whoever makes it grow."""

APPEND_ONLY = (
    "log_positions",
    "log_nodes",
    "log_checkpoints",
    "log_cosignatures",
    "log_witnessed",
    "log_contradictions",
)


_GROW = """
CREATE FUNCTION shouwang_grow(
    at_size bigint, ids text[], leaves bytea[], levels smallint[], indexes bigint[], hashes bytea[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- First of all, because it takes the row's lock: a rival waits here, and then finds no row of that size.
    UPDATE log_tree SET size = at_size + cardinality(ids) WHERE size = at_size;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'shouwang_tree_moved';
    END IF;
    INSERT INTO log_positions (position, event_id, leaf)
    SELECT at_size + one.number - 1, one.id, one.leaf
    FROM unnest(ids, leaves) WITH ORDINALITY AS one(id, leaf, number);
    INSERT INTO log_nodes (level, idx, hash) SELECT * FROM unnest(levels, indexes, hashes);
END $$
"""


@event.listens_for(log_tree, "after_create")
def _plant(_table: Table, connection: Connection, **_options: Any) -> None:
    """A new table begins with the empty tree, and on PostgreSQL with the function that grows it in one statement."""
    connection.execute(insert(log_tree).values(id=1, size=0))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_GROW)
