"""The cryptography of the vault, as functions of bytes: AES-256-GCM and HMAC-SHA256.

Every encryption is bound to what it is for, so that a ciphertext moved to another event, part, person, purpose or key
opens nowhere. Nonces are random and stand before the ciphertext: a person's key seals far fewer parts than the 2^32
after which random nonces of 96 bits would begin to meet (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

import hmac
import secrets

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
BLIND_BYTES = 32
_NONCE_BYTES = 12


class WrongSeal(Exception):
    """The ciphertext, its key, or what it is bound to was changed."""


def new_key() -> bytes:
    """A random key of 256 bits."""
    return secrets.token_bytes(KEY_BYTES)


def new_blind() -> bytes:
    """A random blind, which keeps a commitment from telling what it commits to."""
    return secrets.token_bytes(BLIND_BYTES)


def encrypt(key: bytes, content: bytes, bound_to: tuple[str, ...]) -> bytes:
    """Seal `content`: a nonce of 12 bytes, the ciphertext, a tag of 16. `bound_to` is needed again to open it."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, _binding(bound_to))


def decrypt(key: bytes, sealed: bytes, bound_to: tuple[str, ...]) -> bytes:
    """Open what `encrypt` sealed. Raises WrongSeal unless key, bytes and binding are the same."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _binding(bound_to))
    except (InvalidTag, ValueError):
        raise WrongSeal from None


def commitment(blind: bytes, ciphertext: bytes) -> str:
    """What the entry says of a part: HMAC-SHA256 of its ciphertext under its blind, as 64 hex characters."""
    return hmac.digest(blind, ciphertext, "sha256").hex()


def _binding(parts: tuple[str, ...]) -> bytes:
    """The parts as a JSON list: no two lists of parts give the same bytes."""
    return msgspec.json.encode(parts)
