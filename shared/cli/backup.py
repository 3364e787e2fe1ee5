"""`shouwang backup`: what cannot be made again, as files, while everybody works; and whether such files are whole."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared.cli.databases import NAMES, chosen
from shared.cli.reach import reached
from shared.cli.start import data_option, lines_of, settings_of
from shared.config.settings import Settings
from shared.hosting.backup.checking import check
from shared.hosting.backup.files import DamagedBackup, Manifest
from shared.hosting.backup.keys import copy_keys
from shared.hosting.backup.taking import BackupRefused, Given, Told, take
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal

DAMAGED = 1
_A_DIRECTORY = click.Path(path_type=Path, file_okay=False)
service_option = click.option(
    "--service", "service", type=click.Choice(NAMES), help="Only this one; the one whose database is named."
)


@click.group(invoke_without_command=True)
@click.option("--out", type=_A_DIRECTORY, help="The directory of the backup; a folder for each service is made in it.")
@click.option("--keys-out", type=_A_DIRECTORY, help="Also copy the keys, into this directory, which lies elsewhere.")
@service_option
@data_option
@click.pass_context
def command(
    context: click.Context, out: Path | None, keys_out: Path | None, service: str | None, data: Path | None
) -> None:
    """Back up the services while they work. Views are left out, and keys are: see --keys-out.

    Embedded, all services at once, whether or not they run; otherwise the one whose database SHOUWANG_DATABASE_URL
    names.
    """
    if context.invoked_subcommand is not None:
        return
    if out is None:
        raise click.UsageError("name the directory of the backup: --out DIR")
    databases = chosen(service, data)
    settings = databases[0][1]
    lines_of(settings, level="warning")
    given = [Given(service=name, url=str(own.database_url)) for name, own in databases]
    try:
        _keys(settings, keys_out, out)
        with progress() as told:
            now = settings.clock().now()
            taken = take(out.absolute(), given, deployment=settings.deployment, now=now, told=told)
        _show(taken)
    except BackupRefused as refused:
        raise click.ClickException(str(refused)) from None


@command.command()
@click.argument("path", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--record", is_flag=True, help="Let the log of each service keep that its backup was verified.")
@service_option
@data_option
def verify(path: Path, record: bool, service: str | None, data: Path | None) -> None:
    """Check the backup in PATH: every file, every row, every entry's hash, and the root of each log.

    With --record the services are told, which compare it with their own logs; it needs them within reach.

    Exit code: 0 whole, 1 damaged or incomplete; then it says which file, and what is wrong with it.
    """
    folders = [path / name for name in ([service] if service else NAMES)]
    whole, damaged = [], []
    with progress() as told:
        for folder in folders:
            try:
                whole.append(check(folder, told))
            except DamagedBackup as wrong:
                damaged.append(wrong)
    _show(whole)
    for one in damaged:
        click.echo(f"damaged    {one}")
    if record:
        _record(settings_of(None, data=data), whole)
    raise SystemExit(DAMAGED if damaged else 0)


def _record(settings: Settings, whole: list[Manifest]) -> None:
    """Tell each service that has a log. Ends the command where one refuses: the backup is of another log then."""
    lines_of(settings, level="error")
    with reached(settings) as reach:
        for one in whole:
            if one.log is None:
                continue
            seen = {"size": one.log.size, "root": one.log.root, "epoch": one.log.epoch, "taken": one.taken}
            command_id = new_id(reach.clock.now())
            try:
                answer = reach.client.call(
                    one.service, "backup_verified", seen, token=reach.token(), command_id=command_id, timeout=30.0
                )
            except Refusal as refusal:
                raise click.ClickException(f"{one.service} refuses: {refusal.code} {refusal.facts}") from None
            click.echo(f"{one.service:10} keeps it as event {answer['events'][0]['id']}")


@contextmanager
def progress() -> Iterator[Told]:
    """A bar for each service, on a terminal; nothing elsewhere."""
    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bars:
        tasks: dict[str, object] = {}

        def told(service: str, done: int, total: int) -> None:
            if service not in tasks:
                tasks[service] = bars.add_task(service, total=total)
            bars.update(tasks[service], completed=done)  # type: ignore[arg-type]

        yield told


def _show(taken: list[Manifest]) -> None:
    for one in taken:
        rows = sum(each.rows for each in one.files.values())
        log = f"log {one.log.size} entries, root {one.log.root[:16]}…" if one.log else "no log of its own"
        click.echo(f"{one.service:10} {rows} rows, {log}, taken {one.taken}")


def _keys(settings: Settings, keys_out: Path | None, out: Path) -> None:
    if keys_out is None:
        click.echo("the keys are not in it: back them up apart, for a short time only (--keys-out)")
        return
    number = copy_keys(settings.key_directory, keys_out, out=out)
    click.echo(f"{number} keys copied to {keys_out}: keep them apart from the backup, and for a short time only")
