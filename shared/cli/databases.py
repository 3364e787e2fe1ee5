"""Which databases a command works on: the embedded system's, or the one that the environment names."""

from __future__ import annotations

import os
from pathlib import Path

import click

from shared.cli.start import settings_of
from shared.config.settings import SERVICES, Settings

NAMES = sorted(SERVICES)


def is_embedded() -> bool:
    """Whether each service has its file in the data directory."""
    return not any(os.environ.get(f"SHOUWANG_DATABASE_URL{suffix}") for suffix in ("", "_FILE"))


def chosen(name: str | None, data: Path | None) -> list[tuple[str, Settings]]:
    """The services to look at, each with its settings."""
    settings = settings_of(None, data=data)
    if not is_embedded():
        if name is None:
            raise click.UsageError("SHOUWANG_DATABASE_URL is the database of one service: name it")
        return [(name, settings)]
    return [(one, settings.for_service(one)) for one in ([name] if name else NAMES)]
