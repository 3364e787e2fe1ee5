"""What a service's first migration creates for its history, on either database.

Called from each service's own lineage with the alembic operations; a later change of these tables is a new function
here and a new migration there. On PostgreSQL two roles meet a database: the owner migrates, the application role
reads and appends and cannot change history.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, MetaData, insert, text

import shared.ledger.tables as ledger
from shared.eventstore import tables as t
from shared.eventstore.appending import WRITERS
from shared.eventstore.beside import SCHEMA
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.ledger.merkle import EMPTY_ROOT
from shared.storage.append_only import append_only
from shared.vault.guards import create_vault

APPEND_FUNCTION = """
CREATE FUNCTION shouwang_append(
    streams text[], expected int[], ids text[], event_streams text[], versions int[], types text[], entries bytea[],
    person_events int[], people text[], who text, command text, said bytea, about text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE moved record; arrivals bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock_shared(0x_writers);
    SELECT wanted.stream, wanted.version AS wanted, coalesce(found.version, 0) AS found INTO moved
    FROM unnest(streams, expected) AS wanted(stream, version)
    LEFT JOIN LATERAL (
        SELECT e.stream_version AS version FROM events e WHERE e.stream = wanted.stream
        ORDER BY e.stream_version DESC LIMIT 1
    ) AS found ON true
    WHERE coalesce(found.version, 0) <> wanted.version LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'shouwang_conflict % % %', moved.stream, moved.wanted, moved.found;
    END IF;
    INSERT INTO commands (actor, command_id, digest, subject, time) VALUES (who, command, said, about, at);
    WITH added AS (
        INSERT INTO events (id, stream, stream_version, type, actor, command_id, time, entry)
        SELECT one.id, one.stream, one.version, one.type, who, command, at, one.entry
        FROM unnest(ids, event_streams, versions, types, entries)
            WITH ORDINALITY AS one(id, stream, version, type, entry, number)
        ORDER BY one.number
        RETURNING arrival
    )
    SELECT array_agg(arrival ORDER BY arrival) INTO arrivals FROM added;
    INSERT INTO pending SELECT unnest(arrivals);
    INSERT INTO event_persons (person, arrival)
    SELECT one.person, arrivals[one.number] FROM unnest(person_events, people) AS one(number, person);
END $$
""".replace("0x_writers", str(WRITERS))

_HISTORY = (t.metadata, ledger.metadata)
_APPEND_ONLY = (*t.APPEND_ONLY, *ledger.APPEND_ONLY)


def create_history(tx: Connection, *, application_role: str | None = None, born: bool = True) -> None:
    """Create the event store's, the ledger's and the vault's tables with their guards.

    `application_role` is the PostgreSQL role that the service runs as; it gets SELECT and INSERT on history.
    The log has its first epoch from birth; with `born` False it is to be restored and will have those of its backup.
    """
    for metadata in _HISTORY:
        metadata.create_all(tx)
    if born:
        _begin_epoch(tx)
    for statement in append_only(list(_APPEND_ONLY), tx.dialect.name):
        tx.exec_driver_sql(statement)
    create_vault(tx, application_role=application_role)
    if tx.dialect.name != "postgresql":
        return
    tx.exec_driver_sql(APPEND_FUNCTION.replace("%", "%%") if tx.dialect.paramstyle == "pyformat" else APPEND_FUNCTION)
    tx.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    if application_role:
        grant_history(tx, application_role)
        tx.execute(text(f'GRANT USAGE, CREATE ON SCHEMA {SCHEMA} TO "{application_role}"'))


def create_views(tx: Connection, views: Iterable[MetaData], *, application_role: str | None = None) -> None:
    """Create view tables and give the application role all rights on their rows."""
    for metadata in views:
        metadata.create_all(tx)
        if application_role and tx.dialect.name == "postgresql":
            for table in metadata.sorted_tables:
                tx.execute(text(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table.name}" TO "{application_role}"'))


def _begin_epoch(tx: Connection) -> None:
    # The machine's time: a migration is no act of the service, and nothing is decided by it.
    now = SystemClock().now()
    tx.execute(insert(t.epochs).values(number=1, epoch=new_id(now), time=now, size=0, root=EMPTY_ROOT))


def grant_history(tx: Connection, role: str) -> None:
    """Let a PostgreSQL role read and append, and change only what is not history."""
    for name in _APPEND_ONLY:
        tx.execute(text(f'GRANT SELECT, INSERT ON "{name}" TO "{role}"'))
    for metadata in _HISTORY:
        for table in metadata.sorted_tables:
            if table.name not in _APPEND_ONLY:
                tx.execute(text(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table.name}" TO "{role}"'))
    tx.execute(text(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"'))
