"""The event store: append, and read by stream, by person, by command and by position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, bindparam, select, true

from shared.eventstore import appending, snapshots
from shared.eventstore import tables as t
from shared.eventstore.codec import Codec, entry_of, shared_facts
from shared.eventstore.entries import Unread, list_of
from shared.eventstore.streams import entries_of
from shared.kernel.aggregate import Aggregate
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id, stream_of
from shared.kernel.messages import Cause, Event, Noted, Recorded
from shared.kernel.refusals import Refusal
from shared.ledger import tables as ledger
from shared.ledger.bundles import LONGEST
from shared.ledger.canonical import canonical
from shared.ledger.merkle import leaf_hash
from shared.ledger.tree import Tree
from shared.storage.database import BINARY
from shared.vault.attachments import Attachments
from shared.vault.vault import SealRequest, Vault

A = TypeVar("A", bound=Aggregate)
Reading = Callable[[], AbstractContextManager[Connection]]
"""Gives a transaction in which to read."""
Taken = Callable[[str, str], bool]
"""Whether personal fields of a purpose are taken out of events of a stored type: (type, purpose)."""


def _everything(_type: str, _purpose: str) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The events to append to one stream, which must stand at `expected` (0: it does not exist yet)."""

    stream: str
    expected: int
    events: Sequence[Event]


class LogRow(NamedTuple):
    """One place in the log: the entry as it was written and its leaf hash."""

    position: int
    id: str
    type: str
    entry: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """What an event was, without its content: enough to answer a repeated command."""

    id: str
    type: str
    stream: str
    stream_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An accepted command: the digest of what it said, the stream that it was about, its events."""

    digest: bytes
    subject: str
    events: tuple[Stub, ...]


class EventStore:
    """A service's history.

    `source` names the log: `<deployment>/<service>`. Every method works within a transaction that the caller holds,
    because events and own views are committed together.
    """

    def __init__(self, codec: Codec, vault: Vault, tree: Tree, clock: Clock, *, service: str, source: str) -> None:
        self.codec, self.vault, self.tree, self.clock = codec, vault, tree, clock
        self.service, self.source = service, source
        self.attachments = Attachments(vault, clock)

    def append(
        self, tx: Connection, batches: Sequence[Batch], cause: Cause, digest: bytes, subject: str
    ) -> list[Recorded]:
        """Append the batches for one command, all or nothing, and give the events as they were recorded.

        `digest` is of what the command said; `subject` is the stream that it was about.
        Raises ConcurrencyConflict when a stream has moved and AlreadyAccepted when the command was accepted already,
        and Refusal `entry_too_long` on an entry that no bundle of `tlog-tiles` could hold.
        """
        now = self.clock.now()
        recorded: list[Recorded] = []
        for batch in batches:
            for offset, event in enumerate(batch.events, 1):
                recorded.append(self._recorded(event, batch.stream, batch.expected + offset, now, cause))
        rows = self._rows(tx, recorded, now, cause)
        command = appending.Accepted(cause.actor.id, cause.command_id, digest, subject, now)
        appending.append(tx, {one.stream: one.expected for one in batches}, rows, command)
        if tx.dialect.name == "sqlite":
            self.tree.grow(tx, [(row.id, leaf_hash(row.entry)) for row in rows], *self.tree.head(tx))
        return recorded

    def _recorded(self, event: Event, stream: str, version: int, now: datetime, cause: Cause) -> Recorded:
        persons = tuple(event.persons())
        return Noted(event, new_id(now), stream, version, self.source, now, cause, persons)

    def _rows(self, tx: Connection, recorded: Sequence[Recorded], now: datetime, cause: Cause) -> list[appending.Row]:
        split = [self.codec.split(one.event) for one in recorded]
        requests = [
            SealRequest(event_id=one.id, part=part, person=person, purpose=purpose, content=content)
            for one, (_, parts) in zip(recorded, split, strict=True)
            for part, (person, purpose, content) in parts.items()
        ]
        references: dict[str, list[dict[str, str]]] = {}
        for request, sealed in zip(requests, self.vault.seal(tx, requests) if requests else [], strict=True):
            references.setdefault(request.event_id, []).append(sealed.reference())
        for one in recorded:
            for attachment, part, person, purpose in self.codec.files(one.event):
                kept = self.attachments.keep(tx, attachment, event_id=one.id, part=part, person=person, purpose=purpose)
                references.setdefault(one.id, []).append(kept.reference())
        rows, facts = [], shared_facts(self.source, now, cause)
        for one, (data, _) in zip(recorded, split, strict=True):
            written = canonical(entry_of(one, facts, data=data, sealed=references.get(one.id, [])))
            if len(written) > LONGEST:
                raise Refusal("entry_too_long", type=one.event.type, bytes=len(written), most=LONGEST)
            rows.append(appending.Row(one.id, one.stream, one.stream_version, one.event.type, one.persons, written))
        return rows

    def stream(self, tx: Connection, stream: str, *, after: int = 0, opened: bool = False) -> list[Recorded]:
        """The events of a stream in order. With `opened`, personal fields are opened where this service may."""
        return self._read(tx, entries_of(tx, [stream], after), opened)

    def streams(self, tx: Connection, streams: Sequence[str], *, opened: bool = False) -> dict[str, list[Recorded]]:
        """The events of several streams, in one query."""
        found: dict[str, list[Recorded]] = {one: [] for one in streams}
        for one in self._read(tx, entries_of(tx, streams), opened):
            found[one.stream].append(one)
        return found

    def histories(
        self, tx: Connection, streams: Sequence[str], *, after: int = 0, opened: bool = False
    ) -> dict[str, list[Event]]:
        """The bare events of several streams, in one query: all that an aggregate needs to be replayed."""
        rows = entries_of(tx, streams, after)
        found: dict[str, list[Event]] = {one: [] for one in streams}
        if opened:
            for entry in self._read(tx, rows, opened):
                found[entry.stream].append(entry.event)
            return found
        for stream, event in self.codec.bare(list_of(rows)):
            found[stream].append(event)
        return found

    def aggregate(self, tx: Connection, kind: type[A], aggregate_id: str, *, opened: bool = False) -> A:
        """An aggregate as its history has it. A long history that needs no personal field begins at its snapshot."""
        stream = stream_of(kind.service, kind.kind, aggregate_id)
        kept = snapshots.read(tx, stream, kind.fold) if kind.fold and not opened else None
        after = kept.version if kept else 0
        events = self.histories(tx, [stream], after=after, opened=opened)[stream]
        return kind.replayed(aggregate_id, events, since=(kept.version, kept.state) if kept else None)

    def keep(self, tx: Connection, kind: type[Aggregate], aggregate_id: str) -> None:
        """Keep a snapshot of an aggregate. It is made of the closed history, so that nothing personal is in it."""
        it = self.aggregate(tx, kind, aggregate_id)
        snapshots.write(tx, it.stream, kind.fold, it.version, it.kept())

    def of_person(self, tx: Connection, person: str, *, limit: int = 200, opened: bool = False) -> list[Recorded]:
        """The latest events that touch a person, oldest first."""
        query = (
            select(t.events.c.entry)
            .join(t.event_persons, t.event_persons.c.arrival == t.events.c.arrival)
            .where(t.event_persons.c.person == person)
            .order_by(t.events.c.arrival.desc())
            .limit(limit)
        )
        return self._read(tx, list(reversed(tx.execute(query).scalars().all())), opened)

    def answer(self, tx: Connection, actor: str, command_id: str) -> Answered | None:
        """What a command said and came to, if it was accepted."""
        found = tx.execute(_COMMAND, {"actor": actor, "command_id": command_id}).one_or_none()
        if found is None:
            return None
        rows = tx.execute(
            select(t.events.c.id, t.events.c.type, t.events.c.stream, t.events.c.stream_version)
            .where(t.events.c.arrival.between(found.first_arrival, found.last_arrival))
            .where(t.events.c.actor == actor, t.events.c.command_id == command_id)
            .order_by(t.events.c.arrival)
        )
        stubs = tuple(Stub(**row._mapping) for row in rows)
        return Answered(digest=bytes(found.digest), subject=found.subject, events=stubs)

    def size(self, tx: Connection) -> int:
        """How many events have their place in the log."""
        return self.tree.size(tx)

    def log(
        self, tx: Connection, *, after: int = -1, limit: int = 500, types: Sequence[str] | None = None
    ) -> list[LogRow]:
        """Places of the log after a position, in order, at most `limit`; of these types only, where given."""
        position = ledger.log_positions.c
        wanted = t.events.c.type.in_(types) if types is not None else true()
        query = (
            select(position.position, t.events.c.id, t.events.c.type, t.events.c.entry, position.leaf)
            .join(t.events, t.events.c.id == position.event_id)
            .where(position.position > after, wanted)
            .order_by(position.position)
            .limit(limit)
            .execution_options(**BINARY)
        )
        return [LogRow._make(row) for row in tx.execute(query).all()]

    def open(self, tx: Connection, rows: Sequence[LogRow], *, taken: Taken = _everything) -> list[Recorded]:
        """Log rows as recorded events with their `taken` personal fields opened where this service may."""
        return self._read(tx, [row.entry for row in rows], opened=True, taken=taken)

    def attached(self, tx: Connection, event_id: str, attachment: str, *, number: int, count: int) -> bytes | None:
        """A chunk of a file that an event carries, as `Attachments.read` gives it."""
        query = select(t.events.c.entry).where(t.events.c.id == event_id)
        (entry,) = map(self.codec.opened, self.codec.read([bytes(tx.execute(query).scalar_one())]))
        part = next(part for name, part, _, _ in self.codec.files(entry.event) if name == attachment)
        reference = next(one for one in entry.sealed if one["part"] == part)
        return self.attachments.read(tx, attachment, reference, number=number, count=count)

    def recorded(self, reading: Reading, written: bytes, *, taken: Taken = _everything) -> list[Recorded]:
        """A JSON list of entries as recorded events, opened as `open` does in a transaction that `reading` gives.

        There is none where no entry holds anything that is taken.
        """
        return self._recorded_of(reading, written, opened=True, taken=taken)

    def _read(
        self, tx: Connection, entries: Sequence[bytes], opened: bool, taken: Taken = _everything
    ) -> list[Recorded]:
        return self._recorded_of(lambda: nullcontext(tx), list_of(entries), opened=opened, taken=taken)

    def _recorded_of(self, reading: Reading, written: bytes, *, opened: bool, taken: Taken) -> list[Recorded]:
        read: list[Any] = self.codec.listed(written)
        unfinished = [at for at, one in enumerate(read) if one.sealed or type(one) is Unread]
        if not unfinished:
            return read
        sealed = [
            (read[at].id, reference)
            for at in unfinished
            for reference in read[at].sealed
            if opened and taken(read[at].type, reference["purpose"])
        ]
        contents: dict[str, dict[str, dict[str, Any] | None]] = {}
        if sealed:
            with reading() as tx:
                # All at once: a question for each would take longer than everything else.
                for (event_id, part), content in self.vault.open(tx, sealed).items():
                    contents.setdefault(event_id, {})[part] = content
        for at in unfinished:
            read[at] = self.codec.opened(read[at], contents.get(read[at].id))
        return read


# Built once: building it costs more than running it.
_COMMAND = select(
    t.commands.c.digest, t.commands.c.subject, t.commands.c.first_arrival, t.commands.c.last_arrival
).where(t.commands.c.actor == bindparam("actor"), t.commands.c.command_id == bindparam("command_id"))
