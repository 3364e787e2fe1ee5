"""What services ask each other: ranges of the log that a follower missed, and the keys that open them."""

from __future__ import annotations

from typing import Any

from shared.access.principals import Call
from shared.contracts import LANGUAGE
from shared.hosting.foundation import Rooms
from shared.kernel.refusals import Denied, Refusal
from shared.messaging.ranges import NotAReader
from shared.messaging.telling import range_for


def read_log(rooms: Rooms[Any, Any], call: Call[dict[str, Any]]) -> dict[str, Any] | None:
    """The next range after a position for the reader that asks, as the relay would have sent it; None at the end.

    Raises Denied for anybody but the reader itself, and for one that this service says nothing to.
    """
    base, asked = rooms.base, call.data
    if asked["reader"] != _service_of(call):
        raise Denied(str(call.permission), reader=True)
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        try:
            found = range_for(
                tx, base.store, base.vault, base.name, asked["reader"], asked["after"], limit=asked["limit"]
            )
        except NotAReader as stranger:
            raise Denied(str(call.permission), reader=True) from stranger
    return found.message() if found else None


def fetch_keys(rooms: Rooms[Any, Any], call: Call[dict[str, Any]]) -> dict[str, Any]:
    """The wrapped keys of (person, purpose) pairs: `{"keys": […]}`. Pairs without a key are left out.

    Raises Refusal `not_entitled` where one of the purposes is not the asking service's to open.
    """
    base = rooms.base
    pairs = [(person, purpose) for person, purpose in call.data["pairs"]]
    entitled = LANGUAGE[base.name].readers.get(_service_of(call), frozenset())
    with base.database.read() as tx:
        rooms.gate.clear(tx, call, anywhere=True)
        foreign = sorted({purpose for _, purpose in pairs if purpose not in entitled or not base.vault.owns(purpose)})
        if foreign:
            raise Refusal("not_entitled", purposes=foreign)
        return {"keys": base.vault.wrapped_keys(tx, pairs)}


def _service_of(call: Call[Any]) -> str:
    """The service that calls on its own account; no name where a person calls."""
    return call.principal.id.removeprefix("system:") if call.principal.is_system else ""
