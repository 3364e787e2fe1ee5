"""What the door `log_as_of` leads to: how a thing stood, told with every personal part closed."""

from __future__ import annotations

from typing import Any

from shared.access.asof import as_of
from shared.access.principals import Call
from shared.access.roles import FieldClass
from shared.hosting.foundation import Rooms
from shared.kernel.ids import stream_of
from shared.kernel.refusals import NotFound

_PUBLIC = frozenset({FieldClass.PUBLIC})


def state(rooms: Rooms[Any, Any], call: Call[dict[str, Any]]) -> dict[str, Any]:
    """A thing of this service as it stood, for who may see the log: its history is read closed.

    Raises NotFound where the service has no such kind or nothing of that id.
    """
    base, kind, wanted = rooms.base, call.data["kind"], call.data["id"]
    telling_of = getattr(rooms.queries, "past", {}).get(kind)
    with rooms.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        history = base.store.stream(tx, stream_of(base.name, kind, wanted)) if telling_of else []
        if telling_of is None or not history:
            raise NotFound(kind, id=wanted)
        return as_of(tx, call, telling_of(tx, _PUBLIC), wanted, history, base.clock.now(), seen=_PUBLIC)
