"""Letters: the events of a range as a follower handles them, parsed, and opened with the keys that are kept here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection

from shared.eventstore.codec import Codec
from shared.kernel.messages import PURPOSES, Recorded
from shared.ledger.merkle import leaf_hash
from shared.messaging.places import Place
from shared.messaging.ranges import Carried, Range, UnreadableRange
from shared.storage.database import Database
from shared.vault.parts import Pair
from shared.vault.vault import Vault

FetchKeys = Callable[[str, list[Pair]], list[dict[str, str]]]
"""Asks the owner of the purposes for the wrapped keys of (person, purpose) pairs: the door `fetch_keys`."""
_KEYS_AT_ONCE = 500


class _Envelope(msgspec.Struct, frozen=True):
    """What of an entry must be sound for it to be parked at all: without it, nobody could tell what waits behind it."""

    id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f-]{36}$")]
    stream: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    persons: list[Annotated[str, msgspec.Meta(max_length=80)]]
    sealed: list[Any]


class _Reference(msgspec.Struct, frozen=True):
    """What an entry says of one sealed part."""

    part: str
    person: str
    purpose: str
    key: str
    commitment: str


@dataclass(slots=True)
class Letter:
    """One event of a source on its way into views and reactions.

    `touches` are the stream and the people that it names: what must wait if it cannot be applied.
    """

    carried: Carried
    epoch: str
    entry: dict[str, Any]
    touches: frozenset[str]
    opened: dict[str, dict[str, Any] | None] | None = field(default=None, repr=False)
    _recorded: Recorded | None = field(default=None, repr=False)

    @classmethod
    def read(cls, carried: Carried, epoch: str) -> Letter:
        """Parse an event. Raises UnreadableRange on what is no entry."""
        try:
            entry = msgspec.json.decode(carried.entry, type=dict[str, Any])
            envelope = msgspec.convert(entry, _Envelope)
        except msgspec.DecodeError as error:  # what does not fit is a kind of it
            raise UnreadableRange(f"position {carried.position} holds no entry") from error
        return cls(carried, epoch, entry, frozenset((envelope.stream, *envelope.persons)))

    @property
    def position(self) -> int:
        """Its place in the source's log."""
        return self.carried.position

    @property
    def type(self) -> str:
        """The stored type of its event."""
        kind: str = self.entry["type"]
        return kind

    @property
    def leaf(self) -> str:
        """The leaf hash of its entry, in hex."""
        return leaf_hash(self.carried.entry.encode()).hex()

    @property
    def place(self) -> Place:
        """Where a projector is that has applied it."""
        return Place(self.position, self.epoch, self.leaf)

    def references(self) -> list[dict[str, str]]:
        """What the entry says of the parts that came with it. Raises ValueError on what is no reference."""
        sealed = msgspec.convert(self.entry["sealed"], list[_Reference])
        return [msgspec.to_builtins(one) for one in sealed if one.part in self.carried.parts]

    def recorded(self, tx: Connection, codec: Codec, vault: Vault) -> Recorded:
        """The event as views and reactions take it, its personal fields opened where this service may.

        Raises Tampered, UnknownEvent, ValueError: what the vault and the codec raise.
        """
        if self.opened is None:
            open_together(tx, [self], vault)
        if self._recorded is None:
            self._recorded = codec.recorded(self.entry, self.opened or {}, self.position)
        return self._recorded


def open_together(tx: Connection, letters: Sequence[Letter], vault: Vault) -> None:
    """Open the parts that came with these letters, with one question for the keys of all of them.

    Raises what the vault raises; then none of them is opened.
    """
    closed = [letter for letter in letters if letter.opened is None]
    sealed = [(letter.entry["id"], reference) for letter in closed for reference in letter.references()]
    stored = {
        (letter.entry["id"], part): content for letter in closed for part, content in letter.carried.stored().items()
    }
    opened = vault.open_carried(tx, sealed, stored)
    for letter in closed:
        letter.opened = {part: opened[letter.entry["id"], part] for part in (r["part"] for r in letter.references())}


def letters_of(one: Range) -> list[Letter]:
    """The events of a range. Raises UnreadableRange."""
    letters = [Letter.read(carried, one.epoch) for carried in one.events]
    if letters and letters[-1].position == one.last and letters[-1].leaf != one.after:
        raise UnreadableRange(f"the entry at {one.last} is not the one that the range ends with")
    return letters


def fetch_missing(database: Database, vault: Vault, letters: Iterable[Letter], fetch_keys: FetchKeys) -> None:
    """Fetch the keys that these letters need and that are not kept here yet, and keep them, before their transaction.

    Keys that their owner no longer has stay missing; their fields then stay closed. A letter that names its parts
    wrongly needs none: it will be parked when it is opened. Raises what `fetch_keys` raises.
    """
    references: list[dict[str, str]] = []
    for letter in letters:
        with contextlib.suppress(ValueError):
            references += letter.references()
    if not references:
        return
    with database.read() as tx:
        missing = vault.missing(tx, references)
    by_owner: dict[str, list[Pair]] = {}
    for person, purpose in sorted(missing):
        by_owner.setdefault(PURPOSES[purpose], []).append((person, purpose))
    for owner, pairs in by_owner.items():
        for some in _in_lots(pairs):
            keys = fetch_keys(owner, list(some))
            if keys:
                with database.begin() as tx:
                    vault.keep_keys(tx, keys)


def _in_lots(pairs: Sequence[Pair]) -> Iterable[Sequence[Pair]]:
    return (pairs[start : start + _KEYS_AT_ONCE] for start in range(0, len(pairs), _KEYS_AT_ONCE))
