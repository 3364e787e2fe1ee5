"""Restoring a service from its backup into an empty database, all or nothing, in one transaction of its owner.

The log comes back entry by entry and must have the size and the root that the manifest says; a new epoch begins with
them, so that everybody who follows the log finds out. Own views, claims and timers are made from the log. What is kept
of neighbours is forgotten with its places and will be heard again from the first position; reactors keep theirs, so
that no reaction runs twice.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, delete, func, insert, inspect, select, text, update
from sqlalchemy.engine import make_url

from shared.config.settings import Settings
from shared.eventstore import tables as t
from shared.eventstore.rebuilding import fill
from shared.hosting.backup.checking import check, read_manifest
from shared.hosting.backup.files import MANIFEST, DamagedBackup, LogFacts, Manifest, pages, read_table, sum_of
from shared.hosting.backup.tables import kept_tables
from shared.hosting.backup.unused import empty, is_unused
from shared.hosting.erasing import redo_erasures
from shared.hosting.foundation import Foundation, Rooms, origin_of
from shared.hosting.keys_held import check_opens
from shared.hosting.migrating import migrate, owner_of
from shared.hosting.witnessing import log_key
from shared.kernel.ids import new_id
from shared.ledger.notes import read_checkpoint
from shared.ledger.tables import log_checkpoints, log_positions, log_tree
from shared.ledger.tree import Tree
from shared.messaging.ranges import epoch_of
from shared.messaging.tables import follower_positions, parked
from shared.storage.database import Database
from shared.vault.erasing import destroy
from shared.vault.keyfiles import load_public_ed25519
from shared.vault.tables import vault_persons

log = structlog.get_logger(__name__)
Build = Callable[..., Rooms[Any, Any]]
Told = Callable[[str, int, int], object]


class RestoreRefused(Exception):
    """Nothing was restored, for a reason that somebody can do something about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came of it: events projected, people whose erasure or restriction was done again.

    `again` is True where this backup had been restored before.
    """

    manifest: Manifest
    events: int = 0
    erased: int = 0
    again: bool = False


def restore(
    folder: Path,
    settings: Settings,
    build: Build | None,
    *,
    package: str | None = None,
    told: Told = lambda _what, _done, _all: None,
) -> Restored:
    """Restore one service from its folder; `build` wires it, None for the console. `settings` name its database.

    Raises DamagedBackup, RestoreRefused, KeyringError where the keys are not those of the backup.
    """
    manifest = check(folder, functools.partial(_as, told, "checking"))
    service = manifest.service
    if manifest.deployment != settings.deployment:
        raise RestoreRefused(f"the backup is of {manifest.deployment}, and this is {settings.deployment}")
    url, role = owner_of(settings, service)
    database = Database(url, pool_size=1)
    try:
        rooms = _rooms(settings, service, build, database)
        with database.begin() as tx:
            if inspect(tx).get_table_names():
                if not is_unused(tx, service, rooms.views() if rooms is not None else ()):
                    _refuse_unless_the_same(tx, folder, manifest)
                    return Restored(manifest=manifest, again=True)
                empty(tx, service)
            revision = migrate(tx, service, application_role=role, package=package, restoring=True)
            if revision.at != manifest.revision:
                raise RestoreRefused(
                    f"the backup has the shape {manifest.revision}, this version {revision.at}: restore it with the "
                    "version that took it, then shouwang db upgrade"
                )
            _load(tx, folder, manifest, functools.partial(_as, told, "loading"))
            if rooms is None or manifest.log is None:
                return Restored(manifest=manifest)
            done = _set_right(tx, folder, rooms, manifest, manifest.log, told)
    finally:
        database.dispose()
    log.info("service_restored", service=service, size=manifest.log.size, erased=done.erased)
    return done


def look(folder: Path, settings: Settings) -> None:
    """Look whether a service may be restored: its database is empty or unused, or holds exactly this backup already.

    Raises RestoreRefused, which names it, and DamagedBackup for a folder that is not there.
    """
    manifest = read_manifest(folder)
    url, _role = owner_of(settings, manifest.service)
    file = make_url(url).database
    if url.startswith("sqlite") and not (file and Path(file).exists()):
        return
    database = Database(url, pool_size=1)
    try:
        with database.read() as tx:
            if inspect(tx).get_table_names() and not is_unused(tx, manifest.service, ()):
                _refuse_unless_the_same(tx, folder, manifest)
    finally:
        database.dispose()


def _set_right(
    tx: Connection, folder: Path, rooms: Rooms[Any, Any], manifest: Manifest, said: LogFacts, told: Told
) -> Restored:
    base = rooms.base
    _check_log(tx, base, said, folder)
    check_opens(tx, base.vault.keyring)
    _forget_neighbours(tx, rooms)
    _begin_epoch(tx, base, said, sum_of(folder / MANIFEST))
    # Before the views are made, so that nothing of an erased person comes into one.
    gone = select(vault_persons.c.person).where(vault_persons.c.standing == "erased")
    destroy(tx, *tx.execute(gone).scalars().all())
    erased = redo_erasures(tx, rooms.eraser) if rooms.eraser is not None else 0
    events = fill(tx, base.store, base.own, lambda done, size: told(f"{base.name} views", done, size))
    return Restored(manifest=manifest, events=events, erased=erased)


def _rooms(settings: Settings, service: str, build: Build | None, database: Database) -> Rooms[Any, Any] | None:
    if build is None:
        return None
    # Building makes the signing keys that are missing; those of a log that is to be restored must be there.
    load_public_ed25519(settings.key_directory, f"log-{service}")
    return build(settings, database=database)


def _refuse_unless_the_same(tx: Connection, folder: Path, manifest: Manifest) -> None:
    """Raises RestoreRefused unless exactly this backup was restored here and nothing has happened since."""
    service, tables = manifest.service, inspect(tx).get_table_names()
    if manifest.log is None:
        (table,) = kept_tables(service)
        same = table.name in tables and [dict(row._mapping) for row in tx.execute(select(table))] == list(
            read_table(folder, table)
        )
        what = "accounts"
    else:
        newest = select(t.epochs.c.backup, t.epochs.c.size).order_by(t.epochs.c.number.desc()).limit(1)
        row = tx.execute(newest).one_or_none() if t.epochs.name in tables else None
        events: int = tx.execute(select(func.count()).select_from(t.events)).scalar_one() if row else 0
        restored = sum_of(folder / MANIFEST)
        same = row is not None and row.backup == restored and events == manifest.log.size + manifest.log.pending
        what = f"{events} events"
    if not same:
        raise RestoreRefused(
            f"the database of {service} is not empty ({what}): a backup is restored into a new one, before anything "
            "runs on it; make one, name it, and begin again with the same words"
        )


def _load(tx: Connection, folder: Path, manifest: Manifest, told: Callable[[str, int, int], object]) -> None:
    done, total = 0, sum(one.rows for one in manifest.files.values())
    tx.execute(delete(log_tree)) if manifest.log else None  # it was planted with the size of an empty tree
    for table in kept_tables(manifest.service):
        for page in pages(read_table(folder, table)):
            tx.execute(insert(table), page)
            done += len(page)
            told(manifest.service, done, total)
    if tx.dialect.name == "postgresql" and manifest.log:
        last = "SELECT setval(pg_get_serial_sequence('events', 'arrival'), max(arrival)) FROM events"
        tx.execute(text(last))


def _check_log(tx: Connection, base: Foundation, said: LogFacts, folder: Path) -> None:
    """Raises DamagedBackup unless size and root are those of the manifest, and this log's key has signed the newest."""
    tree = Tree()
    if (tree.size(tx), tree.root(tx).hex()) != (said.size, said.root):
        raise DamagedBackup(f"{folder.name}/log_nodes.jsonl.gz", "the tree has another root than its entries")
    newest = select(log_checkpoints).order_by(log_checkpoints.c.size.desc()).limit(1)
    row = tx.execute(newest).one_or_none()
    if row is None:
        return
    signed = read_checkpoint(row.note, [log_key(base, base.name)])
    if signed.origin != origin_of(base.settings, base.name) or signed.root != tree.root(tx, signed.size):
        raise DamagedBackup(f"{folder.name}/log_checkpoints.jsonl.gz", f"the log is not what was signed at {row.size}")


def _forget_neighbours(tx: Connection, rooms: Rooms[Any, Any]) -> None:
    """Let the views of what others say begin from zero; the reactor stays where it is, with what it has parked."""
    names = [rooms.reactor.name] if rooms.reactor is not None else []
    tx.execute(delete(follower_positions).where(follower_positions.c.projector.not_in(names)))
    tx.execute(delete(parked).where(parked.c.projector.not_in(names)))


def _begin_epoch(tx: Connection, base: Foundation, said: LogFacts, backup: str) -> None:
    number: int = tx.execute(select(func.max(t.epochs.c.number))).scalar_one()
    now = base.clock.now()
    row = {"number": number + 1, "epoch": new_id(now), "time": now, "size": said.size}
    tx.execute(insert(t.epochs).values(**row, root=bytes.fromhex(said.root), backup=backup))


def agree(databases: dict[str, Database], manifests: dict[str, Manifest]) -> int:
    """After all services of a county were restored together: let reactors go on in the new epochs of those they hear.

    A reactor whose place is in the restored log, at the same entry, goes on there; the person who restores has decided
    for all. One that had seen more stops, and waits to be told. Returns how many go on.
    """
    done = 0
    heads: dict[str, tuple[str, str]] = {}
    for name, one in manifests.items():
        if one.log is not None:
            with databases[name].read() as tx:
                heads[name] = one.log.epoch, epoch_of(tx)
    for reader in heads:
        with databases[reader].begin() as tx:
            for row in tx.execute(select(follower_positions)).all():
                old, new = heads.get(row.source, ("", ""))
                if row.epoch != old or not old or not _stands(databases[row.source], row.position, row.leaf):
                    continue
                c = follower_positions.c
                mine = (c.source == row.source) & (c.projector == row.projector)
                done += tx.execute(update(follower_positions).where(mine).values(epoch=new)).rowcount
    return done


def _stands(source: Database, position: int, leaf: str | None) -> bool:
    """Whether a log still has this entry at this place."""
    if position < 0:
        return True
    with source.read() as tx:
        found = tx.execute(select(log_positions.c.leaf).where(log_positions.c.position == position)).scalar()
    return found is not None and leaf in (None, bytes(found).hex())


def _as(told: Told, what: str, service: str, done: int, total: int) -> None:
    told(f"{service} {what}", done, total)
