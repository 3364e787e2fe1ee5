"""Entries as they are read: their bytes straight into a class for each type of event, without anything in between.

What is read is at once what views and reactions receive (`Recorded`). An entry of an older version, or of a type that
the reader does not know, comes as `Unread`, for the codec to lift or to refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Literal

import msgspec

from shared.kernel.messages import Actor, Cause, Event


class _Actor(msgspec.Struct, frozen=True, gc=False):
    """Who acted, as it stands in the entry."""

    id: str
    role: str
    division: str | None = None
    on_behalf_of: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry with its event. Its place in the log is known to whoever read it there."""

    event: Any = msgspec.field(name="data")
    id: str
    source: str
    stream: str
    stream_version: int
    persons: tuple[str, ...]
    time: datetime
    actor: _Actor
    command_id: str
    correlation: str
    sealed: tuple[dict[str, str], ...]
    causation: str | None = None
    traceparent: str | None = None
    happened_on: date | None = None
    legal_basis: str | None = None
    position: ClassVar[int | None] = None

    @property
    def type(self) -> str:
        """The stored type of its event."""
        kind: str = self.event.type
        return kind

    @property
    def cause(self) -> Cause:
        """Who did it and why."""
        by = self.actor
        return Cause(
            Actor(id=by.id, role=by.role, division=by.division, on_behalf_of=by.on_behalf_of),
            self.command_id,
            self.correlation,
            self.causation,
            self.traceparent,
            self.happened_on,
            self.legal_basis,
        )


class Unread(Entry, frozen=True, kw_only=True, gc=False):
    """An entry whose event still is as it was written."""

    event: msgspec.Raw = msgspec.field(name="data")
    type: str
    version: int

    def with_event(self, event: Event) -> Entry:
        """The entry with its event as it is read today."""
        rest = {name: getattr(self, name) for name in Entry.__struct_fields__ if name != "event"}
        return Entry(event=event, **rest)


class Bare(msgspec.Struct, frozen=True, gc=False):
    """What of an entry its event needs, and the stream that it belongs to."""

    stream: str
    type: str
    version: int
    data: msgspec.Raw


_RAW, _UNREAD = msgspec.json.Decoder(list[msgspec.Raw]), msgspec.json.Decoder(Unread)
_BARE = msgspec.json.Decoder(list[Bare])


def list_of(entries: Iterable[bytes]) -> bytes:
    """Entries as one JSON list: a list is read at once, for less than its entries one by one."""
    return b"[%b]" % b",".join(entries)


class Reader:
    """Reads entries whose events are of these classes."""

    def __init__(self, classes: Iterable[type[Event]]) -> None:
        classes = tuple(classes)
        kinds = [_kind(one) for one in classes]
        either: Any = reduce(or_, kinds) if kinds else _Nothing
        self._known: msgspec.json.Decoder[list[Entry]] = msgspec.json.Decoder(list[either])
        bare = [_bare_kind(one) for one in classes]
        either = reduce(or_, bare) if bare else _Nothing
        self._bare: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[either])

    def entries(self, written: bytes) -> list[Entry]:
        """The entries of a JSON list. Raises msgspec.DecodeError on what is none."""
        try:
            return self._known.decode(written)
        except msgspec.ValidationError:
            return list(self._one_by_one(written))

    def bare(self, written: bytes) -> list[tuple[str, Event]] | None:
        """The stream and the event of each entry of a JSON list; None where one is of an older version or unknown.

        Raises msgspec.DecodeError on what is no list of entries.
        """
        try:
            return [(one.stream, one.event) for one in self._bare.decode(written)]
        except msgspec.ValidationError:
            return None

    def _one_by_one(self, written: bytes) -> Iterator[Entry]:
        for raw in _RAW.decode(written):
            try:
                yield from self._known.decode(list_of([bytes(raw)]))
            except msgspec.ValidationError:
                yield _UNREAD.decode(raw)


def bare(written: bytes) -> list[Bare]:
    """What their events need of the entries of a JSON list. Raises msgspec.DecodeError on what is none."""
    return _BARE.decode(written)


def _kind(event: type[Event]) -> type[Entry]:
    """The class of entries whose event is of this class and of its present version."""
    made: Any = msgspec.defstruct(
        f"EntryOf{event.__name__}",
        [("event", event, msgspec.field(name="data")), ("version", Literal[event.schema_version])],
        bases=(Entry,),
        tag_field="type",
        tag=event.type,
        frozen=True,
        kw_only=True,
        gc=False,
    )
    kind: type[Entry] = made
    return kind


def _bare_kind(event: type[Event]) -> Any:
    """The same with nothing but its event and the stream that it belongs to."""
    return msgspec.defstruct(
        f"BareOf{event.__name__}",
        [("stream", str), ("event", event, msgspec.field(name="data")), ("version", Literal[event.schema_version])],
        tag_field="type",
        tag=event.type,
        frozen=True,
        gc=False,
    )


class _Nothing(msgspec.Struct, tag="", tag_field="type"):
    """What a reader knows that knows no event."""
