"""How a service's log is kept up: whom it follows and how far, in which epoch it is, which backup was verified last."""

from __future__ import annotations

from typing import Any

from shared.access.principals import Call
from shared.hosting import remains
from shared.hosting.backup.verified import last_verified
from shared.hosting.engine import Engine
from shared.hosting.foundation import Rooms
from shared.messaging.epochs import epochs_of


def upkeep(rooms: Rooms[Any, Any], engine: Engine, call: Call[dict[str, Any]]) -> dict[str, Any]:
    """`{"size", "epoch", "began", "restores", "backup", "remains", "followed"}`.

    `remains` are the erasures of which something is still in files (`shared.hosting.remains.waiting`).
    `followed` has for each source `{source, state, position, size, lag, parked, silent_for, lost}`: the place of who
    is furthest behind, the size of the source's log as it was heard last, and the positions that a restored log lacks.
    """
    base = rooms.base
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        (epoch, began), *past = epochs_of(tx)
        answer = {
            "size": base.store.size(tx),
            "epoch": epoch,
            "began": began,
            "restores": len(past),
            "backup": last_verified(base, tx),
            "remains": remains.waiting(tx),
        }
    return answer | {"followed": [_followed(one.follower.status()) for one in engine.followings.values()]}


def _followed(status: dict[str, Any]) -> dict[str, Any]:
    places = list(status["projectors"].values())
    return {
        "source": status["source"],
        "state": status["state"],
        "position": min((one["position"] for one in places if one["position"] is not None), default=-1),
        "size": status["size"],
        "lag": max((one["lag"] or 0 for one in places), default=0),
        "parked": sum(one["parked"] for one in places),
        "silent_for": status["silent_for"],
        "lost": (status["heard"] or {}).get("missing"),
    }
