"""`shouwang restore`: a county made again from a backup, into empty databases."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from pathlib import Path

import click

from shared.cli.backup import progress, service_option
from shared.cli.databases import chosen, is_embedded
from shared.cli.start import data_option, lines_of
from shared.config.settings import Settings
from shared.hosting.backup.files import DamagedBackup
from shared.hosting.backup.restoring import Restored, RestoreRefused, agree, look, restore
from shared.hosting.backup.tables import CONSOLE
from shared.hosting.backup.unfinished import mark, unmark
from shared.hosting.data_lock import DataLock
from shared.hosting.directory import service_class
from shared.storage.database import Database


@click.command()
@click.argument("path", type=click.Path(path_type=Path, file_okay=False, exists=True))
@service_option
@data_option
def command(path: Path, service: str | None, data: Path | None) -> None:
    """Restore the backup in PATH into empty databases. The keys of its time must be back in their place.

    Embedded, all services; otherwise the one whose database SHOUWANG_DATABASE_URL names. Each service is restored as a
    whole or not at all; a restore that was broken off is begun again with the same words.
    """
    databases = chosen(service, data)
    settings = databases[0][1]
    lines_of(settings, level="warning")
    embedded = is_embedded()
    try:
        with DataLock(settings.data) if embedded else nullcontext():
            for name, own in databases:
                look(path / name, own)
            if embedded:
                mark(settings.data)
            done = {name: _restored(path / name, own) for name, own in databases}
            if embedded:
                _agree(databases, done)
                unmark(settings.data)
    except (DamagedBackup, RestoreRefused) as refused:
        raise click.ClickException(str(refused)) from None


def _restored(folder: Path, settings: Settings) -> Restored:
    service = folder.name
    build = None if service == CONSOLE else service_class(service).rooms.build
    with progress() as told:
        done = restore(folder, settings, build, told=told)
    if done.again:
        click.echo(f"{service:10} is restored already")
    elif done.manifest.log is None:
        click.echo(f"{service:10} restored: {sum(one.rows for one in done.manifest.files.values())} accounts")
    else:
        root = done.manifest.log.root[:16]
        click.echo(f"{service:10} restored: log {done.manifest.log.size} entries, root {root}…, in a new epoch")
    return done


def _agree(databases: list[tuple[str, Settings]], done: dict[str, Restored]) -> None:
    """Where all of a county was restored together, its services agree on the new epochs."""
    with ExitStack() as stack:
        opened: dict[str, Database] = {}
        for name, own in databases:
            opened[name] = Database(str(own.database_url), pool_size=1)
            stack.callback(opened[name].dispose)
        agree(opened, {name: one.manifest for name, one in done.items()})
