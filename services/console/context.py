"""What a running console holds, and how code finds it from inside a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from services.console.accounts import Accounts
from services.console.catalogues import Catalogues
from services.console.heads import Heads
from services.console.people import People
from services.console.port import ServiceClient, TokenSigner
from services.console.settings import ConsoleSettings
from shared.kernel.clock import Clock
from shared.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Everything that the console was built from."""

    settings: ConsoleSettings
    client: ServiceClient
    database: Database
    clock: Clock
    signer: TokenSigner
    accounts: Accounts
    people: People
    heads: Heads
    catalogues: Catalogues


def here() -> Console:
    """The console that answers the present request."""
    return cast("Console", current_app.extensions["console"])
