"""What every command does first: read the settings, set up log lines, end with words rather than a traceback."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from shared.config.settings import Settings, SettingsError
from shared.contracts import LANGUAGE
from shared.observability import logs

SERVICES = tuple(LANGUAGE)
"""The services with a log of their own."""
F = TypeVar("F", bound=Callable[..., Any])


def settings_of(service: str | None = None, *, data: Path | None = None, **changed: Any) -> Settings:
    """The settings of this process, with what its options override. Ends the command where they are wrong."""
    try:
        settings = Settings.from_environment(os.environ, service)
    except SettingsError as wrong:
        for problem in wrong.problems:
            click.echo(problem, err=True)
        raise SystemExit(2) from None
    given = {name: value for name, value in changed.items() if value is not None}
    if data is not None:
        given["data"] = data.expanduser().absolute()
    return dataclasses.replace(settings, **given) if given else settings


def lines_of(settings: Settings, *, level: str | None = None) -> None:
    """Set up the log lines of this process as its settings say."""
    logs.configure(level=level or settings.log_level, form=settings.log_format, words=not settings.production)
    logs.catch_the_uncaught()


def data_option(function: F) -> F:
    """`--data DIR`, for every command that works on an embedded system."""
    option = click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="The directory of the embedded system. Without it: SHOUWANG_DATA.",
    )
    return option(function)
