"""The keys that a process holds: a directory of files, kept apart from the database and backed up apart from it.

    kek-<purpose>-<id>.key   wraps the keys of people for one purpose: 32 bytes in base64
    commands.key             HMAC secret under which commands are remembered
    <name>.ed25519           a private signing key (PEM), with its public half in <name>.ed25519.pub

A purpose may have several key-encryption keys. The one whose id sorts last wraps; all unwrap, so that wrapped keys may
be moved to a new one at leisure (`rewrapping`). A process holds those purposes only that it is entitled to.

A process that runs takes up a new key without a start: it looks again when it wraps and the directory has changed, and
when it is to unwrap with a key that it does not know. It forgets none that it has read until it ends.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import re
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from shared.kernel.messages import PURPOSES
from shared.vault.cipher import KEY_BYTES, decrypt, encrypt, new_key
from shared.vault.errors import KeyringError, NotEntitled
from shared.vault.keyfiles import making, read, write_once

_KEK_FILE = re.compile(r"kek-([a-z_]+)-([0-9a-z]{1,16})\.key")
_COMMANDS_FILE = "commands.key"
_SETTLED = 2_000_000_000
"""Nanoseconds after which a directory's time of change is sure to differ from that of its next change."""


class Keyring:
    """Key-encryption keys by purpose, and the secret of the commands. Nothing of it appears in a repr.

    Safe between threads: what is held is replaced as a whole, and only ever grows.
    """

    def __init__(
        self,
        keks: Mapping[str, Mapping[str, bytes]],
        commands: bytes,
        *,
        directory: Path | None = None,
        strict: bool = True,
    ) -> None:
        self._keks = {purpose: dict(sorted(keys.items())) for purpose, keys in keks.items() if keys}
        self._commands = commands
        self._directory, self._strict = directory, strict
        self._looking = threading.Lock()
        self._changed: int | None = None

    @classmethod
    def load(cls, path: Path, purposes: Iterable[str], *, strict: bool = True) -> Keyring:
        """Read the keys of `purposes` from a directory.

        With `strict` (production) files that the group or the world may read are refused. Raises KeyringError
        naming the file or the purpose that is wrong.
        """
        wanted = _known(purposes)
        keks: dict[str, dict[str, bytes]] = {purpose: {} for purpose in wanted}
        for purpose, kek, file in kek_files(path):
            if purpose in keks and (secret := _unless_gone(file, strict)) is not None:
                keks[purpose][kek] = secret
        empty = sorted(purpose for purpose, keys in keks.items() if not keys)
        if empty:
            raise KeyringError(f"no key-encryption key in {path} for: {', '.join(empty)}")
        return cls(keks, _secret(path / _COMMANDS_FILE, strict), directory=path, strict=strict)

    @classmethod
    def create(cls, path: Path, purposes: Iterable[str]) -> Keyring:
        """Make the directory (0700) and the files (0600) that are missing, then load it.

        Never overwrites a file; safe when several processes start at once.
        """
        wanted = _known(purposes)
        with making(path):
            held = {purpose for purpose, _kek, _file in kek_files(path)}
            for purpose in wanted:
                if purpose not in held:
                    # The number sorts the ids by age; the rest tells keys of different directories apart.
                    write_once(path / f"kek-{purpose}-0001{secrets.token_hex(3)}.key", base64.b64encode(new_key()))
            if not (path / _COMMANDS_FILE).exists():
                write_once(path / _COMMANDS_FILE, base64.b64encode(new_key()))
        return cls.load(path, wanted, strict=False)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(sorted(self._keks))})"

    @property
    def purposes(self) -> frozenset[str]:
        """The purposes that this process can open."""
        return frozenset(self._keks)

    def digest(self, content: bytes) -> bytes:
        """HMAC-SHA256 of `content` under the secret of the commands: 32 bytes."""
        return hmac.new(self._commands, content, hashlib.sha256).digest()

    def newest(self, purpose: str) -> str:
        """The id of the key that wraps. Raises NotEntitled where no key of the purpose is held."""
        # A file that cannot be read yet wraps nothing; whoever needs it to unwrap is told.
        with contextlib.suppress(KeyringError):
            self._look_again()
        return list(self._held(purpose))[-1]

    def held(self, purpose: str) -> list[str]:
        """The ids of the keys that unwrap, the oldest first; none where the process is not entitled."""
        return list(self._keks.get(purpose, ()))

    def wrap(self, key: bytes, *, key_id: str, person: str, purpose: str) -> tuple[str, bytes]:
        """Wrap a person's key under the newest key of its purpose: that key's id, and the wrapped bytes.

        Raises NotEntitled where no key of the purpose is held.
        """
        kek = self.newest(purpose)
        return kek, encrypt(self._held(purpose)[kek], key, ("key", key_id, person, purpose, kek))

    def unwrap(self, wrapped: bytes, *, kek: str, key_id: str, person: str, purpose: str) -> bytes:
        """The person's key again. Raises NotEntitled, KeyringError where `kek` is not held, WrongSeal where changed."""
        if kek not in self._held(purpose):
            self._look_again()
        # Asked again even where nothing was new: another thread may have read the directory in between.
        wrapping = self._held(purpose).get(kek)
        if wrapping is None:
            raise KeyringError(f"the key-encryption key {kek!r} of the purpose {purpose!r} is not held here")
        return decrypt(wrapping, wrapped, ("key", key_id, person, purpose, kek))

    def _held(self, purpose: str) -> dict[str, bytes]:
        try:
            return self._keks[purpose]
        except KeyError:
            raise NotEntitled(purpose) from None

    def _look_again(self) -> None:
        """Take up the keys that came into the directory since the last look.

        Raises KeyringError naming a file that is broken, after all others were taken up.
        """
        if self._directory is None or self._changed == _changed(self._directory):
            return
        with self._looking:
            changed = _changed(self._directory)
            held = {purpose: dict(keys) for purpose, keys in self._keks.items()}
            wrong: KeyringError | None = None
            for purpose, kek, file in kek_files(self._directory):
                if purpose in held and kek not in held[purpose]:
                    try:
                        secret = _unless_gone(file, self._strict)
                    except KeyringError as broken:
                        wrong = broken
                        continue
                    if secret is not None:
                        held[purpose][kek] = secret
            # The keys before the time: whoever finds the time unchanged finds their keys too.
            self._keks = {purpose: dict(sorted(keys.items())) for purpose, keys in held.items()}
            if wrong is not None:
                raise wrong
            self._changed = changed if time.time_ns() - changed > _SETTLED else None


def _changed(directory: Path) -> int:
    """When something was last put into a directory or taken from it, in nanoseconds. Raises KeyringError."""
    try:
        return os.stat(directory).st_mtime_ns  # noqa: PTH116 - asked for every key that is wrapped
    except OSError as wrong:
        raise KeyringError(f"{directory} cannot be read ({type(wrong).__name__})") from None


def _known(purposes: Iterable[str]) -> list[str]:
    wanted = sorted(set(purposes))
    strangers = [purpose for purpose in wanted if purpose not in PURPOSES]
    if strangers:
        raise KeyringError(f"no such purpose: {', '.join(strangers)}")
    return wanted


def kek_files(path: Path) -> list[tuple[str, str, Path]]:
    """The key files of a directory: purpose, id of the key, file."""
    if not path.is_dir():
        raise KeyringError(f"no directory of keys: {path}")
    found = [(_KEK_FILE.fullmatch(file.name), file) for file in sorted(path.iterdir())]
    return [(match[1], match[2], file) for match, file in found if match]


def _unless_gone(file: Path, strict: bool) -> bytes | None:
    """What a listed file holds; None where it was removed since: what it wrapped had been moved before."""
    try:
        return _secret(file, strict)
    except KeyringError:
        if file.exists():
            raise
        return None


def _secret(file: Path, strict: bool) -> bytes:
    try:
        secret = base64.b64decode(read(file, strict=strict).strip(), validate=True)
    except binascii.Error:
        raise KeyringError(f"{file} is not base64") from None
    if len(secret) != KEY_BYTES:
        raise KeyringError(f"{file} does not hold {KEY_BYTES} bytes")
    return secret
