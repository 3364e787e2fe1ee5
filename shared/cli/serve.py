"""`shouwang serve NAME`: one service over RabbitMQ and PostgreSQL, or the console."""

from __future__ import annotations

import os
from pathlib import Path

import click

from shared.cli.house import serve_console
from shared.cli.main import SERVED_GREEN
from shared.cli.start import lines_of, settings_of


@click.command()
@click.argument("name", type=click.Choice([*sorted(SERVED_GREEN), "console"]))
@click.option("--host", help="Where the console, or a service's health, is served. Without it: SHOUWANG_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port of it. Without it: SHOUWANG_PORT.")
@click.option("--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="A file that is there while ready.")
@click.option("--package", hidden=True, help="Where the service's module lies; for tests.")
def command(name: str, host: str | None, port: int | None, ready_file: Path | None, package: str | None) -> None:
    """Serve one service until told to stop.

    The four services serve /healthz, /readyz and /metrics where a port is given, here or as SHOUWANG_PORT.
    """
    settings = settings_of(name, host=host, port=port)
    lines_of(settings)
    if name == "console":
        serve_console(settings)
        return
    from shared.hosting.nameko_host import NamekoHost  # late: under eventlet, which `main` has patched in

    # Several services of one machine must not meet at the default port.
    health_port = settings.port if port is not None or "SHOUWANG_PORT" in os.environ else None
    served = NamekoHost(
        settings,
        name,
        package=package,
        health_host=settings.host,
        health_port=health_port,
        ready_file=ready_file,
    )
    raise SystemExit(served.run())
