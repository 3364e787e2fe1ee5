"""`shouwang keys rotate|status`: what wraps people's keys, and wrapping them anew by a new key-encryption key."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from shared.cli.reach import reached
from shared.cli.refusing import in_words
from shared.cli.rotating import Rotation, asked
from shared.cli.start import SERVICES, data_option, lines_of, settings_of
from shared.hosting.clients import OutcomeUnknown, ServiceUnavailable
from shared.hosting.key_folders import KeyFolders
from shared.kernel.messages import PURPOSES
from shared.kernel.refusals import Refusal
from shared.vault.rotating import alone

FAILED = 2


@click.group()
def command() -> None:
    """Look after the keys that wrap people's keys."""


@command.command()
@data_option
def status(data: Path | None) -> None:
    """Show for each service and purpose how many keys each key-encryption key wraps.

    Exit code: 0 all as it should be, 1 a key-encryption key is missing or keys wait to be wrapped anew, 2 a service did
    not answer.
    """
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    table = Table("service", "purpose", "key-encryption key", "keys", "state")
    code = 0
    with reached(settings) as reach:
        for service in SERVICES:
            try:
                items = asked(reach, service, "keys_status")["items"]
            except (ServiceUnavailable, OutcomeUnknown):
                table.add_row(service, "", "", "", "does not answer")
                code = FAILED
                continue
            for one in items:
                state = "wraps" if one["newest"] else "missing" if not one["held"] else "old"
                table.add_row(service, one["purpose"], one["kek"], str(one["keys"]), state)
                if state == "missing" or (state == "old" and one["keys"]):
                    code = max(code, 1)
    Console().print(table)
    raise SystemExit(code)


@command.command()
@click.option("--purpose", "purposes", multiple=True, type=click.Choice(sorted(PURPOSES)), help="Only this purpose.")
@click.option(
    "--retire",
    is_flag=True,
    help="Make no new key: finish what was begun, then remove old key-encryption keys that wrap nothing any more.",
)
@click.option(
    "--keys",
    "directory",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The directory of keys, with a folder `all` or shared by all services. Without it: SHOUWANG_KEYS.",
)
@data_option
def rotate(purposes: tuple[str, ...], retire: bool, directory: Path | None, data: Path | None) -> None:
    """Make a new key-encryption key for each purpose, and wrap all keys anew by it, while everybody goes on working.

    Whatever stops it, typing it again goes on where it stopped: no further key is made while keys wait under an old
    one. History is not touched. Old key-encryption keys stay until --retire, for as long as backups need them.

    Exit code: 0 done, 1 refused, 2 a service did not answer.
    """
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    folders = KeyFolders(directory or settings.key_directory)
    with reached(settings) as reach, alone(folders.first):
        rotation = Rotation(reach, folders)
        try:
            for purpose in sorted(set(purposes) or PURPOSES):
                rotation.rotate(purpose, new=not retire)
                if retire:
                    rotation.retire(purpose)
        except (ServiceUnavailable, OutcomeUnknown) as away:
            service = getattr(away, "service", "a service")
            click.echo(f"{service} does not answer; type it again when it does", err=True)
            raise SystemExit(FAILED) from None
        except Refusal as refusal:
            click.echo(f"refused: {in_words(refusal)}", err=True)
            raise SystemExit(1) from None
