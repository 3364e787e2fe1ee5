"""C2SP signed notes and the `tlog-checkpoint` in them, signed with Ed25519.

    <origin>                          which log: <deployment>/<service>
    <size>                            decimal
    <root>                            base64
    <extension lines, if any>
                                      an empty line
    — <key name> <base64 of key hash and signature>

Reading is strict: there is one way to write a checkpoint, and any other is malformed. Who may sign comes from
configuration and is never learnt from the note itself.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.ledger.merkle import HASH_SIZE

ED25519 = 0x01
"""The signature type of Ed25519 in the signed-note registry."""
MOST_BYTES = 100_000
MOST_SIGNATURES = 100
_PRIVATE = "PRIVATE+KEY"
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE = re.compile("\u2014 ([^ ]+) ([^ ]+)")


K = TypeVar("K", bound="PublicKey")


class NoteError(ValueError):
    """A note that proves nothing. Its subclasses say why."""


class MalformedNoteError(NoteError):
    """Not a signed note, or not a checkpoint, in the one form there is."""


class UntrustedNoteError(NoteError):
    """No signature by a key that is trusted."""


class ForgedNoteError(NoteError):
    """A signature that names a trusted key and is not that key's."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a named Ed25519 key: all that is needed to check what it has signed.

    `kind` is the signature type that it gives, in the signed-note registry; a key of one kind is none of another.
    """

    name: str
    public_key: bytes
    kind: ClassVar[int]

    def __post_init__(self) -> None:
        """Refuse a name that could not stand in a signature line."""
        check_name(self.name)

    @property
    def key_hash(self) -> bytes:
        """The first four bytes of SHA-256(name || newline || kind || public key)."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+hash+base64`. Raises MalformedNoteError when it is anything else or contradicts itself."""
        name, key_hash, key = key_parts(text)
        material = from_base64(key)
        if len(material) != 33 or material[0] != cls.kind:
            raise MalformedNoteError(f"not an Ed25519 key of kind {cls.kind:#04x}")
        read = cls(name, material[1:])
        if key_hash != read.key_hash.hex():
            raise MalformedNoteError("the key contradicts its hash")
        return read

    def __str__(self) -> str:
        """`name+hash+base64`, as other tools read it."""
        return f"{self.name}+{self.key_hash.hex()}+{to_base64(bytes([self.kind]) + self.public_key)}"


@dataclass(frozen=True, slots=True)
class Verifier(PublicKey):
    """The public half of a key that signs notes."""

    kind = ED25519

    def verify(self, body: str, signature: bytes) -> None:
        """Check a signature of 64 bytes over the text of a note. Raises ForgedNoteError when it is not this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, body.encode())
        except (InvalidSignature, ValueError) as error:
            raise ForgedNoteError(f"the signature is not that of {self.name}") from error


class SigningKey:
    """A named Ed25519 key that signs notes."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.verifier = Verifier(name, private.public_key().public_bytes_raw())
        self._private = private

    @property
    def name(self) -> str:
        """The name in its signature lines; by custom the log's origin."""
        return self.verifier.name

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new random key. Raises MalformedNoteError on an empty name or one with spaces or `+`."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, stored: bytes) -> Self:
        """Read what `store` wrote. Raises MalformedNoteError on anything else; the message never holds the key."""
        try:
            words = stored.decode().strip()
        except UnicodeDecodeError:
            raise MalformedNoteError("not a signing key") from None
        if not words.startswith(_PRIVATE + "+"):
            raise MalformedNoteError("not a signing key")
        name, key_hash, key = key_parts(words.removeprefix(_PRIVATE + "+"))
        material = from_base64(key)
        if len(material) != 33 or material[0] != ED25519:
            raise MalformedNoteError("not an Ed25519 signing key")
        loaded = cls(name, Ed25519PrivateKey.from_private_bytes(material[1:]))
        if key_hash != loaded.verifier.key_hash.hex():
            raise MalformedNoteError("the signing key contradicts its hash")
        return loaded

    def store(self) -> bytes:
        """The secret as one line, `PRIVATE+KEY+name+hash+base64`: the form that Go's note package gives it."""
        secret = to_base64(bytes([ED25519]) + self._private.private_bytes_raw())
        return f"{_PRIVATE}+{self.name}+{self.verifier.key_hash.hex()}+{secret}\n".encode()

    def __repr__(self) -> str:
        """The public half only."""
        return f"SigningKey({self.verifier})"

    def sign(self, body: str) -> str:
        """The signature line over the text of a note. Raises MalformedNoteError unless it ends with a newline."""
        _check_body(body)
        signature = self._private.sign(body.encode())
        return f"\u2014 {self.name} {to_base64(self.verifier.key_hash + signature)}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's size and root as somebody trusted signed them.

    `text` is the note as it was read; `signers` are the names of the trusted keys that signed it.
    """

    origin: str
    size: int
    root: bytes
    text: str
    signers: tuple[str, ...]
    extensions: tuple[str, ...] = ()


def sign_checkpoint(origin: str, size: int, root: bytes, key: SigningKey, extensions: Sequence[str] = ()) -> str:
    """A checkpoint as a signed note. Raises MalformedNoteError on what could not be read back."""
    if not 0 <= size < 2**63 or len(root) != HASH_SIZE:
        raise MalformedNoteError("a checkpoint has a size of at most 63 bits and a root of 32 bytes")
    lines = [origin, str(size), to_base64(root), *extensions]
    if any(not line or "\n" in line for line in lines):
        raise MalformedNoteError("a line of a checkpoint is not empty and is one line")
    body = "".join(f"{line}\n" for line in lines)
    return f"{body}\n{key.sign(body)}"


def read_checkpoint(text: str, verifiers: Sequence[Verifier]) -> Checkpoint:
    """Read a checkpoint that at least one of the verifiers signed.

    Signatures by other keys are passed over, as the format asks. Raises MalformedNoteError, UntrustedNoteError or
    ForgedNoteError (a line that names a trusted key and is not its signature condemns the note).
    """
    body, signatures = split_note(text)
    signers = _signers(body, signatures, verifiers)
    if not signers:
        raise UntrustedNoteError("no signature by a trusted key")
    origin, size, root, extensions = _checkpoint_lines(body)
    return Checkpoint(origin, size, root, text, signers, extensions)


def split_note(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The signed text, and each signature's key name and bytes (key hash and signature)."""
    if len(text) > MOST_BYTES or not text.endswith("\n"):
        raise MalformedNoteError("too long, or does not end with a newline")
    # The last empty line parts them: the text itself may hold empty ones.
    body, parted, lines = text.rpartition("\n\n")
    if not parted:
        raise MalformedNoteError("no empty line before the signatures")
    body += "\n"
    _check_body(body)
    found = []
    for line in lines.removesuffix("\n").split("\n"):
        match = _SIGNATURE.fullmatch(line)
        if match is None:
            raise MalformedNoteError("not a signature line")
        check_name(match[1])
        signature = from_base64(match[2])
        if len(signature) < 5:
            raise MalformedNoteError("a signature is too short")
        found.append((match[1], signature))
    if len(found) > MOST_SIGNATURES:
        raise MalformedNoteError("too many signatures")
    return body, found


def lines_of(signatures: Sequence[tuple[str, bytes]], keys: Sequence[K]) -> Iterator[tuple[K, bytes]]:
    """Those signature lines that name one of these keys, by name and hash: the key, and what it is said to have signed.

    Lines of others are passed over, as the format asks.
    """
    known = {(one.name, one.key_hash): one for one in keys}
    for name, signature in signatures:
        if (key := known.get((name, signature[:4]))) is not None:
            yield key, signature[4:]


def _signers(body: str, signatures: list[tuple[str, bytes]], verifiers: Sequence[Verifier]) -> tuple[str, ...]:
    signers: dict[str, None] = {}
    for verifier, signature in lines_of(signatures, verifiers):
        verifier.verify(body, signature)
        signers[verifier.name] = None
    return tuple(signers)


def _checkpoint_lines(body: str) -> tuple[str, int, bytes, tuple[str, ...]]:
    lines = body.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise MalformedNoteError("a checkpoint has at least three lines and none of them empty")
    origin, size, root, *extensions = lines
    if not _SIZE.fullmatch(size) or int(size) >= 2**63:
        raise MalformedNoteError("the size is not a plain decimal number")
    digest = from_base64(root)
    if len(digest) != HASH_SIZE:
        raise MalformedNoteError("the root is not 32 bytes")
    return origin, int(size), digest, tuple(extensions)


def _check_body(body: str) -> None:
    if not body.endswith("\n") or any(char < " " and char != "\n" for char in body):
        raise MalformedNoteError("a note ends with a newline and holds no other control character")
    try:
        body.encode()
    except UnicodeEncodeError as error:
        raise MalformedNoteError("not valid UTF-8") from error


def check_name(name: str) -> None:
    """Raises MalformedNoteError for a name that could not stand in a signature line."""
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        raise MalformedNoteError("a key's name is not empty and holds neither spaces nor a plus sign")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise MalformedNoteError("not valid UTF-8") from error


def key_parts(text: str) -> list[str]:
    """Name, hash and base64 of a key's text. Raises MalformedNoteError on any other form."""
    # Base64 may hold a plus sign of its own, so only the first two part.
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise MalformedNoteError("not a key of the form name+hash+base64")
    return parts


def from_base64(text: str) -> bytes:
    """Strict standard base64: padding as written by an encoder, no stray bits, nothing else between."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedNoteError("not base64") from error
    if to_base64(decoded) != text:
        raise MalformedNoteError("not base64 as it is written")
    return decoded


def to_base64(material: bytes) -> str:
    """Standard base64 as it is written."""
    return base64.b64encode(material).decode()
