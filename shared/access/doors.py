"""Doors: what every command and query passes before a handler sees it.

A message is `{token, data, command_id, expected_version, language, correlation, traceparent, deadline}`; the answer is
`{"answer": …}` or `{"refused": {"code", "facts"}}`. A refusal is an answer, never an exception over the wire. A message
whose deadline (seconds since 1970, by the caller's clock) has passed is refused unopened: its caller has been told
"outcome unknown" and asks again by command id.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from typing import Any, Protocol

import structlog
from marshmallow import Schema, ValidationError

from shared.access.gate import Gate
from shared.access.permissions import Permission
from shared.access.principals import Call
from shared.eventstore.work import Decision
from shared.kernel.clock import Clock
from shared.kernel.ids import is_id, new_id
from shared.kernel.refusals import Denied, Invalid, Refusal
from shared.storage.database import Database

log = structlog.get_logger(__name__)
Message = dict[str, Any]


class Doorway(Protocol):
    """What a door needs of the service that it belongs to."""

    gate: Gate
    clock: Clock
    database: Database


class Housed(Protocol):
    """A service class: its `rooms` hold what its doors lead to."""

    @property
    def rooms(self) -> Any:
        """The rooms that the service was wired with."""
        ...


Body = Callable[[Any, Call[Any]], Any]
Door = Callable[[Any, Message], Message]


def command(schema: type[Schema], may: Permission) -> Callable[[Body], Door]:
    """A door for a command: its data must fit `schema`, its caller must hold `may` somewhere.

    Where the permission holds is the handler's to check (`gate.clear`), because only the handler knows what it touches.
    """
    return _door(schema, may, writes=True)


def query(schema: type[Schema], may: Permission) -> Callable[[Body], Door]:
    """A door for a query. Its answer is a JSON value without what the caller's role does not see."""
    return _door(schema, may, writes=False)


def _door(schema: type[Schema], may: Permission, *, writes: bool) -> Callable[[Body], Door]:
    fitting = schema()

    def wrap(body: Body) -> Door:
        @functools.wraps(body)
        def door(self: Housed, message: Message) -> Message:
            try:
                call = _opened(self.rooms, message, fitting, may, writes=writes)
                result = body(self, call)
            except Refusal as refusal:
                log.info("refused", door=body.__name__, code=refusal.code)
                return {"refused": {"code": refusal.code, "facts": refusal.facts}}
            if not call.cleared and not (isinstance(result, Decision) and result.repeated):
                raise AssertionError(f"{body.__name__} answered without asking for permission")
            if call.opened:
                self.rooms.note_opened(call, body.__name__)
            return {"answer": result.as_answer() if isinstance(result, Decision) else result}

        door.is_command = writes  # type: ignore[attr-defined]
        door.permission = may  # type: ignore[attr-defined]
        door.schema = schema  # type: ignore[attr-defined]
        return door

    return wrap


def _opened(rooms: Doorway, message: Message, schema: Schema, may: Permission, *, writes: bool) -> Call[Any]:
    deadline = message.get("deadline")
    if isinstance(deadline, (int, float)) and rooms.clock.now().timestamp() > deadline:
        raise Refusal("too_late")
    with rooms.database.glance() as tx:
        principal = rooms.gate.principal(tx, str(message.get("token") or ""))
    if may not in principal.permissions:
        raise Denied(may)
    raw = message.get("data") or {}
    return Call(
        data=_loaded(schema, raw),
        principal=principal,
        permission=may,
        command_id=_command_id(message, rooms.clock, writes=writes),
        correlation=str(message.get("correlation") or new_id(rooms.clock.now())),
        content=raw if writes else {},
        expected=message.get("expected_version"),
        happened_on=_day(raw.get("happened_on")) if writes else None,
        legal_basis=raw.get("legal_basis") if writes else None,
        traceparent=message.get("traceparent"),
        language=str(message.get("language") or "zh-Hans"),
        reads=not writes,
    )


def _loaded(schema: Schema, raw: Any) -> Any:
    try:
        return schema.load(raw)
    except ValidationError as error:
        raise Invalid(dict(error.messages_dict)) from error


def _command_id(message: Message, clock: Clock, *, writes: bool) -> str:
    given = message.get("command_id")
    if given is None:
        return new_id(clock.now())
    if not is_id(given):
        raise Invalid({"command_id": ["not_an_id"]})
    return str(given) if writes else new_id(clock.now())


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except (TypeError, ValueError) as error:
        raise Invalid({"happened_on": ["not_a_day"]}) from error
