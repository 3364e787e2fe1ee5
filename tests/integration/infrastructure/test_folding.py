"""psycopg2 in fewer messages: the same transactions, with the same outcomes, whatever waited for what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError

from shared.storage.database import Database
from shared.storage.folding import FoldingConnection, may_wait, write
from tests.infrastructure.database import TestDatabase

ADD = "INSERT INTO lamps (name) VALUES (%s)"
NAMES = text("SELECT name FROM lamps ORDER BY number")


@pytest.fixture
def database(postgres: TestDatabase) -> Iterator[Database]:
    """A table of lamps, and a pool of one connection, so that what one transaction leaves the next one finds."""
    made = Database(postgres.owner_url, pool_size=1)
    with made.begin() as tx:
        tx.exec_driver_sql("CREATE TABLE lamps (number serial, name text UNIQUE)")
    yield made
    made.dispose()


def names(database: Database) -> list[str]:
    with database.read() as tx:
        return list(tx.execute(NAMES).scalars())


def driver(tx) -> FoldingConnection:
    found = tx.connection.dbapi_connection
    assert isinstance(found, FoldingConnection)
    return found


def test_what_waits_goes_with_the_commit(database: Database) -> None:
    with database.begin(patient=True) as tx:
        write(tx, ADD, ("one",))
        with may_wait(tx):
            tx.execute(text("INSERT INTO lamps (name) VALUES (:name)"), [{"name": "two"}, {"name": "three"}])
        assert len(driver(tx).waiting) == 3
        assert driver(tx).info.transaction_status == 0, "nothing was sent yet, not even a BEGIN"
    assert names(database) == ["one", "two", "three"]


def test_what_waits_goes_before_the_next_question(database: Database) -> None:
    with database.begin(patient=True) as tx:
        write(tx, ADD, ("one",))
        assert tx.execute(NAMES).scalars().all() == ["one"]
        write(tx, ADD, ("two",))
    assert names(database) == ["one", "two"]


def test_nothing_waits_where_nobody_is_patient(database: Database) -> None:
    with database.begin() as tx:
        write(tx, ADD, ("one",))
        with pytest.raises(IntegrityError):
            write(tx, ADD, ("one",))
        tx.rollback()
    with database.begin(patient=True) as tx:
        write(tx, ADD, ("one",))
    with database.begin() as tx, may_wait(tx):
        tx.execute(text("INSERT INTO lamps (name) VALUES ('two')"))
        assert driver(tx).waiting == []
    assert names(database) == ["one", "two"]


def test_a_refusal_of_what_waited_comes_with_the_commit_and_undoes_all(database: Database) -> None:
    written = []

    def write_twice() -> None:
        with database.begin(patient=True) as tx:
            tx.execute(text("INSERT INTO lamps (name) VALUES ('sent')"))
            for one in ("one", "one", "two"):
                write(tx, ADD, (one,))
                written.append(one)

    with pytest.raises(IntegrityError, match="lamps_name_key"):
        write_twice()
    assert written == ["one", "one", "two"]
    assert names(database) == []


def test_what_waited_is_forgotten_with_its_transaction(database: Database) -> None:
    with database.begin(patient=True) as tx:
        write(tx, ADD, ("one",))
        tx.rollback()
    with database.begin() as tx:
        tx.execute(text("INSERT INTO lamps (name) VALUES ('two')"))
    assert names(database) == ["two"]


def test_values_stay_what_they_are(database: Database) -> None:
    odd = ["100 %", "%s", "%(name)s", "it's", 'a "quote"', "back\\slash", "a;b", "唐曦", ":name"]
    with database.begin(patient=True) as tx:
        for one in odd[:5]:
            write(tx, ADD, (one,))
        tx.execute(text("INSERT INTO lamps (name) VALUES (:name)"), [{"name": one} for one in odd[5:]])
    assert names(database) == odd


def test_reading_sees_one_state_and_may_not_write(database: Database) -> None:
    other = Database(str(database.url.render_as_string(hide_password=False)), pool_size=1)
    with database.read() as tx:
        assert tx.execute(NAMES).scalars().all() == []
        with other.begin() as writing:
            write(writing, ADD, ("meanwhile",))
        assert tx.execute(NAMES).scalars().all() == []
    with pytest.raises(InternalError, match="read-only"), database.read() as tx:
        write(tx, ADD, ("refused",))
    with database.begin() as tx:
        write(tx, ADD, ("afterwards",))
    other.dispose()
    assert names(database) == ["meanwhile", "afterwards"]


def test_a_long_answer_is_read_in_pieces_within_its_transaction(database: Database) -> None:
    with database.read() as tx:
        streamed = text("SELECT * FROM generate_series(1, 1000)").execution_options(stream_results=True, yield_per=10)
        for _ in range(2):
            assert tx.execute(streamed).scalars().all() == list(range(1, 1001))
    with database.begin() as tx:
        write(tx, ADD, ("afterwards",))
    assert names(database) == ["afterwards"]


def test_many_rows_are_written_in_their_order(database: Database) -> None:
    with database.begin() as tx:
        tx.execute(text("INSERT INTO lamps (name) VALUES ('0')"))
        rename = text("UPDATE lamps SET name = :to WHERE name = :name")
        tx.execute(rename, [{"name": str(number), "to": str(number + 1)} for number in range(500)])
    assert names(database) == ["500"]


def test_a_transaction_within_a_transaction_is_undone_alone(database: Database) -> None:
    with database.begin() as tx:
        with pytest.raises(IntegrityError), tx.begin_nested():
            tx.execute(text("INSERT INTO lamps (name) VALUES ('one'), ('one')"))
        tx.execute(text("INSERT INTO lamps (name) VALUES ('two')"))
    assert names(database) == ["two"]
