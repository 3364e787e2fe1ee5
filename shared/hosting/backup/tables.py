"""Which tables a backup keeps, and in which order they are loaded again."""

from __future__ import annotations

import importlib

from sqlalchemy import Table

import shared.eventstore.tables as eventstore
import shared.ledger.tables as ledger
import shared.messaging.tables as messaging
import shared.vault.tables as vault

CONSOLE = "console"
_BESIDE = {
    CONSOLE: ("services.console.accounts.tables", "accounts"),
    "registry": ("services.registry.handlers.importing.holding", "held"),
}
"""What a service keeps besides history and is no view, found by name, because `shared` knows no service."""
MADE_AGAIN = frozenset({"timers", "snapshots", "rebuilds", "vault_uploads"})
"""Tables that the log makes again, or that nobody misses: a file on its way in is brought again. Views are left out
besides."""


def kept_tables(service: str) -> list[Table]:
    """The tables of a service that its backup keeps, in the order in which they may be loaded.

    Of the console the accounts: who was signed in signs in again, and nobody stays locked out.
    """
    found: list[Table] = []
    if service in _BESIDE:
        module, name = _BESIDE[service]
        found.append(getattr(importlib.import_module(module), name))
    if service == CONSOLE:
        return found
    metadata = (eventstore.metadata, ledger.metadata, vault.metadata, messaging.metadata)
    return found + [table for one in metadata for table in one.sorted_tables if table.name not in MADE_AGAIN]
