"""Taking a backup: one reading transaction for each service, while writers go on.

All of them begin together, readers before those whom they hear, so that no service's backup has seen more of another
than that one's own backup holds. On SQLite a reading transaction of another process disturbs nobody (WAL); on
PostgreSQL it is REPEATABLE READ. Nothing is locked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree

import msgspec
from sqlalchemy import Connection, func, select

from shared.contracts import sources_of
from shared.eventstore import tables as t
from shared.hosting.backup.files import (
    FORMAT,
    MANIFEST,
    SUMS,
    FileFacts,
    LogFacts,
    Manifest,
    file_of,
    make_private,
    sum_of,
    write_private,
    write_table,
)
from shared.hosting.backup.tables import CONSOLE, kept_tables
from shared.hosting.migrating import revision_of
from shared.ledger.tree import Tree
from shared.messaging.ranges import epoch_of
from shared.storage.columns import instant_text
from shared.storage.database import Database

Told = Callable[[str, int, int], object]
"""Is told a service's name, how many rows are written, and how many there are."""


class BackupRefused(Exception):
    """Nothing was written, for a reason that somebody can do something about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A service to be backed up, the address of its database, and where its migrations lie (see `migrating`)."""

    service: str
    url: str
    package: str | None = None


def take(
    out: Path,
    given: Sequence[Given],
    *,
    deployment: str,
    now: datetime,
    told: Told = lambda _service, _done, _all: None,
) -> list[Manifest]:
    """Write a backup of these services into `out`, a folder for each.

    A folder that is there is never written over. Until a service's folder is whole it is called `….part`.
    Raises BackupRefused, and what the database raises.
    """
    revisions = {one.service: _revision(one) for one in given}
    for one in given:
        if (out / one.service).exists():
            raise BackupRefused(f"{out / one.service} is there already: nothing is written over")
    with ExitStack() as stack:
        reading: dict[str, Connection] = {}
        for one in _readers_first(given):
            database = Database(one.url, pool_size=1)
            stack.callback(database.dispose)
            reading[one.service] = stack.enter_context(database.read())
            _begin(reading[one.service], one.service)
        return [
            _write(out, one.service, reading[one.service], revisions[one.service], deployment, now, told)
            for one in given
        ]


def _revision(given: Given) -> str:
    found = revision_of(given.service, given.url, package=given.package)
    if not found.current or found.at is None:
        raise BackupRefused(f"the database of {given.service} is not of the present shape: shouwang db upgrade")
    return found.at


def _readers_first(given: Sequence[Given]) -> list[Given]:
    """Of two services of which one hears the other, the one that hears; where both do, as it comes."""
    depth = {one.service: len(sources_of(one.service)) if one.service != CONSOLE else 0 for one in given}
    return sorted(given, key=lambda one: -depth[one.service])


def _begin(tx: Connection, service: str) -> None:
    """Read something: on either database the transaction sees what was committed before its first question."""
    tx.execute(select(kept_tables(service)[-1]).limit(1)).first()


def _write(
    out: Path, service: str, tx: Connection, revision: str, deployment: str, now: datetime, told: Told
) -> Manifest:
    draft = out / f"{service}.part"
    rmtree(draft, ignore_errors=True)
    make_private(draft)
    tables = kept_tables(service)
    done, total = 0, sum(tx.execute(select(func.count()).select_from(one)).scalar_one() for one in tables)

    def more(rows: int) -> None:
        nonlocal done
        done += rows
        told(service, done, total)

    told(service, 0, total)
    files: dict[str, FileFacts] = {file_of(one): write_table(draft, tx, one, more) for one in tables}
    manifest = Manifest(
        format=FORMAT,
        deployment=deployment,
        service=service,
        revision=revision,
        taken=instant_text(now),
        log=None if service == CONSOLE else _log(tx),
        files=files,
    )
    write_private(draft / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    sums = {name: one.sha256 for name, one in files.items()} | {MANIFEST: sum_of(draft / MANIFEST)}
    write_private(draft / SUMS, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode())
    draft.rename(out / service)
    return manifest


def _log(tx: Connection) -> LogFacts:
    tree = Tree()
    pending: int = tx.execute(select(func.count()).select_from(t.pending)).scalar_one()
    return LogFacts(size=tree.size(tx), root=tree.root(tx).hex(), epoch=epoch_of(tx), pending=pending)
