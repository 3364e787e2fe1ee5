"""What is sent from log to follower: contiguous ranges of positions, and heads.

A range carries those events in it that its reader is told of, byte for byte, each with the sealed parts that this
reader may open; private events stay home, so a range may well be empty and still say that nothing was missed. The
relay and the door `read_log` build them with the same function, so that a reader learns the same from both.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from shared.eventstore import tables as t
from shared.eventstore.store import EventStore
from shared.ledger.merkle import HASH_SIZE
from shared.messaging.epochs import Epoch, epochs_of
from shared.vault.parts import StoredPart

MOST_EVENTS = 500
"""The most events in a range."""
MOST_BYTES = 512 * 1024
"""About how many bytes a range may have. A single event larger than that still goes, alone."""
TYPE = "shouwang.log_range"
"""The CloudEvents type of a range."""
HEAD_TYPE = "shouwang.log_head"
"""What a head is called where messages are listed. It is no CloudEvent: nothing happened, and lost ones do no harm."""
JSON = "application/json"


class NotAReader(ValueError):
    """A service that the source says nothing to."""

    def __init__(self, source: str, reader: str) -> None:
        super().__init__(f"{source} says nothing to {reader}")


class UnreadableRange(ValueError):
    """A message that is no range, or contradicts itself."""


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a range: its entry as text, and part → (ciphertext, blind), both in base64."""

    position: int
    entry: str
    parts: dict[str, tuple[str, str]]

    def stored(self) -> dict[str, StoredPart]:
        """The parts as the vault takes them. Raises ValueError on what is not base64."""
        return {
            part: (base64.b64decode(ciphertext, validate=True), base64.b64decode(blind, validate=True))
            for part, (ciphertext, blind) in self.parts.items()
        }


class _Timed(msgspec.Struct):
    """The one field of an entry that a range's own headers repeat."""

    time: str


class Range(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """The positions `first` to `last` of a source's log, as told to one reader.

    `before` is the leaf hash before `first` (hex, empty at 0), `after` that of `last`, `size` the size of the log when
    the range was built, `origin` the name of the log.
    """

    source: str
    reader: str
    origin: str
    epoch: str
    first: int
    last: int
    before: str
    after: str
    size: int
    events: list[Carried]

    @classmethod
    def read(cls, message: Any) -> Range:
        """The range in a message. Raises UnreadableRange."""
        try:
            it = msgspec.convert(message, cls)
        except msgspec.ValidationError as error:
            raise UnreadableRange(str(error)) from error
        positions = [one.position for one in it.events]
        sound = (
            0 <= it.first <= it.last < it.size
            and _is_hash(it.after)
            and (it.before == "" if it.first == 0 else _is_hash(it.before))
            and bool(it.epoch)
            and positions == sorted(set(positions))
            and (not positions or (positions[0] >= it.first and positions[-1] <= it.last))
        )
        if not sound:
            raise UnreadableRange("the range contradicts itself")
        return it

    def message(self) -> dict[str, Any]:
        """The range as JSON values: what the door `read_log` answers and `Follower.receive` takes."""
        values: dict[str, Any] = msgspec.to_builtins(self)
        return values

    def body(self) -> bytes:
        """The message as bytes."""
        return msgspec.json.encode(self)

    @property
    def id(self) -> str:
        """The same for the same positions of the same log, told to the same reader."""
        return f"{self.epoch}/{self.reader}/{self.first}-{self.last}"

    def headers(self) -> dict[str, str]:
        """The CloudEvents attributes, bound to RabbitMQ as the CloudEvents SDK reads them (`ce-`).

        The event is that a log has grown by a span of positions (the subject); what happened in it is its data. The
        time is that of the last event carried, so that the same range always says the same; a range that carries none
        has no time, which CloudEvents allows.
        """
        found = {
            "ce-specversion": "1.0",
            "ce-id": self.id,
            "ce-source": self.origin,
            "ce-type": TYPE,
            "ce-subject": f"{self.first}-{self.last}",
        }
        if self.events:
            found["ce-time"] = msgspec.json.decode(self.events[-1].entry, type=_Timed).time
        return found


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """How far a log has come: size, epoch, and the leaf hash of its last entry (hex; empty when there is none).

    `began` is the size that the log had when the epoch began: 0, or what a backup brought back. `past` are the epochs
    before it, the newest first, each with the size that it began with.
    """

    source: str
    origin: str
    epoch: str
    size: int
    leaf: str
    began: int = 0
    past: tuple[Epoch, ...] = ()

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """The log's epochs, the present one first."""
        return ((self.epoch, self.began), *self.past)

    @classmethod
    def read(cls, message: Any) -> Head:
        """The head in a message. Raises UnreadableRange."""
        try:
            return msgspec.convert(message, cls)
        except msgspec.ValidationError as error:
            raise UnreadableRange(str(error)) from error

    def message(self) -> dict[str, Any]:
        """The head as JSON values."""
        values: dict[str, Any] = msgspec.to_builtins(self)
        return values

    def body(self) -> bytes:
        """The message as bytes."""
        return msgspec.json.encode(self)


def decoded(body: bytes | memoryview | str) -> Any:
    """The JSON value of a message's bytes; None where there is none, which no follower takes for a range."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def epoch_of(tx: Connection) -> str:
    """The present epoch of this service's log."""
    epoch: str = tx.execute(select(t.epochs.c.epoch).order_by(t.epochs.c.number.desc()).limit(1)).scalar_one()
    return epoch


def head_of(tx: Connection, store: EventStore, source: str) -> Head:
    """The head of this service's log."""
    (epoch, began), *past = epochs_of(tx)
    size = store.size(tx)
    leaf = store.tree.leaf_before(tx, size)
    said = leaf.hex() if leaf else ""
    return Head(source=source, origin=store.source, epoch=epoch, size=size, leaf=said, began=began, past=tuple(past))


def _is_hash(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == HASH_SIZE and text == text.lower()
    except ValueError:
        return False
