"""The ledger's tables on SQLite and on PostgreSQL through both drivers, made by the owner, used by the application."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from shared.ledger.tables import APPEND_ONLY, metadata
from shared.storage.append_only import append_only
from shared.storage.database import Database
from tests.infrastructure.database import TestDatabase, postgres_database, sqlite_database
from tests.infrastructure.services import TestServices


@dataclass(frozen=True)
class Ledger:
    """One database as its owner and as the application sees it (the same on SQLite)."""

    owner: Database
    application: Database


@pytest.fixture(params=["sqlite", "psycopg2", "psycopg"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path, services: TestServices) -> Iterator[Ledger]:
    if request.param == "sqlite":
        yield from opened(sqlite_database(tmp_path / "ledger.sqlite"))
        return
    with postgres_database(services.database_url) as made:
        yield from opened(made.with_driver(request.param))


@pytest.fixture
def database(ledger: Ledger) -> Database:
    return ledger.application


def opened(made: TestDatabase) -> Iterator[Ledger]:
    owner, application = Database(made.owner_url), Database(made.application_url)
    try:
        with owner.begin() as tx:
            prepare(tx, made.application_role)
        yield Ledger(owner, application)
    finally:
        owner.dispose()
        application.dispose()


def prepare(tx: Connection, role: str | None) -> None:
    metadata.create_all(tx)
    for statement in append_only(APPEND_ONLY, tx.dialect.name):
        tx.exec_driver_sql(statement)
    if role:
        for name in APPEND_ONLY:
            tx.execute(text(f"GRANT SELECT, INSERT ON {name} TO {role}"))
        tx.execute(text(f"GRANT SELECT, UPDATE ON log_tree TO {role}"))
