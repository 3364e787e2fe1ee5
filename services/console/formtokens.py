"""The token that every form carries: whose page it is, in which session and role it was shown, signed by the console.

It refuses forms that another site made, lets a form that comes after its session's end wait for its own account only,
and keeps a form to the role that its page showed, whatever another tab has switched to since.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import uuid
from dataclasses import dataclass

_NOBODY = uuid.UUID(int=0)
_BOUND, _ACCOUNT, _ROLE, _NONCE, _SIGNATURE = 16, 16, 8, 8, 16
_BODY = _BOUND + _ACCOUNT + _ROLE + _NONCE


@dataclass(frozen=True, slots=True)
class FormToken:
    """What a token says. `bound` is a hash of the session's secret, `account` None for a stranger's form."""

    bound: bytes
    account: str | None
    role: bytes

    def fits(self, secret_of_session: str) -> bool:
        """Whether the form was made for this session."""
        return hmac.compare_digest(self.bound, _hash(b"session", secret_of_session, _BOUND))

    def shown_to(self, role: str) -> bool:
        """Whether the form was shown in this role."""
        return hmac.compare_digest(self.role, _hash(b"role", role, _ROLE))


def make(key: bytes, secret_of_session: str, account: str | None, role: str | None) -> str:
    """A token. It differs each time, so that the length of a compressed page tells nothing of it."""
    body = (
        _hash(b"session", secret_of_session, _BOUND)
        + (uuid.UUID(account) if account else _NOBODY).bytes
        + _hash(b"role", role or "", _ROLE)
        + os.urandom(_NONCE)
    )
    return base64.urlsafe_b64encode(body + _sign(key, body)).decode()


def read(key: bytes, token: str) -> FormToken | None:
    """What a token says, or None if it is not one of ours."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii"))
    except ValueError:
        return None
    body, signature = raw[:_BODY], raw[_BODY:]
    if len(raw) != _BODY + _SIGNATURE or not hmac.compare_digest(signature, _sign(key, body)):
        return None
    account = uuid.UUID(bytes=body[_BOUND : _BOUND + _ACCOUNT])
    role = body[_BOUND + _ACCOUNT : _BODY - _NONCE]
    return FormToken(body[:_BOUND], None if account == _NOBODY else str(account), role)


def _hash(purpose: bytes, value: str, size: int) -> bytes:
    return hashlib.sha256(purpose + b"\x1f" + value.encode()).digest()[:size]


def _sign(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, b"shouwang form\x1f" + body, hashlib.sha256)[:_SIGNATURE]
