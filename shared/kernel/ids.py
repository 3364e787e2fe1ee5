"""Identifiers: time-ordered ones made at the door, and ones derived from a cause so that twice is once."""

from __future__ import annotations

import re
import secrets
import uuid
from datetime import UTC, datetime

_NAMESPACE = uuid.UUID("6f2b1c52-6e0b-5f0e-9a57-73686f757761")
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_STREAM = re.compile(r"^[a-z]+\.[a-z_]+-[0-9a-f-]{36}$")


def new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562, section 5.7) for the moment `now`, as 36 lower-case characters."""
    at = f"{int(now.timestamp() * 1000) & ((1 << 48) - 1):012x}"
    chance = secrets.token_hex(10)
    # The two bits 10 before the last 62 of chance: a digit from 8 to b.
    return f"{at[:8]}-{at[8:]}-7{chance[:3]}-{_VARIANT[chance[3]]}{chance[4:7]}-{chance[7:19]}"


def first_id(at: datetime, *, after: bool = False) -> str:
    """An id that none of the millisecond of `at` comes before; with `after`, one that none of it comes behind."""
    begin = f"{int(at.timestamp() * 1000) & ((1 << 48) - 1):012x}"
    rest = "ffff-ffff-ffff-ffffffffffff" if after else "0000-0000-0000-000000000000"
    return f"{begin[:8]}-{begin[8:]}-{rest[5:]}"


def time_of(an_id: str) -> datetime | None:
    """When an id of `new_id` was made, to the millisecond; None for one that does not say. Raises ValueError."""
    read = uuid.UUID(an_id)
    return datetime.fromtimestamp((read.int >> 80) / 1000, UTC) if read.version == 7 else None


def derived_id(cause: str, purpose: str) -> str:
    """The same UUIDv5 for the same cause and purpose: the id of a command that an event or a timer asks for."""
    return str(uuid.uuid5(_NAMESPACE, f"{cause}\x1f{purpose}"))


def is_id(value: object) -> bool:
    """Whether `value` is a UUID in its canonical form of 36 lower-case characters."""
    if not isinstance(value, str):
        return False
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False


def stream_of(service: str, kind: str, aggregate_id: str) -> str:
    """The name of an aggregate's stream: `casework.case-<uuid>`. Raises ValueError on anything else."""
    stream = f"{service}.{kind}-{aggregate_id}"
    if not _STREAM.match(stream):
        raise ValueError(f"not a stream name: {stream!r}")
    return stream


def id_in(stream: str) -> str:
    """The aggregate id at the end of a stream name."""
    return stream[-36:]
