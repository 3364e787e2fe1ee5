"""Migrations, as owner and as application."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from shared.hosting.migrating import revision_of, upgrade
from shared.messaging.tables import follower_positions
from shared.storage.database import Database
from tests.infrastructure.database import TestDatabase

PACKAGE = "tests.integration.hosting.small.alerts"


def migrate(given: TestDatabase) -> None:
    upgrade("alerts", given.owner_url, application_role=given.application_role, package=PACKAGE)


def test_a_fresh_database_is_brought_to_the_head_and_stays_there(test_database: TestDatabase) -> None:
    before = revision_of("alerts", test_database.application_url, package=PACKAGE)
    migrate(test_database)
    migrate(test_database)
    after = revision_of("alerts", test_database.application_url, package=PACKAGE)

    assert (before.at, before.current) == (None, False)
    assert (after.at, after.current) == ("0001", True)


def test_reactors_are_born_before_the_first_position(test_database: TestDatabase) -> None:
    migrate(test_database)

    database = Database(test_database.application_url)
    with database.read() as tx:
        rows = tx.execute(select(follower_positions.c.source, follower_positions.c.position)).tuples().all()
    database.dispose()

    assert sorted(rows) == [("casework", -1), ("registry", -1)]


def test_a_migration_that_fails_leaves_nothing_behind(
    test_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("shared.hosting.migrating.begin", fail)
    with pytest.raises(RuntimeError):
        migrate(test_database)

    database = Database(test_database.owner_url)
    tables = inspect(database.engine).get_table_names()
    database.dispose()
    assert tables == []


def test_processes_that_migrate_at_once_do_so_one_after_the_other(postgres: TestDatabase) -> None:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            migrate(postgres)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert failed == []


def test_the_application_works_in_views_and_cannot_change_history(postgres: TestDatabase) -> None:
    migrate(postgres)
    database = Database(postgres.application_url)

    with database.begin() as tx:
        tx.execute(text("UPDATE alerts_bells SET rang = true"))
    for statement in ("DELETE FROM events", "UPDATE log_positions SET position = 1", "DROP TABLE events"):
        with pytest.raises(DBAPIError), database.begin() as tx:
            tx.execute(text(statement))
    database.dispose()
