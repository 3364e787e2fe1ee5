"""Whether the keys that a process holds are those that its database was written with: looked at before anything runs.

A deployment whose keys are lost or mixed up must not begin to work with new ones: nothing of what it has could be
opened again, and nobody would notice until somebody needed a telephone number.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, inspect

from shared.config.settings import Settings
from shared.hosting.foundation import Foundation
from shared.storage.database import Database
from shared.vault import rewrapping
from shared.vault.errors import KeyringError
from shared.vault.keyring import Keyring
from shared.vault.rewrapping import VAULT_KEYS
from shared.vault.rotating import kek_ids
from shared.vault.tables import vault_keys


def check_held(base: Foundation) -> None:
    """Raises KeyringError unless a key of each purpose and key-encryption key opens."""
    with base.database.read() as tx:
        rewrapping.check(tx, base.vault.keyring, base.wrapped)


def check_opens(tx: Connection, keyring: Keyring) -> None:
    """Unwrap a key for each purpose and key-encryption key. Raises KeyringError, which names what is wrong."""
    rewrapping.check(tx, keyring, [VAULT_KEYS])


def check_there(settings: Settings, services: Iterable[str]) -> None:
    """Raises KeyringError where an embedded system has databases and not all keys: new ones would open none of it."""
    files = {one: settings.data / f"{one}.sqlite" for one in services if (settings.data / f"{one}.sqlite").exists()}
    keys = settings.key_directory
    if files and not (keys.is_dir() and any(keys.glob("kek-*.key"))):
        raise KeyringError(f"no keys lie in {keys}, and the databases in {settings.data} were written with some")
    for name, file in files.items():
        database = Database(f"sqlite:///{file}", pool_size=1)
        try:
            with database.read() as tx:
                there = inspect(tx).has_table(vault_keys.name)
                wrapped = rewrapping.counts(tx, [VAULT_KEYS]) if there else {}
        finally:
            database.dispose()
        for purpose, kek in sorted(wrapped):
            if kek not in kek_ids(keys, purpose):
                missing = f"kek-{purpose}-{kek}.key is missing in {keys}"
                raise KeyringError(f"{missing}: the database of {name} holds keys that it wraps")
