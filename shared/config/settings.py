"""The settings of one process, read from the environment.

    settings = Settings.from_environment(os.environ, "registry")

A variable that is wrong, missing, empty or unknown stops the start; all of them are named at once. Secrets may be
given as files (`SHOUWANG_SECRET_KEY_FILE`), as container hosts mount them, and never appear in a repr or an error.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.config.declared import (
    FILE_SUFFIX,
    PREFIX,
    Setting,
    a_database_url,
    a_path,
    a_port,
    an_amqp_url,
    any_text,
    longer_than,
    matching,
    one_of,
    setting,
    some_years,
)
from shared.kernel.clock import Clock, OffsetClock, SystemClock

SERVICES = frozenset({"registry", "casework", "alerts", "funding", "console"})
"""The processes that run on their own over RabbitMQ."""
FOR_TESTS = ("SHOUWANG_TEST_AMQP_URL", "SHOUWANG_TEST_DATABASE_URL")
"""Variables that only the test suite reads; they may stand in the environment of a process that it starts."""
_LARGEST_SECRET = 64 * 1024


class SettingsError(Exception):
    """The environment does not make a process. `problems` has one line for each, starting with the variable's name."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one process needs to know. `service` is None for the embedded system and for commands."""

    service: str | None = None
    environment: str = setting(
        "ENVIRONMENT",
        one_of("production", "development", "test"),
        "What the process is for. Production refuses the movable test clock and key files that others may read.",
        default="production",
    )
    deployment: str = setting(
        "DEPLOYMENT",
        matching(r"[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?", "a lower-case name like a host's, of at most 100 characters"),
        "The county's short name. It is part of each log's origin and of each event's source: never change it.",
        default="county.example",
    )
    namespace: str = setting(
        "NAMESPACE",
        matching(r"[a-z0-9_-]{1,40}", "1 to 40 of a-z, 0-9, _ and -"),
        "Prefix of every exchange, queue and service name, so that deployments share a broker without meeting.",
        default="shouwang",
    )
    amqp_url: str | None = setting(
        "AMQP_URL", an_amqp_url, "The RabbitMQ broker that the services speak over.", secret=True, needed_by=SERVICES
    )
    database_url: str | None = setting(
        "DATABASE_URL",
        a_database_url,
        "The database of this one service, in the role that cannot change history.",
        secret=True,
        needed_by=SERVICES,
    )
    owner_database_url: str | None = setting(
        "OWNER_DATABASE_URL",
        a_database_url,
        "The same database in the role that owns it, for migrations only. Without it: SHOUWANG_DATABASE_URL.",
        secret=True,
    )
    data: Path = setting(
        "DATA",
        a_path,
        "The directory of the embedded system: one SQLite file for each service.",
        default="~/.local/share/shouwang",
    )
    keys: Path | None = setting(
        "KEYS",
        a_path,
        "The directory of key files. Without it, embedded: the folder `keys` of SHOUWANG_DATA.",
        needed_by=SERVICES,
    )
    test_clock: Path | None = setting(
        "TEST_CLOCK",
        a_path,
        "A file with an offset in seconds that is added to the machine's time. Refused in production.",
    )
    demo_password: str | None = setting(
        "DEMO_PASSWORD",
        any_text,
        "The password of the demonstration accounts. Without it one is generated and printed.",
        secret=True,
    )
    host: str = setting(
        "HOST",
        matching(r"[A-Za-z0-9.:_-]{1,253}", "a host name or address"),
        "Where pages are served.",
        default="127.0.0.1",
    )
    port: int = setting("PORT", a_port, "The TCP port that pages are served on.", default="8000")
    secret_key: str | None = setting(
        "SECRET_KEY",
        longer_than(32),
        "Signs the console's session cookie; at least 32 characters. Changing it signs everybody out.",
        secret=True,
        needed_by=frozenset({"console"}),
    )
    checkpoint_dir: Path | None = setting(
        "CHECKPOINT_DIR",
        a_path,
        "A directory outside the house that each signed checkpoint is also written to.",
    )
    case_years: int = setting(
        "CASE_YEARS",
        some_years,
        "For how many years after its end a case keeps the child from being erased. Places decide it.",
        default="3",
    )
    voucher_years: int = setting(
        "VOUCHER_YEARS",
        some_years,
        "For how many years a payment's vouchers keep the child from being erased (会计档案管理办法: 30).",
        default="30",
    )
    log_level: str = setting(
        "LOG_LEVEL",
        one_of("debug", "info", "warning", "error"),
        "The least grave of the log lines that are written.",
        default="info",
    )
    log_format: str = setting(
        "LOG_FORMAT", one_of("json", "console"), "One JSON object a line, or lines for people.", default="json"
    )

    @classmethod
    def from_environment(cls, env: Mapping[str, str], service: str | None) -> Settings:
        """Read the settings of `service`, or of the embedded system and commands (None).

        Raises SettingsError that names every variable that is wrong, empty, given twice, unknown, or missing for
        this service.
        """
        if service is not None and service not in SERVICES:
            raise SettingsError([f"no such service: {service} (there are {', '.join(sorted(SERVICES))})"])
        problems = _unknown(env)
        values: dict[str, Any] = {}
        for name, declared in _by_field(cls).items():
            try:
                text = _text(declared, env)
                if text is not None:
                    values[name] = declared.read(text)
                elif service in declared.needed_by:
                    problems.append(f"{declared.name}: is missing, {service} does not start without it")
            except _Wrong as wrong:
                problems.append(str(wrong))
            except ValueError as wrong:
                problems.append(f"{declared.name}: {wrong}")
        if "test_clock" in values and values.get("environment", "production") == "production":
            problems.append("SHOUWANG_TEST_CLOCK: is refused in production")
        if problems:
            raise SettingsError(problems)
        return cls(service=service, **values)

    def for_service(self, service: str) -> Settings:
        """The settings of one service of the embedded system: its own SQLite file in the data directory.

        Raises SettingsError where SHOUWANG_DATABASE_URL is given, which would put all services into one database.
        """
        if self.database_url is not None or self.owner_database_url is not None:
            raise SettingsError(["SHOUWANG_DATABASE_URL: the embedded system keeps a file for each service; unset it"])
        return dataclasses.replace(self, service=service, database_url=f"sqlite:///{self.data / service}.sqlite")

    @property
    def production(self) -> bool:
        """Whether real people's records are at stake."""
        return self.environment == "production"

    @property
    def migration_url(self) -> str | None:
        """The address to migrate at: as the owner where one is given."""
        return self.owner_database_url or self.database_url

    @property
    def key_directory(self) -> Path:
        """Where the key files lie."""
        return self.keys or self.data / "keys"

    def clock(self) -> Clock:
        """The clock of this process: the machine's, or the movable one of the tests."""
        return OffsetClock(self.test_clock) if self.test_clock else SystemClock()


class _Wrong(Exception):
    """A problem whose words name the variable already."""


def declared() -> tuple[Setting, ...]:
    """Every setting, in the order of the reference page."""
    return tuple(_by_field(Settings).values())


def _by_field(cls: type[Settings]) -> dict[str, Setting]:
    return {f.name: f.metadata["setting"] for f in dataclasses.fields(cls) if "setting" in f.metadata}


def _unknown(env: Mapping[str, str]) -> list[str]:
    known = [variable for one in declared() for variable in one.variables] + list(FOR_TESTS)
    strangers = sorted(name for name in env if name.startswith(PREFIX) and name not in known)
    return [
        f"{name}: no such setting; did you mean {difflib.get_close_matches(name, known, n=1, cutoff=0)[0]}?"
        for name in strangers
    ]


def _text(declared: Setting, env: Mapping[str, str]) -> str | None:
    """The text of a setting, from its variable or, for a secret, from the file that `<name>_FILE` names."""
    text = env.get(declared.name)
    file = env.get(declared.name + FILE_SUFFIX) if declared.secret else None
    if text is not None and file is not None:
        raise _Wrong(f"{declared.name}: is given twice, also as {declared.name}{FILE_SUFFIX}")
    if file is not None:
        return _secret(declared.name + FILE_SUFFIX, file)
    if text == "":
        raise _Wrong(f"{declared.name}: is empty; unset it or give it a value")
    return text


def _secret(variable: str, file: str) -> str:
    """The content of a secret's file without the line end that editors leave."""
    try:
        with Path(file).expanduser().open("rb") as opened:
            content = opened.read(_LARGEST_SECRET + 1)
        text = content.decode().rstrip("\r\n")
    except (OSError, ValueError) as wrong:
        raise _Wrong(f"{variable}: the file cannot be read ({type(wrong).__name__})") from None
    if not text or len(content) > _LARGEST_SECRET:
        raise _Wrong(f"{variable}: the file must hold the secret and nothing else")
    return text
