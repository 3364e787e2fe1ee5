"""Key files: made once and whole, read by their owner only; and the Ed25519 keys that sign logs and tokens."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from shared.vault.errors import KeyringError

PUBLIC_SUFFIX = ".ed25519.pub"
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,60}")


@contextmanager
def making(path: Path) -> Iterator[None]:
    """Make the directory of keys where it is missing, for its owner only, and be alone in it.

    Without the lock, processes that start together would each make a key of their own. Raises KeyringError where the
    directory cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path / ".lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as wrong:
        raise KeyringError(f"no key can be made in {path} ({type(wrong).__name__})") from wrong


def write_once(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a new file whole and durably. Raises FileExistsError rather than replace one."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
        os.link(draft, file)  # unlike a rename, never replaces a key
    finally:
        draft.unlink()
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read(file: Path, *, strict: bool) -> bytes:
    """The content of a private file. With `strict` one that the group or the world may read is refused."""
    try:
        with file.open("rb") as opened:
            if strict and os.fstat(opened.fileno()).st_mode & 0o077:
                raise KeyringError(f"{file} may be read by others than its owner; make it 0600")
            return opened.read()
    except OSError as wrong:
        raise KeyringError(f"{file} cannot be read ({type(wrong).__name__})") from None


def load_or_create_ed25519(path: Path, name: str, *, strict: bool = True) -> Ed25519PrivateKey:
    """The private signing key `name` in the directory `path`, made with its public half where it is missing.

    Raises KeyringError where the file is no Ed25519 key, or with `strict` where others may read it.
    """
    file = _file(path, name)
    public = path / f"{name}{PUBLIC_SUFFIX}"
    if not (file.exists() and public.exists()):  # a directory that is complete may be mounted read-only
        with making(path):
            if not file.exists():
                key = Ed25519PrivateKey.generate()
                write_once(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).strip())
            if not public.exists():
                half = _private(file, strict).public_key()
                pem = half.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
                write_once(public, pem.strip(), mode=0o644)
    return _private(file, strict)


def load_public_ed25519(path: Path, name: str) -> Ed25519PublicKey:
    """The public half of the signing key `name`: what a process needs that only verifies. Raises KeyringError."""
    public = _file(path, name).with_name(f"{name}{PUBLIC_SUFFIX}")
    try:
        key = load_pem_public_key(read(public, strict=False))
    except (ValueError, UnsupportedAlgorithm):
        raise KeyringError(f"{public} is not a public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyringError(f"{public} is not an Ed25519 key")
    return key


def _private(file: Path, strict: bool) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(read(file, strict=strict), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyringError(f"{file} is not a private key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyringError(f"{file} is not an Ed25519 key")
    return key


def _file(path: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise KeyringError(f"not a name for a key: {name!r}")
    return path / f"{name}.ed25519"
