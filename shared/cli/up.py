"""`shouwang up`: everything in one process, embedded."""

from __future__ import annotations

import importlib
import secrets
import signal
import threading
from pathlib import Path
from typing import Any

import click

from shared.cli.house import HousedConsole
from shared.cli.start import data_option, lines_of, settings_of
from shared.config.settings import Settings
from shared.hosting.data_lock import DataInUse
from shared.hosting.embedded import EmbeddedHost


@click.command()
@click.option("--demo", is_flag=True, help="Fill it with an invented county, one account for each role.")
@data_option
@click.option("--host", help="Where pages are served. Without it: SHOUWANG_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port of the pages. Without it: SHOUWANG_PORT.")
def command(demo: bool, data: Path | None, host: str | None, port: int | None) -> None:
    """Run the whole system in this process until told to stop."""
    settings = settings_of(None, data=data, host=host, port=port)
    # Whoever tries it out reads the address and the accounts; what goes wrong is said all the same.
    lines_of(settings, level="warning" if demo else None)
    stopping = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stopping.set())
    try:
        house = EmbeddedHost(settings).start()
    except DataInUse as busy:
        raise click.ClickException(str(busy)) from None
    try:
        try:
            console = HousedConsole(settings, house)
        except OSError as taken:  # of the port: files have a name
            if taken.filename is not None:
                raise
            where = f"{settings.host}, port {settings.port}"
            raise click.ClickException(f"{where}: {taken.strerror}; choose another with --port") from None
        try:
            accounts = _demonstration(settings, house, console) if demo else []
            console.start()
            _announce(console.address, accounts)
            stopping.wait()
        finally:
            console.stop()
    finally:
        house.stop()


def _demonstration(settings: Settings, house: EmbeddedHost, console: HousedConsole) -> list[tuple[str, str, str]]:
    """Load the invented county; its accounts as (login, role, password).

    The password is the setting's, or one that is generated, printed, and kept in the data directory for the next
    start. A directory that was filled before keeps its accounts and their passwords.
    """
    password = settings.demo_password or _kept_password(settings.data / "demo-password")
    loader: Any = importlib.import_module("shared.demo.load")
    found: list[tuple[str, str, str]] = loader.load_demo(
        house.client, keys=settings.key_directory, clock=house.clock, accounts=console.accounts, password=password
    )
    if settings.demo_password:
        return found
    return [(login, role, password if shown == loader.UNCHANGED else shown) for login, role, shown in found]


def _kept_password(file: Path) -> str:
    """The demonstration's password: the one of the first start, readable by the owner only."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text("-".join(secrets.token_hex(2) for _ in range(4)))
    return file.read_text().strip()


def _announce(address: str, accounts: list[tuple[str, str, str]]) -> None:
    click.echo(f"\n  Shouwang 守望   {address}\n")
    for login, role, password in accounts:
        click.echo(f"  {login:20} {role:20} {password}")
    if accounts:
        click.echo("")
