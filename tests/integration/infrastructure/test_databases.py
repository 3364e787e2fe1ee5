"""The databases that tests get: fresh, with the two roles of production, and gone afterwards."""

from __future__ import annotations

import time
import uuid

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from shared.storage.database import Database
from tests.infrastructure.database import (
    TestDatabase,
    create_database,
    drop_database,
    drop_leftovers,
    postgres_database,
)
from tests.infrastructure.pool import Pool
from tests.infrastructure.services import TestServices


def _exists(services: TestServices, name: str) -> bool:
    with psycopg.connect(services.database_url) as admin:
        query = "SELECT 1 FROM pg_database WHERE datname = %s UNION SELECT 1 FROM pg_roles WHERE rolname LIKE %s"
        return admin.execute(query, (name, f"{name}%")).fetchone() is not None


def test_a_database_of_either_kind_keeps_what_is_written(database: Database) -> None:
    with database.begin() as tx:
        tx.execute(text("CREATE TABLE noted (word VARCHAR(10) PRIMARY KEY)"))
        tx.execute(text("INSERT INTO noted VALUES ('守望')"))
    with database.read() as tx:
        assert tx.execute(text("SELECT word FROM noted")).scalar() == "守望"


def test_the_application_role_owns_nothing_and_may_only_what_it_was_granted(postgres: TestDatabase) -> None:
    owner, application = create_engine(postgres.owner_url), create_engine(postgres.application_url)
    with owner.begin() as tx:
        tx.execute(text("CREATE TABLE history (entry TEXT)"))
    with application.begin() as tx, pytest.raises(ProgrammingError, match="permission denied"):
        tx.execute(text("SELECT * FROM history"))
    with owner.begin() as tx:
        tx.execute(text(f'GRANT SELECT, INSERT ON history TO "{postgres.application_role}"'))
    with application.begin() as tx:
        tx.execute(text("INSERT INTO history VALUES ('kept')"))
    with application.begin() as tx, pytest.raises(ProgrammingError, match="permission denied"):
        tx.execute(text("DELETE FROM history"))
    with application.begin() as tx, pytest.raises(ProgrammingError, match="permission denied"):
        tx.execute(text("CREATE TABLE mine (entry TEXT)"))
    owner.dispose()
    application.dispose()


def test_a_database_is_dropped_with_its_roles_though_somebody_is_connected(services: TestServices) -> None:
    with postgres_database(services.database_url) as made:
        name = made.owner_url.rpartition("/")[2]
        engine = create_engine(made.owner_url)
        connection = engine.connect()
        assert _exists(services, name)
    assert not _exists(services, name)
    connection.invalidate()
    engine.dispose()


def test_the_databases_of_dead_runs_are_dropped_after_a_day_and_the_living_stay(
    services: TestServices, postgres: TestDatabase
) -> None:
    # A name of its own: another preparation on this machine would drop one of the usual name at any moment.
    prefix = f"shouwang_swept_{uuid.uuid4().hex[:8]}_"
    dead, young = f"{prefix}{int(time.time()) - 90_000}_dead", f"{prefix}{int(time.time())}_young"
    create_database(services.database_url, dead)
    create_database(services.database_url, young)
    try:
        assert drop_leftovers(services.database_url, prefix=prefix) == [dead]
        assert _exists(services, young)
    finally:
        drop_database(services.database_url, young)
    assert not _exists(services, dead)
    assert _exists(services, postgres.owner_url.rpartition("/")[2])


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_a_database_answers_through_both_drivers(postgres: TestDatabase, driver: str) -> None:
    engine = create_engine(postgres.with_driver(driver).application_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar() == postgres.application_role
    engine.dispose()


def test_a_pooled_database_comes_back_empty_with_its_rights(services: TestServices) -> None:
    pool = Pool()
    with pool.postgres(services.database_url) as first:
        owner = create_engine(first.owner_url)
        with owner.begin() as tx:
            tx.exec_driver_sql("CREATE SCHEMA beside")
            tx.exec_driver_sql("CREATE TABLE beside.t (a int)")
            tx.exec_driver_sql("CREATE TABLE t (a serial)")
            tx.exec_driver_sql("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
            tx.exec_driver_sql(f'GRANT SELECT ON t TO "{first.application_role}"')
        left_open = owner.connect()
        assert left_open.execute(text("SELECT 1")).scalar_one() == 1
    with pool.postgres(services.database_url) as second:
        assert second == first
        for url in (second.owner_url, second.application_url):
            engine = create_engine(url)
            assert inspect(engine).get_table_names() == []
            engine.dispose()
        again = create_engine(second.owner_url)
        with again.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE t (a serial)")
        again.dispose()
    left_open.invalidate()
    owner.dispose()
    pool.close()
    assert not _exists(services, first.owner_url.rpartition("/")[2])


def test_a_database_in_which_an_administrator_left_something_is_not_lent_again(services: TestServices) -> None:
    pool = Pool()
    with pool.postgres(services.database_url) as first:
        address = make_conninfo(services.database_url, dbname=first.owner_url.rpartition("/")[2])
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute("CREATE TABLE theirs (a int)")
    with pool.postgres(services.database_url) as second:
        assert second != first
    pool.close()
