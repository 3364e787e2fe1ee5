"""Rewriting PostgreSQL tables after an erasure: the old versions of rows leave the table's file, and then the journal.

A row that was changed or deleted stays in its file until somebody vacuums, and in the write-ahead log until a
checkpoint lets its segment go. So after an erasure each table that held something is written anew without its old
versions (CLUSTER), the journal begins a new segment, and the erasure is over when a checkpoint stands in that segment:
PostgreSQL has removed the older ones then, as long as it does not keep them for use again (`wal_recycle = off`).

Two functions of the owner do it for the application role, which owns nothing. The owner needs `pg_read_all_stats`, to
see who might still read what was before, and may be given `pg_switch_wal()`; without that the segment ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Connection, Table, text


class Found(StrEnum):
    """What came of the rewriting of a table, or why it waits."""

    WRITTEN = "written"
    READ = "read"
    """Somebody reads what was before: a transaction, a replica's slot, a prepared transaction."""
    UNSEEN = "unseen"
    """The owner may not see what another session reads: grant it `pg_read_all_stats`."""
    BUSY = "busy"
    """Somebody works on the table."""


# Who may still see what a transaction took away: whoever began before it ended. A session that cannot be looked into
# counts as one. Waits for the table for two seconds only, because whoever wants it next waits behind.
_REWRITE = """
CREATE FUNCTION shouwang_rewrite(since text, name text) RETURNS text LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    whole oid := (SELECT c.oid FROM pg_class c WHERE c.relname = name AND c.relnamespace = 'public'::regnamespace);
    old int := age((since::xid8)::xid);
BEGIN
    IF EXISTS (
        SELECT FROM pg_stat_activity a WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND (age(a.backend_xmin) >= old OR age(a.backend_xid) >= old)
    ) OR EXISTS (SELECT FROM pg_replication_slots s WHERE age(s.xmin) >= old)
      OR EXISTS (SELECT FROM pg_prepared_xacts p WHERE p.database = current_database()) THEN
        RETURN 'read';
    END IF;
    IF EXISTS (
        SELECT FROM pg_stat_activity a WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND a.query = '<insufficient privilege>'
    ) THEN
        RETURN 'unseen';
    END IF;
    EXECUTE format('CLUSTER public.%I USING %I', name, (
        SELECT k.relname FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid
        WHERE i.indrelid = whole AND i.indisprimary
    ));
    RETURN 'written';
EXCEPTION WHEN lock_not_available THEN
    RETURN 'busy';
END $$
"""
_NEXT_SEGMENT = """
CREATE FUNCTION shouwang_next_segment() RETURNS text LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE here text := pg_current_wal_insert_lsn()::text;
BEGIN
    IF has_function_privilege('pg_switch_wal()', 'EXECUTE') THEN
        PERFORM pg_switch_wal();
    END IF;
    RETURN here;
END $$
"""
_RIGHTS = ("shouwang_rewrite(text, text)", "shouwang_next_segment()")


def create_rewriting(tx: Connection, *, application_role: str | None = None) -> None:
    """Create the functions, which the application role may call and nobody else. Nothing on SQLite."""
    if tx.dialect.name != "postgresql":
        return
    for statement in (_REWRITE, _NEXT_SEGMENT):
        tx.exec_driver_sql(statement.replace("%", "%%"))
    for function in _RIGHTS:
        tx.execute(text(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC"))
        if application_role:
            tx.execute(text(f'GRANT EXECUTE ON FUNCTION {function} TO "{application_role}"'))


def never_sampled(tx: Connection, table: Table, columns: Iterable[str], schema: str = "public") -> None:
    """Have PostgreSQL take no sample of these columns for its planner: a sample would be a copy in its catalogue."""
    if tx.dialect.name == "postgresql":
        for column in columns:
            tx.execute(text(f'ALTER TABLE {schema}."{table.name}" ALTER COLUMN "{column}" SET STATISTICS 0'))


def present(tx: Connection) -> str:
    """The number of this transaction, by which `rewrite` knows who began before it."""
    return str(tx.execute(text("SELECT pg_current_xact_id()::text")).scalar_one())


def rewrite(tx: Connection, since: str, table: Table) -> Found:
    """Write a table anew without what the transaction `since` took away, in a transaction of its own."""
    query = text("SELECT shouwang_rewrite(:since, :name)")
    return Found(tx.execute(query, {"since": since, "name": table.name}).scalar_one())


def next_segment(tx: Connection) -> str:
    """Begin a new segment of the journal; gives where the last one was, for `passed`."""
    return str(tx.execute(text("SELECT shouwang_next_segment()")).scalar_one())


def passed(tx: Connection, place: str) -> bool:
    """Whether a checkpoint stands in a later segment of the journal than what was written before this place.

    A place right behind a segment's first header (40 bytes) has nothing before it in that segment.
    """
    query = text(
        "SELECT pg_walfile_name(redo_lsn) > pg_walfile_name(CAST(:place AS pg_lsn) - 40) FROM pg_control_checkpoint()"
    )
    return bool(tx.execute(query, {"place": place}).scalar_one())


def recycles(tx: Connection) -> bool:
    """Whether the server keeps old segments of the journal for use again, and what stands in them."""
    return str(tx.execute(text("SHOW wal_recycle")).scalar_one()) == "on"
