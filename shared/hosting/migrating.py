"""Migrations: alembic run from code, one lineage for each service, in one transaction.

A service's `migrations/env.py` is one call, and its first revision another:

    from shared.hosting.migrating import run_environment
    run_environment()

    def upgrade() -> None:
        found(views=[access.metadata, views.metadata], reactors=["casework.reactions"])

On PostgreSQL the owner migrates; the application role gets what it needs and cannot change history.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import structlog
from alembic import command, context, op
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.engine import make_url

from shared.config.settings import Settings
from shared.contracts import sources_of
from shared.eventstore.schema import create_history, create_views
from shared.messaging.places import begin
from shared.messaging.tables import create_messaging
from shared.storage.database import Database

log = structlog.get_logger(__name__)
_LOCK = 0x5348_4F55_4D49
"""The advisory lock that keeps two processes from migrating one database at once."""
_CONNECTION, _ROLE, _SERVICE, _RESTORING = "connection", "application_role", "service", "restoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """Where a database stands in its lineage. `at` is None before the first migration."""

    service: str
    at: str | None
    head: str

    @property
    def current(self) -> bool:
        """Whether nothing is left to migrate."""
        return self.at == self.head


def upgrade(service: str, url: str, *, application_role: str | None = None, package: str | None = None) -> Revision:
    """Bring the database at `url` (the owner's) to the service's present shape, all or nothing.

    `package` is where its `migrations` lie, by default `services.<service>`. Safe when several processes do it at
    once. Raises what alembic and the database raise.
    """
    database = Database(url, pool_size=1)
    try:
        with database.begin() as tx:
            revision = migrate(tx, service, application_role=application_role, package=package)
    finally:
        database.dispose()
    log.info("database_migrated", service=service, revision=revision.at)
    return revision


def migrate(
    tx: Connection,
    service: str,
    *,
    application_role: str | None = None,
    package: str | None = None,
    restoring: bool = False,
) -> Revision:
    """Do what `upgrade` does within the owner's transaction.

    With `restoring` the log has no epoch yet and no reactor a place: they come from the backup.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = _config(service, package)
    config.attributes |= {_CONNECTION: tx, _ROLE: application_role, _SERVICE: service, _RESTORING: restoring}
    command.upgrade(config, "head")
    if application_role:
        tx.execute(text(f'GRANT SELECT ON alembic_version TO "{application_role}"'))
    return _revision(service, tx, package)


def revision_of(service: str, url: str, *, package: str | None = None) -> Revision:
    """Where the database at `url` stands, without changing it: a file that is not there is not made."""
    file = make_url(url).database
    if url.startswith("sqlite") and not (file and Path(file).exists()):
        return Revision(service=service, at=None, head=_head(service, package))
    database = Database(url, pool_size=1)
    try:
        with database.read() as tx:
            return _revision(service, tx, package)
    finally:
        database.dispose()


def upgrade_as(settings: Settings, service: str, *, package: str | None = None) -> Revision:
    """Bring the database that the settings name to its present shape.

    As the owner where one is given; the role of `SHOUWANG_DATABASE_URL` is then the application's and gets its
    grants. Raises ValueError where the settings name no database, or two different ones.
    """
    url, role = owner_of(settings, service)
    return upgrade(service, url, application_role=role, package=package)


def owner_of(settings: Settings, service: str) -> tuple[str, str | None]:
    """The owner's address of the database that the settings name, and the application's role where it is another.

    The folder of a file is made. Raises ValueError as `upgrade_as` does.
    """
    if settings.migration_url is None or settings.database_url is None:
        raise ValueError(f"no database is named for {service}")
    owner, application = make_url(settings.migration_url), make_url(settings.database_url)
    if owner.database != application.database:
        raise ValueError("the owner's address and the application's name different databases")
    role = application.username if application.username != owner.username else None
    if owner.get_backend_name() == "sqlite" and owner.database:
        Path(owner.database).parent.mkdir(parents=True, exist_ok=True)
    return settings.migration_url, role


def run_environment() -> None:
    """What a service's `env.py` calls: run the migrations on the connection that `upgrade` brought."""
    connection = context.config.attributes[_CONNECTION]
    context.configure(connection=connection, target_metadata=None, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()


def application_role() -> str | None:
    """The PostgreSQL role that a revision under way gives its grants to; None on SQLite or without a second role."""
    return cast("str | None", context.config.attributes.get(_ROLE))


def found(views: Iterable[MetaData] = (), reactors: Iterable[str] = ()) -> None:
    """What a service's first revision calls: its history, its followers' places, and the tables of its views.

    `views` are the metadata of the service's projectors, those of the shared `access` projector among them. `reactors`
    are the names of its reactors: born with the deployment, they hear everything from the first position on, where a
    reactor that is added later starts at the head.
    """
    tx = op.get_bind()
    role = application_role()
    restoring = bool(context.config.attributes.get(_RESTORING))
    create_history(tx, application_role=role, born=not restoring)
    create_messaging(tx, application_role=role)
    unique = {id(one): one for one in views}
    create_views(tx, unique.values(), application_role=role)
    if restoring:
        return
    for source in sources_of(context.config.attributes[_SERVICE]):
        begin(tx, source, reactors)


def directory_of(package: str) -> Path:
    """Where the lineage of a service's package lies."""
    return Path(next(iter(importlib.import_module(package).__path__))) / "migrations"


def _config(service: str, package: str | None) -> Config:
    config = Config()
    # A percent sign in a path would be read as an interpolation.
    config.set_main_option("script_location", str(directory_of(package or f"services.{service}")).replace("%", "%%"))
    return config


def _revision(service: str, tx: Connection, package: str | None) -> Revision:
    at = MigrationContext.configure(tx).get_current_revision()
    return Revision(service=service, at=at, head=_head(service, package))


def _head(service: str, package: str | None) -> str:
    head = ScriptDirectory.from_config(_config(service, package)).get_current_head()
    if head is None:
        raise ValueError(f"{service} has no migrations")
    return head
