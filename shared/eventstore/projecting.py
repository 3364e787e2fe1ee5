"""Projectors: events become rows. A projector never decides and never refuses; it writes what the event says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection, MetaData

from shared.eventstore.rows import Rows
from shared.kernel.messages import PURPOSES, Event, Recorded

Projection = Callable[[Any, Any, Recorded], None]
P = TypeVar("P", bound=Projection)


class Projector:
    """One set of view tables and the functions that feed them, one for each type of event.

    An event of the owner's domain and its counterpart in the published language have the same stored type and the same
    fields, so the same function serves both.

        views = Projector("registry.children", metadata)

        @views.when(ChildRegistered)
        def _(rows, event, recorded): ...

    `opens` are the purposes whose personal fields its rows are made of, all where it is not said. A rebuild opens no
    others, so rows must not depend on them in any way.
    """

    def __init__(self, name: str, metadata: MetaData, *, opens: Collection[str] | None = None) -> None:
        self.name = name
        self.metadata = metadata
        self.opens = frozenset(PURPOSES if opens is None else opens)
        self._functions: dict[str, Projection] = {}

    def when(self, *classes: type[Event]) -> Callable[[P], P]:
        """Register a function `(rows, event, recorded)` for events of these classes."""

        def register(function: P) -> P:
            for one in classes:
                if one.type in self._functions:
                    raise ValueError(f"{self.name} hears {one.type} twice")
                self._functions[one.type] = function
            return function

        return register

    @property
    def hears(self) -> frozenset[str]:
        """The stored types that it has a function for."""
        return frozenset(self._functions)

    def apply(self, rows: Rows, recorded: Recorded) -> None:
        """Say what the event makes of the rows. Events that it does not hear pass by."""
        function = self._functions.get(recorded.event.type)
        if function is not None:
            function(rows, recorded.event, recorded)

    def effect(self, tx: Connection, recorded: Recorded) -> None:
        """Write what one event says."""
        rows = Rows(tx)
        self.apply(rows, recorded)
        rows.write()


def apply_all(projectors: Iterable[Projector], tx: Connection, recorded: Iterable[Recorded]) -> None:
    """Show each event to each projector, in the order of the log, and write what came of all."""
    listening, rows = tuple(projectors), Rows(tx)
    for one in recorded:
        for projector in listening:
            projector.apply(rows, one)
    rows.write()


def takers(projectors: Iterable[Projector]) -> Callable[[str, str], bool]:
    """Whether one of the projectors takes personal fields of a purpose out of events of a stored type."""
    found: dict[str, set[str]] = {}
    for projector in projectors:
        for kind in projector.hears:
            found.setdefault(kind, set()).update(projector.opens)
    return lambda kind, purpose: purpose in found.get(kind, ())


class Reactor(Projector):
    """The reactions of a service to a neighbour's events: each gives a command of its own within the transaction.

    Its functions take `(tx, event, recorded)`. Reactions start at the head of the log, run once in effect, and never
    run in a replay.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, MetaData())

    def effect(self, tx: Connection, recorded: Recorded) -> None:
        """Give the command that the event asks for."""
        function = self._functions.get(recorded.event.type)
        if function is not None:
            function(tx, recorded.event, recorded)
