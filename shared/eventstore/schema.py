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
from shared.eventstore.scrubbing import personal_names
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.ledger.merkle import EMPTY_ROOT
from shared.storage.append_only import append_only
from shared.storage.rewriting import create_rewriting, never_sampled
from shared.vault.guards import create_vault

# A function keeps the plans that it made while the tables were small, until they are analysed: without the settings it
# would read all of a table that has grown since.
APPEND_FUNCTION = """
CREATE FUNCTION shouwang_append(
    streams text[], expected int[], ids text[], places int[], versions int[], types text[], entries bytea[],
    person_events int[], people text[], who text, command text, said bytea, about text, at timestamptz
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    found int; arrivals bigint[]; count int := cardinality(ids);
    -- Assigned, not performed: an expression without a table needs no plan that is begun and ended.
    shared text := pg_advisory_xact_lock_shared(0x_writers);
BEGIN
    FOR place IN 1..cardinality(streams) LOOP
        found := (
            SELECT e.stream_version FROM events e WHERE e.stream = streams[place] ORDER BY e.stream_version DESC LIMIT 1
        );
        IF coalesce(found, 0) <> expected[place] THEN
            RAISE EXCEPTION 'shouwang_conflict % % %', streams[place], expected[place], coalesce(found, 0);
        END IF;
    END LOOP;
    -- After the look at the versions: what arrives later in a stream was drawn after what came before was committed.
    IF count = 1 THEN  -- as nearly all are: without the machinery of sets, here and below
        arrivals := ARRAY[nextval('events_arrival_seq')];
    ELSE
        arrivals := ARRAY(SELECT nextval('events_arrival_seq') FROM generate_series(1, count));
    END IF;
    -- Before the events: of two equal commands at once the later one is told that it was accepted, not that it clashes.
    INSERT INTO commands (actor, command_id, digest, subject, time, first_arrival, last_arrival)
    VALUES (who, command, said, about, at, arrivals[1], arrivals[count]);
    IF count = 1 THEN
        INSERT INTO events (arrival, id, stream, stream_version, type, actor, command_id, time, entry)
        VALUES (arrivals[1], ids[1], streams[places[1]], versions[1], types[1], who, command, at, entries[1]);
        INSERT INTO pending VALUES (arrivals[1]);
    ELSE
        INSERT INTO events (arrival, id, stream, stream_version, type, actor, command_id, time, entry)
        SELECT one.arrival, one.id, streams[one.place], one.version, one.type, who, command, at, one.entry
        FROM unnest(arrivals, ids, places, versions, types, entries) AS one(arrival, id, place, version, type, entry);
        INSERT INTO pending SELECT unnest(arrivals);
    END IF;
    IF cardinality(people) = 1 THEN
        INSERT INTO event_persons (person, arrival) VALUES (people[1], arrivals[person_events[1]]);
    ELSIF cardinality(people) > 1 THEN
        INSERT INTO event_persons (person, arrival)
        SELECT one.person, arrivals[one.number] FROM unnest(person_events, people) AS one(number, person);
    END IF;
END $$
""".replace("0x_writers", str(WRITERS))

WAITING_FUNCTION = r"""
CREATE FUNCTION shouwang_waiting(most int)
RETURNS TABLE (size bigint, last bytea, arrival bigint, id varchar, leaf bytea) LANGUAGE plpgsql STABLE
    SET enable_seqscan = off SET jit = off AS $$
DECLARE present bigint; final bytea;
BEGIN
    PERFORM FROM pending w ORDER BY w.arrival LIMIT 1;
    IF FOUND THEN
        present := (SELECT t.size FROM log_tree t WHERE t.id = 1);
        final := (SELECT p.leaf FROM log_positions p WHERE p.position = present - 1);
        -- LIMIT 1 is said for the planner: each event is looked up by its key.
        RETURN QUERY
        SELECT present, final, one.arrival, its.id, sha256('\x00'::bytea || its.entry)
        FROM (SELECT w.arrival FROM pending w ORDER BY w.arrival LIMIT most) AS one
        CROSS JOIN LATERAL (SELECT e.id, e.entry FROM events e WHERE e.arrival = one.arrival LIMIT 1) AS its
        ORDER BY one.arrival;
    END IF;
END $$
"""
"""What the sequencer asks: the events that wait, with the hashes of their leaves, so that entries need not travel.

Size and last leaf come from the same snapshot: whoever places some of these events meanwhile moves the tree, and the
batch is refused. STABLE, or the statements would have a snapshot each."""

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
    for function in (APPEND_FUNCTION, WAITING_FUNCTION):
        tx.exec_driver_sql(function.replace("%", "%%"))
    create_rewriting(tx, application_role=application_role)
    tx.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    if application_role:
        grant_history(tx, application_role)
        tx.execute(text(f'GRANT USAGE, CREATE ON SCHEMA {SCHEMA} TO "{application_role}"'))


def create_views(tx: Connection, views: Iterable[MetaData], *, application_role: str | None = None) -> None:
    """Create view tables and give the application role all rights on their rows."""
    for metadata in views:
        metadata.create_all(tx)
        for table in metadata.sorted_tables:
            never_sampled(tx, table, personal_names(table))
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
