"""What an erasure leaves in files, and what it waits for, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Column, MetaData, String, Table, insert, text, update

from shared.eventstore.schema import create_views
from shared.hosting.migrating import upgrade
from shared.hosting.remains import Remains, waiting
from shared.kernel.clock import FixedClock
from shared.storage import rewriting
from shared.storage.database import Database
from shared.testing.rooms import test_settings
from tests.infrastructure.database import TestDatabase
from tests.infrastructure.own_cluster import OwnCluster
from tests.infrastructure.services import TestServices
from tests.integration.hosting.small.registry.rooms import build
from tests.integration.hosting.test_engine import NOW

metadata = MetaData()
notes = Table(
    "small_notes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(50), info={"personal_of": "id"}),
)


class House:
    """A small service with one view, and what erasures leave in it."""

    def __init__(self, made: TestDatabase, folder: Path) -> None:
        package = "tests.integration.hosting.small.registry"
        upgrade("registry", made.owner_url, application_role=made.application_role, package=package)
        self.owner = Database(made.owner_url)
        with self.owner.begin() as tx:
            create_views(tx, [metadata], application_role=made.application_role)
        self.database = Database(made.application_url)
        self.base = build(test_settings(folder), database=self.database, clock=FixedClock(NOW)).base
        self.remains = Remains(self.base, [notes])
        with self.database.begin() as tx:
            tx.execute(insert(notes).values(id="1", name="埋丝雀"))

    def erase(self) -> None:
        with self.database.begin() as tx:
            tx.execute(update(notes).values(name=None))
            self.remains.ask(tx)

    def why(self) -> list[Any]:
        with self.database.read() as tx:
            return [one["why"] for one in waiting(tx)]

    def close(self) -> None:
        self.database.dispose()
        self.owner.dispose()


@pytest.fixture
def house(test_database: TestDatabase, tmp_path: Path) -> Iterator[House]:
    made = House(test_database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def on_postgresql(postgres: TestDatabase, tmp_path: Path) -> Iterator[House]:
    made = House(postgres, tmp_path)
    yield made
    made.close()


def test_nothing_waits_where_nothing_was_erased(house: House) -> None:
    assert house.remains.step()
    assert house.why() == []


def test_an_erasure_waits_until_somebody_has_looked(house: House) -> None:
    house.erase()
    assert house.why() == [None]


def test_what_is_rolled_back_leaves_nothing_to_do(house: House) -> None:
    with house.database.begin() as tx:
        house.remains.ask(tx)
        tx.execute(text("ROLLBACK"))
        tx.execute(text("BEGIN"))
    assert house.why() == []


def test_who_read_before_it_holds_the_rewriting_up(on_postgresql: House) -> None:
    house = on_postgresql
    with house.database.engine.connect() as reader:
        reader.execution_options(isolation_level="REPEATABLE READ").execute(text("SELECT 1 FROM small_notes"))
        house.erase()
        assert not house.remains.step()
        assert house.why() == ["read"]


def test_a_session_that_its_owner_may_not_look_into_counts_as_a_reader(on_postgresql: House) -> None:
    house = on_postgresql
    house.erase()
    with house.database.engine.connect() as other:
        other.execute(text("SELECT 1"))
        other.rollback()
        assert not house.remains.step()
        assert house.why() == ["unseen"]


def test_a_table_in_use_is_tried_again_and_then_the_journal_is_waited_for(
    on_postgresql: House, services: TestServices
) -> None:
    house = on_postgresql
    house.erase()
    owner = sql.Identifier(str(house.owner.url.username))
    with psycopg.connect(services.database_url, autocommit=True) as admin:
        admin.execute(sql.SQL("GRANT pg_read_all_stats TO {}").format(owner))
    with house.database.begin() as busy:
        busy.execute(text("LOCK TABLE small_notes IN ROW EXCLUSIVE MODE"))
        assert not house.remains.step()
        assert house.why() == ["busy"]
    house.remains.step()
    assert house.why() in (["journal"], ["recycled"], [])


def test_the_journal_is_left_behind_by_whoever_comes_right_after_another() -> None:
    with OwnCluster(durable=False) as cluster:
        database = Database(cluster.url.replace("postgresql://", "postgresql+psycopg://"))
        with database.begin() as tx:
            rewriting.create_rewriting(tx)
        places = []
        for _ in range(2):
            with database.begin() as tx:
                places.append(rewriting.next_segment(tx))
        with database.read() as tx:
            assert [rewriting.passed(tx, one) for one in places] == [False, False]
        with psycopg.connect(cluster.url, autocommit=True) as admin:
            admin.execute("CHECKPOINT")
        with database.read() as tx:
            assert [rewriting.passed(tx, one) for one in places] == [True, True]
        database.dispose()
