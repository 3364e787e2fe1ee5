"""Event ↔ entry: which fields stand in the clear, which are sealed, and how old versions are read today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, get_type_hints

import msgspec

from shared.eventstore.entries import Bare, Entry, Reader, Unread, bare, list_of
from shared.kernel.messages import Actor, Cause, Event, Noted, Recorded, attached_fields, sealed_fields
from shared.storage.columns import instant_text

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes all fields of an event at one version and gives them as the next version has them. A sealed field that its
reader may not open is absent."""


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
        self._decoders = {
            (kind, one.schema_version): msgspec.json.Decoder(one).decode for kind, one in self.classes.items()
        }
        self._reader = Reader(self.classes.values())
        self._fields = {kind: get_type_hints(one) for kind, one in self.classes.items()}

    def reads(self, kind: str) -> bool:
        """Whether it knows events of this stored type."""
        return kind in self.classes

    def split(self, event: Event) -> tuple[dict[str, Any], dict[str, tuple[str, str, dict[str, Any]]]]:
        """The clear data of an event, and its personal parts: part → (person, purpose, fields).

        Raises UnknownEvent on an event that this codec would not read again as it is, and ValueError when a personal
        field holds something but names nobody.
        """
        if self.classes.get(event.type) is not type(event):
            raise UnknownEvent(f"{event.type} version {event.schema_version}")
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

    def read(self, entries: Sequence[bytes]) -> list[Entry]:
        """Entries out of their bytes, personal fields closed. Raises msgspec.DecodeError on what is none.

        Those of older versions come as `Unread`: `opened` lifts them.
        """
        return self.listed(list_of(entries))

    def listed(self, written: bytes) -> list[Entry]:
        """The entries of a JSON list, as `read` gives them."""
        return self._reader.entries(written)

    def bare(self, written: bytes) -> list[tuple[str, Event]]:
        """The stream and the event of each entry of a JSON list, personal fields closed: all that an aggregate needs.

        Raises as `read` and `event` do.
        """
        read = self._reader.bare(written)
        if read is not None:
            return read
        decoders = self._decoders
        return [
            (one.stream, decode(one.data) if (decode := decoders.get((one.type, one.version))) else self._lifted(one))
            for one in bare(written)
        ]

    def opened(self, entry: Entry, opened: Opened | None = None) -> Entry:
        """An entry that `read` gave with its event of today, and in it what could be opened of its personal fields.

        `opened` holds the contents of its parts. Raises as `event` does.
        """
        if isinstance(entry, Unread):
            return entry.with_event(self._lifted(entry, opened))
        known = self._fields[entry.type]
        for content in (opened or {}).values():
            for name, value in (content or {}).items():
                if name in known:
                    # Nobody has seen this event yet; another one would only cost time.
                    object.__setattr__(entry.event, name, msgspec.convert(value, known[name], strict=True))
        return entry

    def _lifted(self, entry: Unread | Bare, opened: Opened | None = None) -> Event:
        fields: dict[str, Any] = msgspec.json.decode(entry.event if isinstance(entry, Unread) else entry.data)
        for content in (opened or {}).values():
            fields.update(content or {})
        return self.event(entry.type, entry.version, fields)

    def recorded(
        self, entry: dict[str, Any], opened: Mapping[str, dict[str, Any] | None], position: int | None = None
    ) -> Recorded:
        """An entry that was parsed elsewhere, as views and reactions receive it.

        `opened` holds the contents of the parts that could be opened.
        """
        fields = dict(entry["data"])
        for content in opened.values():
            fields.update(content or {})
        return Noted(
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


def shared_facts(source: str, time: datetime, cause: Cause) -> dict[str, Any]:
    """What the entries of one command have in common. Absent facts are left out, never null."""
    facts = {
        "source": source,
        "time": instant_text(time),
        "actor": _actor(cause.actor),
        "command_id": cause.command_id,
        "correlation": cause.correlation,
        "causation": cause.causation,
        "traceparent": cause.traceparent,
        "happened_on": cause.happened_on.isoformat() if cause.happened_on else None,
        "legal_basis": cause.legal_basis,
    }
    return {key: value for key, value in facts.items() if value is not None}


def entry_of(
    one: Recorded, facts: Mapping[str, Any], *, data: dict[str, Any], sealed: list[dict[str, str]]
) -> dict[str, Any]:
    """The entry of an event, ready to be written canonically. `facts` are those that its command's entries share."""
    return {
        **facts,
        "id": one.id,
        "stream": one.stream,
        "stream_version": one.stream_version,
        "type": one.event.type,
        "version": one.event.schema_version,
        "persons": one.persons,
        "data": data,
        "sealed": sealed,
    }


def _actor(actor: Actor) -> dict[str, str]:
    facts = {"id": actor.id, "role": actor.role, "division": actor.division, "on_behalf_of": actor.on_behalf_of}
    return {name: value for name, value in facts.items() if value is not None}
