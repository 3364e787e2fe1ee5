"""The console, embedded or on its own: found by name, because `shared` knows no service."""

from __future__ import annotations

import importlib
import secrets
from typing import TYPE_CHECKING, Any

from shared.access.tokens import TokenSigner
from shared.config.settings import Settings
from shared.hosting.clients import NamekoClient
from shared.hosting.migrating import upgrade_as
from shared.storage.database import Database
from shared.vault.keyfiles import read, write_once

if TYPE_CHECKING:
    from shared.hosting.embedded import EmbeddedHost

_SECRET_FILE = "console.secret"  # noqa: S105 - a file's name


class HousedConsole:
    """The console over an embedded host, on a database of its own in the same directory. The host is started."""

    def __init__(self, settings: Settings, host: EmbeddedHost, *, place: str = "") -> None:
        own = settings.for_service("console")
        upgrade_as(own, "console")
        self.database = Database(str(own.database_url))
        signer = TokenSigner.load(settings.key_directory, "token-console", host.clock, strict=settings.production)
        create_app = importlib.import_module("services.console.app").create_app
        made = _console_settings(settings, place=place)
        app = create_app(made, host.client, self.database, host.clock, signer)
        self.accounts: Any = app.extensions["console"].accounts
        self._server: Any = importlib.import_module("services.console.serving").Embedded(
            app, settings.host, settings.port
        )

    @property
    def address(self) -> str:
        """Where pages are served."""
        return str(self._server.address)

    def start(self) -> None:
        """Serve."""
        self._server.start()

    def stop(self) -> None:
        """Let the pages under way end, and close."""
        self._server.stop()
        self.database.dispose()


def serve_console(settings: Settings) -> None:
    """The console as a process of its own over the broker, until told to stop."""

    def make_app() -> Any:
        # In the worker, after its fork: connections and threads of the parent would be of no use to it.
        clock = settings.clock()
        signer = TokenSigner.load(settings.key_directory, "token-console", clock, strict=settings.production)
        client = NamekoClient(str(settings.amqp_url), settings.namespace, clock)
        create_app = importlib.import_module("services.console.app").create_app
        return create_app(_console_settings(settings), client, Database(str(settings.database_url)), clock, signer)

    importlib.import_module("services.console.serving").serve(make_app, settings.host, settings.port)


def console_accounts(settings: Settings) -> Any:
    """The console's accounts, for a command that makes one. Over a broker the settings name the console's database."""
    embedded = settings.amqp_url is None
    own = settings.for_service("console") if embedded else settings
    if embedded:
        upgrade_as(own, "console")
    accounts = importlib.import_module("services.console.accounts").Accounts
    return accounts(_console_settings(settings), Database(str(own.database_url)), settings.clock())


def _console_settings(settings: Settings, **named: Any) -> Any:
    kind = importlib.import_module("services.console.settings").ConsoleSettings
    return kind(secret=_secret(settings), production=settings.production, **named)


def _secret(settings: Settings) -> bytes:
    """What signs the console's forms: the setting, or a key made once in the directory of keys."""
    if settings.secret_key is not None:
        return settings.secret_key.encode()
    file = settings.key_directory / _SECRET_FILE
    if not file.exists():
        write_once(file, secrets.token_urlsafe(48).encode())
    return read(file, strict=settings.production).strip()
