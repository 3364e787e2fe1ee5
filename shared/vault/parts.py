"""The values that the vault takes and gives: what is to be sealed, what an entry says of it, a person's wrapped key."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.kernel.ids import is_id
from shared.kernel.messages import PURPOSES
from shared.storage.columns import instant_text

Pair = tuple[str, str]
"""A person and a purpose: what a key is for."""
Reference = Mapping[str, str]
"""What an entry says of a part: `part`, `person`, `purpose`, `key`, `commitment`."""
StoredPart = tuple[bytes, bytes]
"""The ciphertext of a part and its blind."""
Content = dict[str, Any] | None
"""The fields of an opened part; None where it is erased, absent, or not for this reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRequest:
    """Fields of one event about one person for one purpose. `content` is JSON and never appears in a repr."""

    event_id: str
    part: str
    person: str
    purpose: str
    content: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPart:
    """A part that was sealed. `key` is the id of the person's key; `commitment` is 64 hex characters."""

    event_id: str
    part: str
    person: str
    purpose: str
    key: str
    commitment: str

    def reference(self) -> dict[str, str]:
        """What the entry says of it."""
        return {
            "part": self.part,
            "person": self.person,
            "purpose": self.purpose,
            "key": self.key,
            "commitment": self.commitment,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A person's key as a database holds it: wrapped under the key-encryption key `kek`."""

    key_id: str
    person: str
    purpose: str
    wrapped: bytes = field(repr=False)
    kek: str
    created: datetime

    @property
    def pair(self) -> Pair:
        """Whose it is, and for what."""
        return self.person, self.purpose

    def dump(self) -> dict[str, str]:
        """The key as JSON, to be handed to an entitled service."""
        return {
            "key": self.key_id,
            "person": self.person,
            "purpose": self.purpose,
            "wrapped": base64.b64encode(self.wrapped).decode(),
            "kek": self.kek,
            "created": instant_text(self.created),
        }

    @classmethod
    def load(cls, value: Mapping[str, str]) -> WrappedKey:
        """A key that another service handed out. Raises ValueError on anything that is none."""
        wrong = ValueError("not a wrapped key")
        fields = ("key", "person", "purpose", "wrapped", "kek", "created")
        if not isinstance(value, Mapping) or not all(isinstance(value.get(one), str) for one in fields):
            raise wrong
        try:
            wrapped = base64.b64decode(value["wrapped"], validate=True)
            created = datetime.fromisoformat(value["created"])
        except ValueError:
            raise wrong from None
        named = is_id(value["key"]) and is_id(value["person"]) and value["purpose"] in PURPOSES
        if not named or not 0 < len(value["kek"]) <= 16 or not wrapped or created.tzinfo is None:
            raise wrong
        return cls(
            key_id=value["key"],
            person=value["person"],
            purpose=value["purpose"],
            wrapped=wrapped,
            kek=value["kek"],
            created=created,
        )


def binding(event_id: str, part: str, person: str, purpose: str, key_id: str) -> tuple[str, ...]:
    """What a part's ciphertext is bound to, so that it opens in its own place only."""
    return ("part", event_id, part, person, purpose, key_id)
