"""Paging by cursor: a cursor is the sort key of the last row shown, so that rows that come and go move no page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from shared.kernel.refusals import Invalid

R = TypeVar("R")


def page(
    rows: Sequence[R], limit: int, key: Callable[[R], tuple[str, ...]], shown: Callable[[R], dict[str, Any]]
) -> dict[str, Any]:
    """One page of an answer. `rows` holds one more than `limit` when there is a next page."""
    here = rows[:limit]
    following = cursor(key(here[-1])) if len(rows) > limit and here else None
    return {"items": [shown(row) for row in here], "next": following}


def cursor(key: tuple[str, ...]) -> str:
    """A sort key as an opaque cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def position(text: str, parts: int | None) -> tuple[str, ...]:
    """The sort key in a cursor that must have so many parts (None: any). Raises Invalid on one not given by us."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        key = msgspec.json.decode(raw, type=tuple[str, ...])
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise Invalid({"after": ["not_a_cursor"]}) from error
    if parts is not None and len(key) != parts:
        raise Invalid({"after": ["not_a_cursor"]})
    return key
