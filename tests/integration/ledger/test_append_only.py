"""Append-only tables refuse, whoever asks: the owner too, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.storage.append_only import append_only
from shared.storage.database import Database
from tests.integration.ledger.conftest import Ledger


@pytest.fixture
def owner(ledger: Ledger) -> Database:
    with ledger.owner.begin() as tx:
        tx.execute(text("CREATE TABLE history (id INTEGER PRIMARY KEY, what TEXT UNIQUE)"))
        tx.execute(text("CREATE TABLE present (id INTEGER PRIMARY KEY, what TEXT)"))
        for statement in append_only(["history"], tx.dialect.name):
            tx.exec_driver_sql(statement)
        tx.execute(text("INSERT INTO history VALUES (1, 'a'), (2, 'b')"))
        tx.execute(text("INSERT INTO present VALUES (1, 'a')"))
    return ledger.owner


def rows(database: Database) -> list[tuple[int, str]]:
    with database.read() as tx:
        return [(row[0], row[1]) for row in tx.execute(text("SELECT id, what FROM history ORDER BY id"))]


CHANGES = [
    "UPDATE history SET what = 'c' WHERE id = 1",
    "UPDATE history SET what = what",
    "DELETE FROM history WHERE id = 2",
    "DELETE FROM history",
    "INSERT INTO history VALUES (1, 'c') ON CONFLICT (id) DO UPDATE SET what = 'c'",
]
ON_SQLITE = [
    "REPLACE INTO history VALUES (1, 'c')",
    "INSERT OR REPLACE INTO history VALUES (3, 'b')",
    "UPDATE OR REPLACE history SET what = 'b' WHERE id = 1",
]
ON_POSTGRESQL = [
    "TRUNCATE history",
    "TRUNCATE history CASCADE",
    "UPDATE history SET what = 'c' WHERE id = 99",
    "WITH gone AS (DELETE FROM history RETURNING id) SELECT count(*) FROM gone",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_refused_and_nothing_changes(owner: Database, change: str) -> None:
    with pytest.raises(IntegrityError, match="history is append-only"), owner.begin() as tx:
        tx.exec_driver_sql(change)
    assert rows(owner) == [(1, "a"), (2, "b")]


def test_the_ways_around_that_a_database_has_of_its_own_are_closed(owner: Database) -> None:
    for change in ON_SQLITE if owner.is_sqlite else ON_POSTGRESQL:
        with pytest.raises(IntegrityError, match="history is append-only"), owner.begin() as tx:
            tx.exec_driver_sql(change)
    assert rows(owner) == [(1, "a"), (2, "b")]


def test_a_session_that_calls_itself_a_replica_is_refused_too(owner: Database) -> None:
    if not owner.is_sqlite:  # SQLite knows no replicas
        with owner.read() as tx:
            enabled = tx.execute(text("SELECT tgenabled FROM pg_trigger WHERE tgname = 'history_append_only'")).scalar()
        assert enabled in ("A", b"A")


def test_rows_may_still_be_added(owner: Database) -> None:
    with owner.begin() as tx:
        tx.execute(text("INSERT INTO history VALUES (3, 'c')"))
        tx.execute(text("INSERT INTO history VALUES (3, 'd') ON CONFLICT DO NOTHING"))
    assert rows(owner) == [(1, "a"), (2, "b"), (3, "c")]


def test_other_tables_are_left_alone(owner: Database) -> None:
    with owner.begin() as tx:
        tx.execute(text("UPDATE present SET what = 'b'"))
        tx.execute(text("DELETE FROM present"))


def test_the_statements_can_be_run_again(owner: Database) -> None:
    with owner.begin() as tx:
        for statement in append_only(["history", "present"], tx.dialect.name):
            tx.exec_driver_sql(statement)
    with pytest.raises(IntegrityError, match="present is append-only"), owner.begin() as tx:
        tx.execute(text("DELETE FROM present"))


@pytest.mark.parametrize("name", ["", "two words", "a;b", 'a"b', "A", "schema.table", "1st"])
def test_an_odd_table_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain table names"):
        append_only([name], "sqlite")


def test_an_unknown_database_is_refused() -> None:
    with pytest.raises(ValueError, match="no append-only tables on oracle"):
        append_only(["history"], "oracle")
