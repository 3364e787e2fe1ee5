"""Scrubbing an SQLite file after an erasure: what was deleted lies in no page of it any more, nor in its journal."""

from __future__ import annotations

from shared.storage.database import Database


class StillRead(Exception):
    """Somebody reads from the journal at this moment: it cannot be emptied yet. Nothing is lost; do it again."""


def scrub_file(database: Database) -> None:
    """Write the file anew without its free space, and empty its journal. Nothing on PostgreSQL.

    `secure_delete` overwrites what is deleted, but not the older pages in the write-ahead journal, nor fragments that
    the moving of rows left behind. Waits for writers and readers for as long as the connection does (30 s), then
    raises StillRead.
    """
    if not database.is_sqlite:
        return
    with database.engine.connect() as connection:
        connection.exec_driver_sql("VACUUM")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    if busy:
        raise StillRead
