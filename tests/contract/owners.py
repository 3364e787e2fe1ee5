"""Which services there are, and what each records: looked up in the house, so that a new service is held to it too."""

from __future__ import annotations

import importlib
import types
import typing
from pathlib import Path
from typing import Any

from shared.contracts import LANGUAGE
from shared.hosting.backup import events as backups
from shared.kernel.messages import Event
from shared.messaging import contradictions, deciding, dropping

EVERYWHERE = "log"
"""Begins the stored types of what every service may record besides its own events."""
SERVICES = Path(__file__).resolve().parents[2] / "services"


def landed() -> list[str]:
    """The services that have doors or events by now, in the order of the published language."""
    return [
        name
        for name in LANGUAGE
        if any(
            (SERVICES / name / room).exists() for room in ("service.py", "service", "domain/events.py", "domain/events")
        )
    ]


def events_of(service: str) -> tuple[type[Event], ...]:
    """Every event that a service records by itself, or with EVERYWHERE what all of them may record.

    Raises ImportError where it has doors but no events.
    """
    if service == EVERYWHERE:
        return (*dropping.EVENTS, *deciding.EVENTS, *contradictions.EVENTS, *backups.EVENTS)
    found: tuple[type[Event], ...] = importlib.import_module(f"services.{service}.domain.events").EVENTS
    return found


def all_events() -> list[type[Event]]:
    """Every event of every service."""
    return [one for service in (*landed(), EVERYWHERE) for one in events_of(service)]


def hints(cls: type[Event]) -> dict[str, Any]:
    """The types of an event's fields, resolved."""
    found = typing.get_type_hints(cls)
    return {name: found[name] for name in found if name not in ("type", "schema_version")}


def members(hint: Any) -> tuple[Any, ...]:
    """What a type may be: the members of a union, else itself."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return typing.get_args(hint)
    return (hint,)
