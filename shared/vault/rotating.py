"""Key-encryption keys in a directory of keys: a new one made, an old one removed, one who does so at a time.

What is wrapped by which of them stands in the databases (`rewrapping`).
"""

from __future__ import annotations

import base64
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.kernel.messages import PURPOSES
from shared.vault.cipher import new_key
from shared.vault.errors import KeyringError
from shared.vault.keyfiles import making, write_once
from shared.vault.keyring import kek_files

_NUMBER = re.compile(r"[0-9]{4}")
_LAST = 9999
_LOCK_FILE = ".rotation"


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Be the only one who rotates the keys of a directory.

    Raises KeyringError where somebody else is at it, or the directory cannot be written.
    """
    try:
        # It must be there: whoever names the wrong one would otherwise begin a second store of keys.
        lock = os.open(directory / _LOCK_FILE, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as wrong:
        raise KeyringError(f"no key can be made in {directory} ({type(wrong).__name__})") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise KeyringError(f"the keys in {directory} are being rotated by another process") from None
        yield
    finally:
        os.close(lock)


def kek_ids(directory: Path, purpose: str) -> list[str]:
    """The ids of the key-encryption keys of a purpose, the oldest first. Raises KeyringError."""
    return [kek for its, kek, _file in kek_files(directory) if its == purpose]


def kek_file(directory: Path, purpose: str, kek: str) -> Path:
    """Where a key-encryption key lies."""
    return directory / f"kek-{purpose}-{kek}.key"


def make_kek(directory: Path, purpose: str) -> str:
    """Make a key-encryption key that wraps from now on: its id, which sorts after all others of the purpose.

    Raises KeyringError for a purpose that there is not, and where nothing can be written.
    """
    if purpose not in PURPOSES:
        raise KeyringError(f"no such purpose: {purpose}")
    with making(directory):
        numbers = [int(match[0]) for kek in kek_ids(directory, purpose) if (match := _NUMBER.match(kek))]
        number = max(numbers, default=0) + 1
        if number > _LAST:
            raise KeyringError(f"the keys of the purpose {purpose!r} have used up their numbers")
        kek = f"{number:04}{secrets.token_hex(3)}"
        write_once(kek_file(directory, purpose, kek), base64.b64encode(new_key()))
    return kek


def remove_kek(directory: Path, purpose: str, kek: str) -> bool:
    """Remove a key-encryption key for good; whether it was there. Raises KeyringError where that cannot be done.

    The caller knows that nothing is wrapped by it in any database, nor can be again.
    """
    with making(directory):
        file = kek_file(directory, purpose, kek)
        if not file.exists():
            return False
        file.unlink()
        opened = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    return True
