"""`shouwang db upgrade|check`: migrations."""

from __future__ import annotations

from pathlib import Path

import click

from shared.cli.databases import NAMES, chosen, is_embedded
from shared.cli.start import data_option, lines_of
from shared.hosting.data_lock import DataLock
from shared.hosting.migrating import Revision, revision_of, upgrade_as


@click.group()
def command() -> None:
    """Bring databases to the present shape, or see where they stand."""


@command.command()
@click.argument("name", type=click.Choice(NAMES), required=False)
@data_option
def upgrade(name: str | None, data: Path | None) -> None:
    """Bring the database of NAME to its present shape; without it, all of the embedded system's."""
    databases = chosen(name, data)
    lines_of(databases[0][1], level="warning")
    if databases[0][1].owner_database_url is None and is_embedded():
        with DataLock(databases[0][1].data):
            revisions = [upgrade_as(settings, service) for service, settings in databases]
    else:
        revisions = [upgrade_as(settings, service) for service, settings in databases]
    _show(revisions)


@command.command()
@click.argument("name", type=click.Choice(NAMES), required=False)
@data_option
def check(name: str | None, data: Path | None) -> None:
    """Say where the database of NAME stands; exit code 1 where something is left to migrate."""
    databases = chosen(name, data)
    lines_of(databases[0][1], level="warning")
    revisions = [revision_of(service, str(settings.database_url)) for service, settings in databases]
    _show(revisions)
    if not all(one.current for one in revisions):
        raise SystemExit(1)


def _show(revisions: list[Revision]) -> None:
    for one in revisions:
        state = "up to date" if one.current else f"to be migrated to {one.head}"
        click.echo(f"{one.service:10} {one.at or '-':24} {state}")
