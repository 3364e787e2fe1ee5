"""PostgreSQL databases that one worker's tests use one after the other: to make one takes longer than most tests.

What a test left is dropped with its owner. Where something stays that was not its owner's (a relation of the
administrator's, a membership, a setting of the database), the database goes and the next test gets a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.infrastructure.database import TestDatabase, drop_database, postgres_database

_TRACES = """
SELECT (SELECT count(*) FROM pg_class c WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)')
     + (SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace)
     + (SELECT count(*) FROM pg_namespace n WHERE n.nspname !~ '^(pg_|information_schema$|public$)')
     + (SELECT count(*) FROM pg_auth_members m WHERE m.member IN (%(owner)s::regrole, %(app)s::regrole))
     + (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        WHERE d.datname = current_database())
"""


class Pool:
    """The databases of this process that nobody uses at the moment, all on one server."""

    def __init__(self) -> None:
        self._kept = ExitStack()
        self._idle: list[TestDatabase] = []

    @contextmanager
    def postgres(self, admin_url: str) -> Iterator[TestDatabase]:
        """An empty database with an owner and an application role, for the length of the block."""
        one = self._idle.pop() if self._idle else self._kept.enter_context(postgres_database(admin_url))
        try:
            yield one
        finally:
            if _emptied(admin_url, one):
                self._idle.append(one)
            else:
                drop_database(admin_url, _name(one))

    def close(self) -> None:
        """Drop them all."""
        self._idle.clear()
        self._kept.close()


POOL = Pool()


def _emptied(admin_url: str, one: TestDatabase) -> bool:
    """Take away what was made in a database; whether nothing of it is left."""
    name, app = _name(one), one.application_role or ""
    owner = urlsplit(one.owner_url).username or ""
    roles = {"owner": sql.Identifier(owner), "app": sql.Identifier(app), "database": sql.Identifier(name)}
    address = make_conninfo(admin_url, dbname=name, options="-c synchronous_commit=off")
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for statement in (
            "DROP OWNED BY {owner}, {app} CASCADE",
            "GRANT ALL ON DATABASE {database} TO {owner}",
            "GRANT CONNECT ON DATABASE {database} TO {app}",
        ):
            admin.execute(sql.SQL(statement).format(**roles))
        left = admin.execute(_TRACES, {"owner": f'"{owner}"', "app": f'"{app}"'}).fetchone()
    return left == (0,)


def _name(one: TestDatabase) -> str:
    return one.owner_url.rpartition("/")[2]
