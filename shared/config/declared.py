"""What a setting is: its name, its default, its meaning, and how its text is read.

Settings are declared once, as the fields of `shared.config.settings.Settings`; the reference page, the check for
unknown variables and the reading itself all go by these declarations. A reader takes the text of a variable and gives
its value, or raises ValueError with the words that follow the variable's name in the error: they never repeat the
text, which may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

Reader = Callable[[str], Any]
PREFIX = "SHOUWANG_"
FILE_SUFFIX = "_FILE"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as the reference page lists it.

    `default` is its text as one would type it, None where there is none. `secret` settings may be given as a file
    (`<name>_FILE`) and never appear in a repr. `needed_by` names the services that do not start without it.
    """

    name: str
    default: str | None
    meaning: str
    read: Reader
    secret: bool = False
    needed_by: frozenset[str] = frozenset()

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that give this setting."""
        return (self.name, self.name + FILE_SUFFIX) if self.secret else (self.name,)


def setting(
    name: str,
    read: Reader,
    meaning: str,
    *,
    default: str | None = None,
    secret: bool = False,
    needed_by: frozenset[str] = frozenset(),
) -> Any:
    """Declare a field of the settings. Its default is read as its text would be, when the settings are made."""
    declared = Setting(PREFIX + name, default, meaning, read, secret, needed_by)
    return field(
        default_factory=lambda: None if default is None else read(default),
        repr=not secret,
        metadata={"setting": declared},
    )


def one_of(*allowed: str) -> Reader:
    """A reader of one of a few lower-case words, typed in any case."""

    def read(text: str) -> str:
        value = text.lower()
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return read


def matching(pattern: str, words: str) -> Reader:
    """A reader of text that a pattern matches whole; `words` say what it must be."""
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"must be {words}")
        return text

    return read


def longer_than(least: int) -> Reader:
    """A reader of a secret that is at least so many characters long."""

    def read(text: str) -> str:
        if len(text) < least:
            raise ValueError(f"must have at least {least} characters")
        return text

    return read


def any_text(text: str) -> str:
    """Any text, as it is."""
    return text


def a_path(text: str) -> Path:
    """A path, absolute from here on; `~` is the home of the process's user."""
    if "\x00" in text:
        raise ValueError("must be a path")
    return Path(text).expanduser().absolute()


def a_port(text: str) -> int:
    """A TCP port, 1 to 65535."""
    if not re.fullmatch(r"[0-9]{1,5}", text, re.ASCII) or not 0 < int(text) < 65536:
        raise ValueError("must be a port between 1 and 65535")
    return int(text)


def some_years(text: str) -> int:
    """A number of years, 0 to 100."""
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or int(text) > 100:
        raise ValueError("must be a number of years from 0 to 100")
    return int(text)


def an_amqp_url(text: str) -> str:
    """The address of a RabbitMQ broker."""
    wrong = ValueError("must be an address like amqp://user:password@host:5672/vhost")
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("amqp", "amqps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise wrong from None  # the cause would repeat a part of the address
    if not usable:
        raise wrong
    return text


def a_database_url(text: str) -> str:
    """The address of a PostgreSQL database or an SQLite file, as SQLAlchemy writes it."""
    wrong = ValueError("must be an address like postgresql+psycopg2://user:password@host:5432/database")
    try:
        url = make_url(text)
        usable = url.get_backend_name() in ("postgresql", "sqlite") and bool(url.database)
    except (ArgumentError, ValueError):
        raise wrong from None  # the cause would repeat a part of the address
    if not usable:
        raise wrong
    return text
