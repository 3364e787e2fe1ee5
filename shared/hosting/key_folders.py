"""Where the key-encryption keys of a deployment lie: in one directory that all services share, or a folder for each.

DIRECTORY/all/            everything that several share, as `deploy/make_keys.py` makes it
DIRECTORY/<service>/      what this service is entitled to
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.contracts import LANGUAGE, purposes_of
from shared.kernel.messages import PURPOSES
from shared.vault.errors import KeyringError
from shared.vault.keyfiles import read, write_once
from shared.vault.rotating import kek_file, kek_ids, remove_kek

ALL = "all"


def entitled(service: str) -> set[str]:
    """The purposes whose sealed parts a service may open: those that it makes the keys of, and those it was given."""
    return {purpose for purpose, owner in PURPOSES.items() if owner == service} | set(purposes_of(service))


def holders(purpose: str) -> list[str]:
    """The services that hold keys of a purpose: those that fetch them first, the one that makes them last.

    In this order a new key-encryption key is handed out: nobody is given a person's key that they cannot open yet.
    """
    return sorted(
        (one for one in LANGUAGE if purpose in entitled(one)), key=lambda one: (PURPOSES[purpose] == one, one)
    )


@dataclass(frozen=True)
class KeyFolders:
    """The folders of a directory of keys."""

    directory: Path

    @property
    def first(self) -> Path:
        """Where new keys are made."""
        shared = self.directory / ALL
        return shared if shared.is_dir() else self.directory

    def kek_ids(self, purpose: str) -> list[str]:
        """The ids of the key-encryption keys of a purpose in any folder, the oldest first. Raises KeyringError."""
        return sorted({kek for one in (self.first, *self._others(purpose)) for kek in kek_ids(one, purpose)})

    def hand_out(self, purpose: str, kek: str) -> int:
        """Give a key-encryption key to the folders that lack it: how many. Raises KeyringError."""
        handed = 0
        for folder in self._others(purpose):
            target = kek_file(folder, purpose, kek)
            if not target.exists():
                try:
                    write_once(target, read(kek_file(self.first, purpose, kek), strict=False).strip())
                except OSError as wrong:
                    raise KeyringError(f"no key can be put into {folder} ({type(wrong).__name__})") from None
                handed += 1
        return handed

    def remove(self, purpose: str, kek: str) -> int:
        """Remove a key-encryption key everywhere, where it was made last of all: the files. Raises KeyringError."""
        return sum(remove_kek(one, purpose, kek) for one in (*self._others(purpose), self.first))

    def _others(self, purpose: str) -> Iterator[Path]:
        if self.first != self.directory:
            yield from (self.directory / one for one in holders(purpose) if (self.directory / one).is_dir())
