"""Doors that ask for less than a permission: open to all, or to anyone who is known.

All other doors are made with `shared.access.doors`. There are few of these in a service, and each says why.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import structlog
from marshmallow import Schema, ValidationError

from shared.access.doors import Door, Housed, Message
from shared.access.principals import Principal
from shared.kernel.refusals import Invalid, Refusal

log = structlog.get_logger(__name__)


def open_to_all(schema: type[Schema]) -> Callable[[Callable[[Any, Any], Any]], Door]:
    """A door without a lock: its body gets the data alone. For what the log's formats publish by intention."""

    def wrap(body: Callable[[Any, Any], Any]) -> Door:
        @functools.wraps(body)
        def door(self: Housed, message: Message) -> Message:
            return _said(body.__name__, lambda: body(self, _loaded(self, message, schema)))

        return _marked(door, schema)

    return wrap


def known_caller(schema: type[Schema]) -> Callable[[Callable[[Any, Any, Principal], Any]], Door]:
    """A door for anyone with a valid token, about what is their own: its body gets the data and the principal."""

    def wrap(body: Callable[[Any, Any, Principal], Any]) -> Door:
        @functools.wraps(body)
        def door(self: Housed, message: Message) -> Message:
            def opened() -> Any:
                data = _loaded(self, message, schema)
                with self.rooms.database.read() as tx:
                    principal = self.rooms.gate.principal(tx, str(message.get("token") or ""))
                return body(self, data, principal)

            return _said(body.__name__, opened)

        return _marked(door, schema)

    return wrap


def _said(name: str, answer: Callable[[], Any]) -> Message:
    try:
        return {"answer": answer()}
    except Refusal as refusal:
        log.info("refused", door=name, code=refusal.code)
        return {"refused": {"code": refusal.code, "facts": refusal.facts}}


def _loaded(house: Housed, message: Message, schema: type[Schema]) -> Any:
    deadline = message.get("deadline")
    if isinstance(deadline, (int, float)) and house.rooms.clock.now().timestamp() > deadline:
        raise Refusal("too_late")
    try:
        return schema().load(message.get("data") or {})
    except ValidationError as error:
        raise Invalid(error.normalized_messages()) from error  # type: ignore[no-untyped-call]


def _marked(door: Door, schema: type[Schema]) -> Door:
    door.is_command = False  # type: ignore[attr-defined]
    door.permission = None  # type: ignore[attr-defined]
    door.schema = schema  # type: ignore[attr-defined]
    return door
