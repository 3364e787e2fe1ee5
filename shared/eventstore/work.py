"""Work: load aggregates, let them decide, append what they recorded and project it, in one transaction.

A handler gives its decision as a function, so that the desk can load and decide again when someone else was faster:

    def close(work: Work) -> Case:
        case = work.load(Case, command.case)
        case.close(reason=command.reason)
        return case

    return self.desk.decide(call, close)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from shared.eventstore.appending import AlreadyAccepted, ConcurrencyConflict, meaning
from shared.eventstore.projecting import Projector, apply_all
from shared.eventstore.snapshots import crossed
from shared.eventstore.store import Answered, Batch, EventStore, Stub
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import id_in
from shared.kernel.messages import Cause, Recorded
from shared.kernel.refusals import Changed, NotFound, Refusal
from shared.ledger.canonical import canonical
from shared.storage.database import Database

A = TypeVar("A", bound=Aggregate)
ATTEMPTS = 5
"""How often a decision is taken anew when another writer was faster."""
MOST_EVENTS = 1000
"""The most events that one command may record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command on its way to a decision.

    `content` is what the client said, for the digest that tells a repetition from a reuse of its id; `expected` is the
    version that the client saw (`If-Match`); `within` is a transaction that the decision must join (a reaction's).
    """

    cause: Cause
    content: dict[str, Any]
    expected: int | None = None
    within: Connection | None = None
    cleared: Callable[[], bool] = field(default=lambda: True)


class Work:
    """What one decision has loaded and will record."""

    def __init__(self, tx: Connection, store: EventStore, order: Order) -> None:
        self.tx = tx
        self._store = store
        self._order = order
        self._loaded: dict[str, Aggregate] = {}

    def load(self, kind: type[A], aggregate_id: str, *, opened: bool = False) -> A:
        """An aggregate that must exist. Raises NotFound."""
        it = self.find(kind, aggregate_id, opened=opened)
        if not it.exists:
            raise NotFound(kind.kind, id=aggregate_id)
        return it

    def find(self, kind: type[A], aggregate_id: str, *, opened: bool = False) -> A:
        """An aggregate as its history has it, which may be none at all."""
        known = self._loaded.get(kind(aggregate_id).stream)
        if isinstance(known, kind):
            return known
        stream = kind(aggregate_id).stream
        it = self._store.aggregate(self.tx, kind, aggregate_id, opened=opened)
        self._loaded[stream] = it
        return it

    def find_all(self, kind: type[A], ids: Sequence[str], *, opened: bool = False) -> dict[str, A]:
        """Several aggregates in one query, by id."""
        missing = [one for one in ids if kind(one).stream not in self._loaded]
        streams = [kind(one).stream for one in missing]
        histories = self._store.histories(self.tx, streams, opened=opened) if missing else {}
        for one in missing:
            stream = kind(one).stream
            self._loaded[stream] = kind.replayed(one, histories[stream])
        return {one: self.find(kind, one) for one in ids}

    def expect(self, it: Aggregate) -> None:
        """Raise Changed when the client saw another version of this aggregate than the present one."""
        expected = self._order.expected
        if expected is not None and expected != it.version:
            raise Changed(it.stream, expected, it.version)

    def keep(self) -> None:
        """Keep snapshots of those long streams that have just passed a multiple of a thousand events."""
        for it in self._loaded.values():
            if it.fold and it.recorded and crossed(it.version, it.version + len(it.recorded)):
                self._store.keep(self.tx, type(it), it.id)

    def batches(self) -> list[Batch]:
        """What the loaded aggregates have recorded, in the order of their streams."""
        return [
            Batch(stream=stream, expected=it.version, events=tuple(it.recorded))
            for stream, it in sorted(self._loaded.items())
            if it.recorded
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What came of a command: the aggregate it was about, its version, the events. None: nothing to do."""

    id: str | None
    version: int
    events: tuple[Stub, ...]
    repeated: bool = False

    def as_answer(self) -> dict[str, Any]:
        """The answer that a door gives."""
        return {
            "id": self.id,
            "version": self.version,
            "repeated": self.repeated,
            "events": [
                {"id": one.id, "type": one.type, "stream": one.stream, "version": one.stream_version}
                for one in self.events
            ],
        }


class Desk:
    """Where a service decides. `projectors` write its own views, claims and timers."""

    def __init__(self, database: Database, store: EventStore, projectors: Iterable[Projector]) -> None:
        self.database, self.store = database, store
        self.projectors = tuple(projectors)
        self._after_commit: list[Callable[[], None]] = []

    def after_commit(self, kick: Callable[[], None]) -> None:
        """Call `kick` after each commit that appended something (it wakes the sequencer and the relay)."""
        self._after_commit.append(kick)

    def decide(self, order: Order, decision: Callable[[Work], Aggregate]) -> Decision:
        """Take a decision and commit it. Raises Refusal when it is refused; nothing is left behind then.

        A repeated command is answered from its events. Without `expected`, a decision that meets a concurrent change
        is taken anew, at most five times; with it, the change is refused by name.
        """
        digest = self.store.vault.keyring.digest(canonical(order.content))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._transaction(order) as tx:
                    result = self._once(tx, order, digest, decision)
            except (ConcurrencyConflict, AlreadyAccepted, DBAPIError) as error:
                clash = meaning(error) if isinstance(error, DBAPIError) else error
                _give_up(clash, order, last=attempt == ATTEMPTS)
            else:
                if result.events and not result.repeated and order.within is None:
                    self.kick()
                return result
        raise AssertionError("unreachable")

    def kick(self) -> None:
        """Say that something was committed."""
        for one in self._after_commit:
            one()

    def _transaction(self, order: Order) -> AbstractContextManager[Connection]:
        # Patient, because nothing here asks what a write came to: a refusal undoes all, and is as good at the commit.
        return nullcontext(order.within) if order.within is not None else self.database.begin(patient=True)

    def _once(self, tx: Connection, order: Order, digest: bytes, decision: Callable[[Work], Aggregate]) -> Decision:
        actor, command_id = order.cause.actor.id, order.cause.command_id
        before = self.store.answer(tx, actor, command_id)
        if before is not None:
            if before.digest != digest:
                raise Refusal("command_id_reused", command_id=command_id)
            return _repeated(before)
        work = Work(tx, self.store, order)
        about = decision(work)
        if not order.cleared():
            raise AssertionError("a handler decided without asking for permission")
        batches = work.batches()
        if sum(len(one.events) for one in batches) > MOST_EVENTS:
            raise Refusal("too_many_events", most=MOST_EVENTS)
        recorded = self.store.append(tx, batches, order.cause, digest, about.stream) if batches else []
        work.keep()
        apply_all(self.projectors, tx, recorded)
        return Decision(id=about.id, version=about.version + len(about.recorded), events=_stubs(recorded))


def _give_up(clash: Exception, order: Order, *, last: bool) -> None:
    """Raise where a decision cannot be taken anew: within another's transaction, at the last try, or for no use."""
    if order.within is not None:
        raise clash
    if isinstance(clash, ConcurrencyConflict):
        if last or order.expected is not None:
            raise Changed(clash.stream, clash.expected, clash.actual) from clash
        return
    # A connection that was cut: whether the command was committed before, its id tells the next try.
    passing = isinstance(clash, AlreadyAccepted) or (isinstance(clash, DBAPIError) and clash.connection_invalidated)
    if last or not passing:
        raise clash


def _stubs(recorded: Sequence[Recorded]) -> tuple[Stub, ...]:
    return tuple(
        Stub(id=one.id, type=one.event.type, stream=one.stream, stream_version=one.stream_version) for one in recorded
    )


def _repeated(before: Answered) -> Decision:
    version = max((one.stream_version for one in before.events if one.stream == before.subject), default=0)
    return Decision(id=id_in(before.subject), version=version, events=before.events, repeated=True)
