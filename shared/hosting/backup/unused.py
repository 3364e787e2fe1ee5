"""A database that `shouwang db upgrade` has made and nobody has used: a restore takes it as an empty one.

Migrating plants a few rows: the first epoch, the empty tree, the places of the reactions. They are taken away again in
the restore's own transaction, because all of them come from the backup.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, MetaData, delete, exists, inspect, select, table, text

from shared.eventstore.tables import epochs
from shared.hosting.backup.tables import CONSOLE, kept_tables
from shared.ledger.tables import log_tree
from shared.messaging.tables import follower_positions
from shared.storage.append_only import append_only

_VERSION = "alembic_version"
_PLANTED = (epochs, log_tree, follower_positions)


def is_unused(tx: Connection, service: str, views: Iterable[MetaData]) -> bool:
    """Whether the database has the tables of this service and in them nothing but what migrating plants."""
    there = set(inspect(tx).get_table_names()) - {_VERSION}
    own = {one.name for one in kept_tables(service)} | {each.name for one in views for each in one.sorted_tables}
    if not own <= there:
        return False
    planted = {one.name for one in _PLANTED} if service != CONSOLE else set()
    if any(tx.execute(select(exists().select_from(table(name)))).scalar() for name in there - planted):
        return False
    if service == CONSOLE:
        return True
    born = tx.execute(select(epochs.c.number, epochs.c.size, epochs.c.backup)).all()
    begun = tx.execute(select(exists().where(follower_positions.c.position >= 0))).scalar()
    return len(born) == 1 and tuple(born[0])[1:] == (0, None) and not begun and not _size(tx)


def empty(tx: Connection, service: str) -> None:
    """Take away what migrating planted, as the owner, in the caller's transaction."""
    if service == CONSOLE:
        return
    postgresql = tx.dialect.name == "postgresql"
    if postgresql:
        tx.execute(text("ALTER TABLE epochs DISABLE TRIGGER epochs_append_only"))
    else:
        tx.execute(text("DROP TRIGGER epochs_no_delete"))
    for one in (epochs, follower_positions):
        tx.execute(delete(one))
    for statement in append_only([epochs.name], tx.dialect.name):
        tx.exec_driver_sql(statement)


def _size(tx: Connection) -> int:
    size: int = tx.execute(select(log_tree.c.size)).scalar_one()
    return size
