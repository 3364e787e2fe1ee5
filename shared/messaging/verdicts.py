"""What a range or a head means to somebody who stands at a place: next, known, beyond, or of another log."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from shared.messaging.letters import Letter
from shared.messaging.places import Place
from shared.messaging.ranges import Head, Range

EPOCH = "the source's log has another epoch: it was restored from a backup"
LEAF = "the source's log has another entry where this one was followed to"


class Verdict(Enum):
    """What to do with a range."""

    NEXT = auto()
    """All of it, or what of it is not known yet, comes next."""
    KNOWN = auto()
    """It was applied before."""
    BEYOND = auto()
    """It begins after the next position: something is missing."""
    ANOTHER_LOG = auto()
    """It contradicts what was followed so far."""


def verdict(place: Place, one: Range, letters: Sequence[Letter]) -> tuple[Verdict, str]:
    """What a range means at a place, and why where it contradicts."""
    if place.epoch not in ("", one.epoch):
        return Verdict.ANOTHER_LOG, EPOCH
    if one.last < place.position:
        return Verdict.KNOWN, ""
    if one.first > place.position + 1:
        return Verdict.BEYOND, ""
    said = _leaf_at(place.position, one, letters)
    if None not in (said, place.leaf) and said != place.leaf:
        return Verdict.ANOTHER_LOG, LEAF
    return (Verdict.KNOWN if one.last == place.position else Verdict.NEXT), ""


def contradiction(place: Place, head: Head) -> str | None:
    """Why a head cannot be one of the log that was followed to this place; None where it can.

    A head that is older than the place contradicts nothing: heads may be late.
    """
    if place.epoch not in ("", head.epoch):
        return EPOCH
    if place.position >= 0 and head.size - 1 == place.position and place.leaf is not None and head.leaf != place.leaf:
        return LEAF
    return None


def _leaf_at(position: int, one: Range, letters: Sequence[Letter]) -> str | None:
    """What a range says of the leaf hash at a position that it reaches: None where it says nothing."""
    if position == one.first - 1:
        return one.before
    if position == one.last:
        return one.after
    return next((letter.leaf for letter in letters if letter.position == position), None)
