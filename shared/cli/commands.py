"""The commands and where they are. A command's module is imported when it is called for, or when help lists it."""

from __future__ import annotations

import importlib
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from shared.cli.reach import NothingThere
from shared.hosting.backup.unfinished import RestoreUnfinished
from shared.hosting.clients.port import OutcomeUnknown, ServiceUnavailable
from shared.hosting.data_lock import DataInUse
from shared.vault.errors import KeyringError

COMMANDS = {
    "audit": "shared.cli.audit",
    "backup": "shared.cli.backup",
    "bootstrap": "shared.cli.bootstrap",
    "contradictions": "shared.cli.contradictions",
    "db": "shared.cli.db",
    "demo": "shared.cli.demo",
    "doctor": "shared.cli.doctor",
    "follow": "shared.cli.follow",
    "import": "shared.cli.rosters",
    "keys": "shared.cli.keys",
    "log": "shared.cli.log",
    "parked": "shared.cli.parked",
    "person": "shared.cli.person",
    "restore": "shared.cli.restore",
    "serve": "shared.cli.serve",
    "up": "shared.cli.up",
}
"""Each command and the module whose `command` it is."""


class Lazily(click.Group):
    """A group whose commands are found by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        found: Any = importlib.import_module(COMMANDS[cmd_name]).command
        return found if isinstance(found, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; what a person can do something about ends in words instead of a traceback."""
        try:
            return super().invoke(ctx)
        except DataInUse as busy:
            raise click.ClickException(str(busy)) from None
        except (KeyringError, NothingThere, RestoreUnfinished) as wrong:
            raise click.ClickException(str(wrong)) from None
        except OSError as wrong:
            # About a file that the person named, or one beside it. Others are no mistake of theirs.
            if wrong.filename is None:
                raise
            raise click.ClickException(f"{wrong.filename}: {wrong.strerror}") from None
        except OperationalError as away:
            # The cause's class and no more: its words may hold the address with its password.
            raise click.ClickException(f"a database does not answer ({type(away.orig).__name__})") from None
        except ServiceUnavailable as away:
            raise click.ClickException(f"{away.service} does not answer") from None
        except OutcomeUnknown as unknown:
            raise click.ClickException(f"no answer came to command {unknown.command_id}; do it again") from None


@click.command(cls=Lazily, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shouwang", prog_name="shouwang")
def shouwang() -> None:
    """Shouwang: the working system of those who care for a county's left-behind children."""
