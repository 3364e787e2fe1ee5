"""Doors and events of every service as pages."""

from __future__ import annotations

import importlib
import inspect
import typing
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields

from docs.reference.pages import code, first_line, page, table
from shared.contracts import LANGUAGE
from shared.hosting.backup import events as backups
from shared.hosting.directory import service_class
from shared.hosting.entrypoints import doors_of
from shared.hosting.service import Service
from shared.kernel.messages import Event, sealed_fields
from shared.messaging import contradictions, deciding, dropping

SERVICES = Path(__file__).resolve().parents[2] / "services"
KINDS = {
    "Boolean": "true or false",
    "Date": "day",
    "DateTime": "moment",
    "Dict": "object",
    "Fen": "fen",
    "Id": "id",
    "Integer": "integer",
    "Line": "line",
    "Prose": "text",
    "Raw": "anything",
    "String": "text",
    "Tuple": "pair",
}
EVERYWHERE = ("happened_on", "legal_basis")
"""Fields of every command, named once."""


def doors() -> str:
    """Every door of every service: what it asks for and what it takes."""
    words = (
        "A door is a command or a query of a service: on RabbitMQ an RPC method, embedded a function, on both the "
        "same method of `services/<name>/service.py`. Fields with `?` may be left out. Every command also takes "
        "`happened_on` and `legal_basis`. `shared/access/doors.py` says what a message and an answer look like."
    )
    common = set(doors_of(Service))
    parts = []
    for name in _with("service.py", "service"):
        service = service_class(name)
        parts.append(f"## {name}\n\n" + _doors(service, [one for one in doors_of(service) if one not in common]))
    parts.append("## Every service\n\n" + _doors(Service, sorted(common)))
    return page("Doors", words, *parts)


def events() -> str:
    """Every event of every service: its fields, and which of them are sealed."""
    words = (
        "What the log of each service holds. Neighbours hear the published ones as `shared/contracts` says. A "
        "sealed field is encrypted under the key of the person and the purpose that it names; all others stand in the "
        "clear."
    )
    parts = []
    for name in _with("domain"):
        published = set(LANGUAGE[name].types)
        found: tuple[type[Event], ...] = importlib.import_module(f"services.{name}.domain.events").EVENTS
        rows = [
            (
                f"{code(one.type)} {one.schema_version}",
                "yes" if one.type in published else "",
                _clear(one),
                ", ".join(f"{code(field)} ({how}, of {of})" for field, (how, of) in sealed_fields(one).items()),
                first_line(inspect.getdoc(one)),
            )
            for one in found
        ]
        parts.append(f"## {name}\n\n" + table(("type and version", "published", "clear", "sealed", "meaning"), rows))
    everywhere = [
        (f"{code(one.type)} {one.schema_version}", _clear(one), first_line(inspect.getdoc(one)))
        for one in (*dropping.EVENTS, *deciding.EVENTS, *contradictions.EVENTS, *backups.EVENTS)
    ]
    parts.append("## every service\n\n" + table(("type and version", "clear", "meaning"), everywhere))
    return page("Events", words, *parts)


def _with(*rooms: str) -> list[str]:
    return [name for name in LANGUAGE if any((SERVICES / name / room).exists() for room in rooms)]


def _doors(service: Any, names: list[str]) -> str:
    rows = []
    for name in names:
        door = getattr(service, name)
        kind = "command" if door.is_command else "query"
        may = code(door.permission) if door.permission else "nothing"
        rows.append((code(name), kind, may, _takes(door.schema()), first_line(inspect.getdoc(door))))
    return table(("door", "kind", "asks for", "takes", "meaning"), rows)


def _takes(schema: Schema) -> str:
    return ", ".join(
        f"{code(name + ('' if field.required else '?'))} {_kind(field)}"
        for name, field in schema.fields.items()
        if name not in EVERYWHERE
    )


def _kind(field: fields.Field[Any]) -> str:
    if isinstance(field, fields.Enum):
        return " / ".join(str(one.value) for one in field.enum)
    if isinstance(field, fields.List):
        return f"list of {_kind(field.inner)}"
    if isinstance(field, fields.Nested):
        return "{" + _takes(field.schema) + "}"
    return next((KINDS[one.__name__] for one in type(field).__mro__ if one.__name__ in KINDS), type(field).__name__)


def _clear(one: type[Event]) -> str:
    sealed, hints = sealed_fields(one), typing.get_type_hints(one)
    return ", ".join(
        f"{code(name)} {_type(hint)}"
        for name, hint in hints.items()
        if name not in sealed and name not in ("type", "schema_version")
    )


def _type(hint: Any) -> str:
    members = [one for one in typing.get_args(hint) if one is not ...]
    if typing.get_origin(hint) is tuple:
        return "several " + ", ".join(_type(one) for one in dict.fromkeys(members))
    if members:
        known = [_type(one) for one in members if one is not type(None)]
        return " or ".join([*known, "none"] if type(None) in members else known)
    return str(hint.__name__)
