"""Databases that are migrated once for each worker and service, and copied for each test that wants one.

A migration takes longer than most tests. What a copy has in common with its siblings is the epoch of its log and, on
PostgreSQL, its two roles: a test with two databases of one service makes them itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.hosting.migrating import upgrade
from tests.infrastructure.database import TestDatabase, copied_database, postgres_database, sqlite_database


class Templates:
    """Migrated databases to copy. A context manager: the templates go with it.

    Args:
        admin_url: asked for when the first PostgreSQL database is wanted.
        folder: where SQLite files may lie.
    """

    def __init__(self, admin_url: Callable[[], str], folder: Path) -> None:
        self._admin_url, self._folder = admin_url, folder
        self._kept = ExitStack()
        self._postgres: dict[str, TestDatabase] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._kept.close()

    @contextmanager
    def postgres(self, service: str) -> Iterator[TestDatabase]:
        """A PostgreSQL database of a service, dropped at the end of the block."""
        template = self._postgres.get(service)
        if template is None:
            template = self._kept.enter_context(postgres_database(self._admin_url()))
            upgrade(service, template.owner_url, application_role=template.application_role)
            self._postgres[service] = template
        with copied_database(self._admin_url(), template) as made:
            yield made

    def sqlite(self, service: str, path: Path) -> TestDatabase:
        """An SQLite database of a service at a path."""
        template = self._folder / f"{service}.sqlite"
        if not template.exists():
            upgrade(service, sqlite_database(template).owner_url)
        shutil.copy(template, path)
        return sqlite_database(path)
