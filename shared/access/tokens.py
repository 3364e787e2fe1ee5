"""Tokens: who stands before a door, said by the console (or by a service of itself) for the next sixty seconds.

A token is `base64url(payload).base64url(signature)`, Ed25519 over the payload in canonical JSON. It says who acts and
in which role, never what they may do: each door looks that up in its own copy of the grants, so that a role taken away
is gone at once.

The key `token-console` speaks for members of staff. The key `token-<service>` speaks for `system:<service>` alone, so
that a service that is taken over cannot pass for a person, nor for another service.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.access.roles import Role
from shared.kernel.clock import Clock
from shared.kernel.ids import is_id
from shared.vault.keyfiles import PUBLIC_SUFFIX, load_or_create_ed25519, load_public_ed25519

LIFETIME = 60
"""Seconds that a token is good for."""
SKEW = 5
"""Seconds by which the clocks of two machines may differ."""
LARGEST = 2048
"""Characters of the longest token that is looked at."""
SYSTEM_ROLE = "system"
_CONSOLE = "console"
_PREFIX = "token-"
_PURPOSE = b"shouwang token v1\n"  # signed before the payload: a signature of anything else is no token
_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")
_ROLES = frozenset(Role) | {SYSTEM_ROLE}
_LONGEST_NAME = 100


class InvalidToken(Exception):
    """A token that opens nothing.

    `reason` is one of too_long, malformed, unknown_key, bad_signature, not_yet_valid, expired. It is for the log
    and never told to the caller.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a valid token says. `subject` is a staff reference, or `system:<service>` in the role "system"."""

    subject: str
    account: str
    session: str
    role: str
    issuer: str
    key: str
    issued: datetime
    expires: datetime


class _Payload(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    sub: str
    account: str
    session: str
    role: str
    iat: int
    exp: int
    iss: str
    key: str

    def canonical(self) -> bytes:
        """RFC 8785, for which sorted keys without spaces suffice: the values are whole numbers and printable text."""
        fields = msgspec.structs.asdict(self)
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def allowed(self) -> bool:
        """Whether its issuer may say this: the console of staff, each issuer of its own system account."""
        named = all(len(text) <= _LONGEST_NAME and text.isprintable() for text in (self.account, self.session))
        if self.role == SYSTEM_ROLE:
            return named and self.sub == f"system:{self.iss}"
        known = self.role in _ROLES and is_id(self.sub) and self.account != "" and self.session != ""
        return named and known and self.iss == _CONSOLE


class TokenSigner:
    """Signs tokens for one issuer: `console`, or a service that speaks for itself."""

    def __init__(self, private_key: Ed25519PrivateKey, clock: Clock, *, issuer: str = _CONSOLE) -> None:
        self._private, self._clock, self.issuer = private_key, clock, issuer
        self.key = key_id(private_key.public_key())

    @classmethod
    def load(cls, path: Path, name: str, clock: Clock, *, strict: bool = True) -> TokenSigner:
        """The signer with the key `token-<issuer>` of a directory of keys, made where it is missing.

        Raises KeyringError where the file is broken, or with `strict` readable by others.
        """
        return cls(load_or_create_ed25519(path, name, strict=strict), clock, issuer=name.removeprefix(_PREFIX))

    def issue(self, subject: str, account: str, session: str, role: str) -> str:
        """A token for `subject`, signed in with `account` in `session`, acting as `role` for the next sixty seconds.

        Raises ValueError on what no verifier would accept.
        """
        now = int(self._clock.now().timestamp())
        payload = _Payload(subject, account, session, role, now, now + LIFETIME, self.issuer, self.key)
        if not payload.allowed():
            raise ValueError(f"{self.issuer} cannot sign a token for this subject in the role {role!r}")
        body = payload.canonical()
        return f"{_text64(body)}.{_text64(self._private.sign(_PURPOSE + body))}"


class TokenVerifier:
    """Verifies tokens against the public keys of their issuers: pairs of an issuer's name and its key."""

    def __init__(self, public_keys: Iterable[tuple[str, Ed25519PublicKey]], clock: Clock) -> None:
        self._keys = {key_id(key): (issuer, key) for issuer, key in public_keys}
        self._clock = clock
        self._path: Path | None = None
        self._names: list[str] = []

    @classmethod
    def load(cls, path: Path, clock: Clock) -> TokenVerifier:
        """A verifier that trusts every `token-<issuer>` public key in a directory of keys.

        The directory is looked at again when a key is unknown, because services that start together make their keys
        one after the other. Raises KeyringError where a file is broken.
        """
        verifier = cls((), clock)
        verifier._path = path
        verifier._look_again()
        return verifier

    def verify(self, token: str) -> Claims:
        """What the token says. Raises InvalidToken, in each case without touching the network or the database."""
        payload, signature = _parsed(token)
        found = self._keys.get(payload.key)
        if found is None:
            # Asked again even where nothing was new: another thread may have read the directory in between.
            self._look_again()
            found = self._keys.get(payload.key)
        if found is None or found[0] != payload.iss:
            raise InvalidToken("unknown_key")
        try:
            found[1].verify(signature, _PURPOSE + payload.canonical())
        except InvalidSignature:
            raise InvalidToken("bad_signature") from None
        if not payload.allowed() or payload.exp - payload.iat != LIFETIME:
            raise InvalidToken("malformed")
        now = self._clock.now().timestamp()
        if now < payload.iat - SKEW:
            raise InvalidToken("not_yet_valid")
        if now >= payload.exp + SKEW:
            raise InvalidToken("expired")
        return Claims(
            subject=payload.sub,
            account=payload.account,
            session=payload.session,
            role=payload.role,
            issuer=payload.iss,
            key=payload.key,
            issued=datetime.fromtimestamp(payload.iat, UTC),
            expires=datetime.fromtimestamp(payload.exp, UTC),
        )

    def _look_again(self) -> None:
        """Read the directory of keys if it holds other names than at the last look."""
        if self._path is None:
            return
        files = self._path.glob(f"{_PREFIX}*{PUBLIC_SUFFIX}")
        names = sorted(file.name.removesuffix(PUBLIC_SUFFIX) for file in files)
        if names == self._names:
            return
        read = [(name.removeprefix(_PREFIX), load_public_ed25519(self._path, name)) for name in names]
        # The keys before the names: whoever finds the names unchanged finds their keys too.
        self._keys = {key_id(key): (issuer, key) for issuer, key in read}
        self._names = names


def key_id(key: Ed25519PublicKey) -> str:
    """The short name of a public key: 16 hex characters of its SHA-256."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _parsed(token: Any) -> tuple[_Payload, bytes]:
    if not isinstance(token, str):
        raise InvalidToken("malformed")
    if len(token) > LARGEST:
        raise InvalidToken("too_long")
    match = _SHAPE.fullmatch(token)
    if match is None:
        raise InvalidToken("malformed")
    try:
        body, signature = (_bytes64(half) for half in match.groups())
        payload = msgspec.json.decode(body, type=_Payload)
        # One token has one form: a repeated field, a space or a spare bit makes it another, and no token.
        if payload.canonical() != body or token != f"{_text64(body)}.{_text64(signature)}":
            raise InvalidToken("malformed")
    except ValueError:
        raise InvalidToken("malformed") from None
    return payload, signature


def _text64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
