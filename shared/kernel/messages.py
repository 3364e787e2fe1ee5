"""Events: their names, versions, and which of their fields may stand in the clear.

An event is a frozen dataclass that carries its stored type and version. What an entry may hold in the clear is a
closed list: references, people's random references, codes of an enumeration, integers, truth values, days, and text
that is public by its nature (the name of a school). Everything else is personal and is declared so, with the purpose
whose key seals it and the field that says whose it is:

    @event("registry.child_registered", version=1)
    @dataclass(frozen=True, kw_only=True)
    class ChildRegistered(Event):
        child: Person
        school: Ref | None
        name: str | None = personal("identity", of="child")

A personal field is None where its reader may not open it or where it has been erased.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple, NewType, Protocol, TypeVar

Person = NewType("Person", str)
"""A random reference to a person. Fields of this type name the people that an entry touches."""
Ref = NewType("Ref", str)
"""A random reference to anything that is not a person."""
PublicText = NewType("PublicText", str)
"""Text about no person: the name of a school, a division, a fund, a policy."""

PURPOSES = {
    "identity": "registry",
    "contact": "registry",
    "health": "registry",
    "notes": "casework",
    "incident": "alerts",
    "reporter": "alerts",
    "donor": "funding",
    "application": "funding",
}
"""Each purpose of sealing and the one service that makes its keys."""


class Event:
    """Something that happened. Subclasses are frozen dataclasses named in the past tense."""

    type: ClassVar[str]
    schema_version: ClassVar[int]

    def persons(self) -> list[str]:
        """The random references of all people that this event names, in order, without repetition."""
        found: dict[str, None] = {}
        for name in person_fields(type(self)):  # type: ignore[arg-type]  # a class is hashable
            value = getattr(self, name)
            if isinstance(value, str):
                found[value] = None
            elif value is not None:
                found.update((one, None) for one in value if one is not None)
        return list(found)


E_ = TypeVar("E_", bound=type[Event])
_NAMES_PEOPLE = re.compile(r"\bPerson\b")


def event(name: str, *, version: int) -> Callable[[E_], E_]:
    """Give an event class its stored type (`service.what_happened`) and version, both for good."""

    def mark(cls: E_) -> E_:
        cls.type = name
        cls.schema_version = version
        return cls

    return mark


def personal(purpose: str, *, of: str) -> Any:
    """A field that is sealed under the key for `purpose` of the person named in the field `of`."""
    if purpose not in PURPOSES:
        raise ValueError(f"no such purpose: {purpose}")
    return field(default=None, metadata={"purpose": purpose, "of": of})


def attached(purpose: str, *, of: str) -> Any:
    """A field that names a file: the event carries it, sealed as `personal` fields are (`shared.vault.attachments`)."""
    if purpose not in PURPOSES:
        raise ValueError(f"no such purpose: {purpose}")
    return field(metadata={"attached": purpose, "of": of})


def attached_fields(cls: type[Event]) -> dict[str, tuple[str, str]]:
    """The fields of an event that name files: field → (purpose, field that names the person)."""
    return {
        f.name: (f.metadata["attached"], f.metadata["of"])
        for f in dataclasses.fields(cls)  # type: ignore[arg-type]
        if "attached" in f.metadata
    }


def sealed_fields(cls: type[Event]) -> dict[str, tuple[str, str]]:
    """The personal fields of an event: field → (purpose, field that names the person)."""
    return {
        f.name: (f.metadata["purpose"], f.metadata["of"])
        for f in dataclasses.fields(cls)  # type: ignore[arg-type]
        if "purpose" in f.metadata
    }


@functools.cache
def person_fields(cls: type[Event]) -> tuple[str, ...]:
    """The fields of an event that name people."""
    return tuple(
        f.name
        for f in dataclasses.fields(cls)  # type: ignore[arg-type]
        if _NAMES_PEOPLE.search(str(f.type)) and "purpose" not in f.metadata
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted: a random reference, the role acted in, and the division or place the role was held for."""

    id: str
    role: str
    division: str | None = None
    on_behalf_of: str | None = None


# Two tuples with names, not frozen dataclasses: one is made for every event, five times as fast.


class Cause(NamedTuple):
    """Why events are appended: who commanded it, by which command, following what."""

    actor: Actor
    command_id: str
    correlation: str
    causation: str | None = None
    traceparent: str | None = None
    happened_on: date | None = None
    legal_basis: str | None = None


class Recorded(Protocol):
    """An event with its entry's envelope, as a view or a reaction receives it, wherever it was read from.

    `position` is None where it does not matter: before sequencing, and in the own log.
    """

    @property
    def event(self) -> Event:
        """What happened."""

    @property
    def id(self) -> str:
        """The event's id, a UUIDv7."""

    @property
    def stream(self) -> str:
        """The stream that it belongs to."""

    @property
    def stream_version(self) -> int:
        """Its number in the stream, counted from 1."""

    @property
    def source(self) -> str:
        """The log: `<deployment>/<service>`."""

    @property
    def time(self) -> datetime:
        """When it was recorded, in UTC."""

    @property
    def cause(self) -> Cause:
        """Who did it and why."""

    @property
    def persons(self) -> tuple[str, ...]:
        """The random references of the people that it touches."""

    @property
    def position(self) -> int | None:
        """Its place in the source's log."""


class Noted(NamedTuple):
    """A recorded event that was put together here: one that is just being appended, or came from a neighbour."""

    event: Event
    id: str
    stream: str
    stream_version: int
    source: str
    time: datetime
    cause: Cause
    persons: tuple[str, ...]
    position: int | None = None
