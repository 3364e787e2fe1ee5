"""Databases for tests: a fresh one each, with an owner and an application role as in production, dropped afterwards."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

PREFIX = "shouwang_test_"
"""Begins the name of every test database and role; the seconds since 1970 and a random part follow."""
LEFTOVER_AGE = 24 * 3600
"""Seconds after which a database of a dead run is dropped by the next one."""
SWEEPING = 0x5348_5357
"""The advisory lock of whoever drops what dead runs have left."""
PASSWORD = "only-for-tests"
DEFAULT_DRIVER = "psycopg2"
"""The driver of services under eventlet; unpatched processes take `psycopg`."""


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """One database. On SQLite both roles are the same file.

    Attributes:
        owner_url: SQLAlchemy URL of the role that migrates.
        application_url: SQLAlchemy URL of the role that the service runs as; it owns nothing.
        application_role: its name, None on SQLite.
    """

    __test__ = False

    owner_url: str
    application_url: str
    application_role: str | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.owner_url.startswith("sqlite")

    def with_driver(self, driver: str) -> TestDatabase:
        """The same PostgreSQL database through another driver: `psycopg` or `psycopg2`."""
        if self.is_sqlite:
            return self
        owner, application = (
            f"postgresql+{driver}://{url.partition('://')[2]}" for url in (self.owner_url, self.application_url)
        )
        return TestDatabase(owner, application, self.application_role)


def sqlite_database(path: Path) -> TestDatabase:
    """A database in a file that need not exist yet."""
    url = f"sqlite:///{path}"
    return TestDatabase(url, url)


@contextmanager
def postgres_database(admin_url: str) -> Iterator[TestDatabase]:
    """A new PostgreSQL database with its two roles; all three are dropped at the end of the block."""
    name = f"{PREFIX}{int(time.time())}_{uuid.uuid4().hex[:8]}"
    create_database(admin_url, name)
    try:
        yield TestDatabase(
            _url(admin_url, role=f"{name}_owner", database=name),
            _url(admin_url, role=f"{name}_app", database=name),
            f"{name}_app",
        )
    finally:
        drop_database(admin_url, name)


@contextmanager
def copied_database(admin_url: str, template: TestDatabase) -> Iterator[TestDatabase]:
    """A copy of a PostgreSQL database to which nobody is connected, with the same two roles; dropped at the end."""
    name, copied = f"{PREFIX}{int(time.time())}_{uuid.uuid4().hex[:8]}", urlsplit(template.owner_url)
    database, source = sql.Identifier(name), sql.Identifier(copied.path.removeprefix("/"))
    owner, app = sql.Identifier(copied.username or ""), sql.Identifier(template.application_role or "")
    with _administrator(admin_url) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(database, owner, source))
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, app))
    try:
        owners, applications = (
            url.rpartition("/")[0] + f"/{name}" for url in (template.owner_url, template.application_url)
        )
        yield TestDatabase(owners, applications, template.application_role)
    finally:
        drop_database(admin_url, name)


def _administrator(admin_url: str) -> psycopg.Connection[Any]:
    # Test databases need not survive the machine: nobody waits for the disk.
    return psycopg.connect(admin_url, autocommit=True, options="-c synchronous_commit=off")


def create_database(admin_url: str, name: str) -> None:
    """Make a database that `<name>_owner` owns and `<name>_app` may enter."""
    with _administrator(admin_url) as admin:
        database, owner, app = (sql.Identifier(name + suffix) for suffix in ("", "_owner", "_app"))
        for role in (owner, app):
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(PASSWORD)))
            admin.execute(sql.SQL("ALTER ROLE {} SET synchronous_commit = off").format(role))
        # A role that is no superuser must belong to the owner to make a database for it.
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(database, owner))
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, app))


def drop_database(admin_url: str, name: str) -> None:
    """Drop a database with its roles, whoever is still connected; it is no error when a part is gone."""
    with _administrator(admin_url) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        for suffix in ("_app", "_owner"):
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name + suffix)))


def drop_leftovers(admin_url: str, *, older_than: float = LEFTOVER_AGE, prefix: str = PREFIX) -> list[str]:
    """Drop the databases of runs that began more than so many seconds ago; gives their names.

    Two preparations at a time take turns: a database dropped by both is an error of PostgreSQL's.
    """
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", (SWEEPING,))
        names = [
            row[0].removesuffix("_owner")
            for row in admin.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %(prefix)s)"
                " UNION SELECT rolname FROM pg_roles WHERE starts_with(rolname, %(prefix)s) AND rolname ~ '_owner$'",
                {"prefix": prefix},
            )
        ]
        oldest = time.time() - older_than
        dead = sorted({name for name in names if (born := _born(name, prefix)) is not None and born < oldest})
        for name in dead:
            drop_database(admin_url, name)
    return dead


def _born(name: str, prefix: str) -> int | None:
    stamp = name.removeprefix(prefix).partition("_")[0]
    return int(stamp) if stamp.isdecimal() else None


def _url(admin_url: str, *, role: str, database: str) -> str:
    parts = urlsplit(admin_url)
    return f"postgresql+{DEFAULT_DRIVER}://{role}:{PASSWORD}@{parts.hostname}:{parts.port or 5432}/{database}"
