"""How a follower stands, as JSON values: for the doctor, for metrics, and for whoever must decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.messaging.epochs import shared_size
from shared.messaging.places import Place
from shared.messaging.ranges import Head


def followed(place: Place | None, size: int, parked: int) -> dict[str, Any]:
    """How a projector stands; `lag` counts positions up to the last head that was heard."""
    return {
        "position": place.position if place else None,
        "lag": max(0, size - 1 - place.position) if place else None,
        "parked": parked,
    }


def missing(head: Head, places: Iterable[Place]) -> dict[str, Any]:
    """The log that a stopped follower hears, and the positions that it had followed which that log has no more.

    `{epoch, size, began, missing: [first, last] | None}`. `began` is where that log parts from the one that was
    followed.
    """
    behind = [one for one in places if one.epoch not in ("", head.epoch)]
    began = min((shared_size(head.epochs, one.epoch) for one in behind), default=head.began)
    last = max((one.position for one in behind), default=-1)
    lost = [began, last] if last >= began else None
    return {"epoch": head.epoch, "size": head.size, "began": began, "missing": lost}
