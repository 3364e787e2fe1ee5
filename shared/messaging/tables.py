"""The tables of messaging in a service's database: how far it has told others, how far it has heard them, what waits.

Positions are places in the *source's* log, counted from 0; -1 is before the first. None of
them is history.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from shared.storage.columns import Id, Instant, Json, Words

metadata = MetaData()
_Position = BigInteger().with_variant(Integer, "sqlite")

relay_positions = Table(
    "relay_positions",
    metadata,
    Column("reader", String(40), primary_key=True),
    Column("position", _Position, nullable=False),
    Column("epoch", Id, nullable=False),
)
"""For each reader the last position of the own log that the transport has confirmed."""

follower_positions = Table(
    "follower_positions",
    metadata,
    Column("source", String(40), nullable=False),
    Column("projector", String(80), nullable=False),
    Column("position", _Position, nullable=False),
    Column("epoch", String(36), nullable=False),
    Column("leaf", String(64), nullable=True),
    PrimaryKeyConstraint("source", "projector"),
)
"""For each source and projector the last position whose effect is committed, with the epoch of that log and the leaf
hash there (hex). Before the first range the epoch is empty; a leaf that is not known is null."""

parked = Table(
    "parked",
    metadata,
    Column("projector", String(80), nullable=False),
    Column("source", String(40), nullable=False),
    Column("position", _Position, nullable=False),
    Column("event_id", Id, nullable=False),
    Column("stream", String(120), nullable=False),
    Column("type", String(100), nullable=False),
    Column("persons", Json, nullable=False),
    Column("entry", Words, nullable=False),
    Column("parts", Json, nullable=False),
    Column("error", String(300), nullable=False),
    Column("since", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    PrimaryKeyConstraint("projector", "source", "position"),
)
"""Events that a projector or the reactor could not apply, and those that wait behind them. `entry` is the canonical
text; `parts` maps each sealed part to its ciphertext and blind in base64. `attempts` is 0 for one that only waits."""


def create_messaging(tx: Connection, *, application_role: str | None = None) -> None:
    """Create the tables, as a service's first migration does.

    `application_role` is the PostgreSQL role that the service runs as; it gets what it needs and no more.
    """
    metadata.create_all(tx)
    if application_role is None or tx.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        tx.execute(text(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table.name}" TO "{application_role}"'))
