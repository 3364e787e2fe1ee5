"""Event ↔ entry: which fields stand in the clear, which are sealed, and how old versions are read today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from shared.kernel.messages import Actor, Cause, Event, Recorded, attached_fields, sealed_fields
from shared.storage.columns import instant_text

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes all fields of an event at one version and gives them as the next version has them. A sealed field that its
reader may not open is absent."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An entry as it is read from its bytes: the envelope typed, `data` still to be decoded as its event's fields."""

    id: str
    type: str
    version: int
    source: str
    stream: str
    stream_version: int
    persons: tuple[str, ...]
    time: datetime
    actor: Actor
    command_id: str
    correlation: str
    data: msgspec.Raw
    sealed: list[dict[str, str]]
    causation: str | None = None
    traceparent: str | None = None
    happened_on: date | None = None
    legal_basis: str | None = None

    @property
    def cause(self) -> Cause:
        """Who did it and why."""
        return Cause(
            self.actor,
            self.command_id,
            self.correlation,
            self.causation,
            self.traceparent,
            self.happened_on,
            self.legal_basis,
        )


class Bare(msgspec.Struct, frozen=True, gc=False):
    """What of an entry its event needs, and the stream that it belongs to."""

    stream: str
    type: str
    version: int
    data: msgspec.Raw


_ENTRY, _BARE = msgspec.json.Decoder(Entry), msgspec.json.Decoder(Bare)
Opened = Mapping[str, dict[str, Any] | None]
"""The contents of an entry's parts, by part; None where one could not be opened."""


class UnknownEvent(ValueError):
    """A type or version that this codec does not read."""


class Codec:
    """Reads and writes the events of one service, or of the published language.

    `upcasters` maps (type, version) to the function that lifts that version to the next.
    """

    def __init__(
        self, classes: Iterable[type[Event]], upcasters: Mapping[tuple[str, int], Upcaster] | None = None
    ) -> None:
        self.classes = {one.type: one for one in classes}
        self._upcasters = dict(upcasters or {})
        self._sealed = {kind: sealed_fields(one) for kind, one in self.classes.items()}
        self._attached = {kind: found for kind, one in self.classes.items() if (found := attached_fields(one))}
        # Straight from bytes into the event's class, without a dictionary in between: five times as fast.
        self._decoders = {(kind, one.schema_version): msgspec.json.Decoder(one) for kind, one in self.classes.items()}

    def reads(self, kind: str) -> bool:
        """Whether it knows events of this stored type."""
        return kind in self.classes

    def split(self, event: Event) -> tuple[dict[str, Any], dict[str, tuple[str, str, dict[str, Any]]]]:
        """The clear data of an event, and its personal parts: part → (person, purpose, fields).

        Raises ValueError when a personal field holds something but names nobody.
        """
        fields: dict[str, Any] = msgspec.to_builtins(event, builtin_types=())
        parts: dict[str, tuple[str, str, dict[str, Any]]] = {}
        for name, (purpose, of) in self._sealed[event.type].items():
            value = fields.pop(name)
            if value is None:
                continue
            person = getattr(event, of)
            if person is None:
                raise ValueError(f"{event.type}: {name} is personal but {of} names nobody")
            parts.setdefault(f"{of}.{purpose}", (person, purpose, {}))[2][name] = value
        return fields, parts

    def files(self, event: Event) -> list[tuple[str, str, str, str]]:
        """The files that an event carries: attachment, part, person, purpose."""
        found = self._attached.get(event.type, {})
        return [
            (getattr(event, name), f"{of}.{purpose}.{name}", getattr(event, of), purpose)
            for name, (purpose, of) in found.items()
        ]

    def event(self, kind: str, version: int, fields: dict[str, Any]) -> Event:
        """The event of a stored type and version, lifted to today's shape. Raises UnknownEvent or ValueError."""
        cls = self.classes.get(kind)
        if cls is None:
            raise UnknownEvent(kind)
        while version < cls.schema_version:
            lift = self._upcasters.get((kind, version))
            if lift is None:
                raise UnknownEvent(f"{kind} version {version}")
            fields, version = lift(fields), version + 1
        if version > cls.schema_version:
            raise UnknownEvent(f"{kind} version {version}")
        return msgspec.convert(fields, cls, strict=True)

    @staticmethod
    def read(entry: bytes) -> Entry:
        """An entry out of its bytes. Raises msgspec.DecodeError on what is none."""
        return _ENTRY.decode(entry)

    def closed(self, entries: Iterable[bytes]) -> Iterator[tuple[str, Event]]:
        """The stream and the event of each entry, personal fields left closed: all that a replay needs, at its pace.

        Raises as `read` and `event` do.
        """
        decoders = self._decoders
        for bare in map(_BARE.decode, entries):
            decoder = decoders.get((bare.type, bare.version))
            yield bare.stream, decoder.decode(bare.data) if decoder is not None else self.event_in(bare)

    def event_in(self, entry: Entry | Bare, opened: Opened | None = None) -> Event:
        """The event of an entry, with what could be opened of its personal fields. Raises as `event` does."""
        if not opened:
            decoder = self._decoders.get((entry.type, entry.version))
            if decoder is not None:
                event: Event = decoder.decode(entry.data)
                return event
        fields: dict[str, Any] = msgspec.json.decode(entry.data)
        for content in (opened or {}).values():
            fields.update(content or {})
        return self.event(entry.type, entry.version, fields)

    def told(self, entry: Entry, opened: Opened | None = None, position: int | None = None) -> Recorded:
        """An entry as views and reactions receive it."""
        return Recorded(
            self.event_in(entry, opened),
            entry.id,
            entry.stream,
            entry.stream_version,
            entry.source,
            entry.time,
            entry.cause,
            entry.persons,
            position,
        )

    def recorded(
        self, entry: dict[str, Any], opened: Mapping[str, dict[str, Any] | None], position: int | None = None
    ) -> Recorded:
        """An entry that was parsed elsewhere, as views and reactions receive it.

        `opened` holds the contents of the parts that could be opened.
        """
        fields = dict(entry["data"])
        for content in opened.values():
            fields.update(content or {})
        return Recorded(
            event=self.event(entry["type"], entry["version"], fields),
            id=entry["id"],
            stream=entry["stream"],
            stream_version=entry["stream_version"],
            source=entry["source"],
            time=datetime.fromisoformat(entry["time"]),
            cause=cause_of(entry),
            persons=tuple(entry["persons"]),
            position=position,
        )


def cause_of(entry: Mapping[str, Any]) -> Cause:
    """Who did it and why, as an entry holds it."""
    day = entry.get("happened_on")
    return Cause(
        actor=Actor(**entry["actor"]),
        command_id=entry["command_id"],
        correlation=entry["correlation"],
        causation=entry.get("causation"),
        traceparent=entry.get("traceparent"),
        happened_on=date.fromisoformat(day) if day else None,
        legal_basis=entry.get("legal_basis"),
    )


def entry_of(
    event: Event, *, data: dict[str, Any], sealed: list[dict[str, str]], envelope: Mapping[str, Any], cause: Cause
) -> dict[str, Any]:
    """The entry of an event, ready to be written canonically. Absent facts are left out, never null."""
    entry: dict[str, Any] = {
        **envelope,
        "type": event.type,
        "version": event.schema_version,
        "persons": event.persons(),
        "actor": _actor(cause.actor),
        "command_id": cause.command_id,
        "correlation": cause.correlation,
        "causation": cause.causation,
        "traceparent": cause.traceparent,
        "happened_on": cause.happened_on.isoformat() if cause.happened_on else None,
        "legal_basis": cause.legal_basis,
        "data": data,
        "sealed": sealed,
    }
    entry["time"] = instant_text(envelope["time"])
    return {key: value for key, value in entry.items() if value is not None}


def _actor(actor: Actor) -> dict[str, str]:
    facts = {"id": actor.id, "role": actor.role, "division": actor.division, "on_behalf_of": actor.on_behalf_of}
    return {name: value for name, value in facts.items() if value is not None}
