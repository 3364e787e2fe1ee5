"""Aggregates: load from events, decide, record. A decision refuses or records; applying only sets fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, ClassVar, Self

from shared.kernel.ids import stream_of
from shared.kernel.messages import Event

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


class Aggregate:
    """A thing with a history of its own.

    A subclass names its `service` and `kind`, has one method for each decision and one `_apply_<event>` for each of
    its events (`_apply_child_registered` for `ChildRegistered`). An event that changes nothing that a decision needs
    still has its `_apply_…`: replay must never meet a surprise.
    """

    service: ClassVar[str]
    kind: ClassVar[str]
    fold: ClassVar[int] = 0
    """The version of its fold, raised whenever what it keeps would be another; 0: it is never kept in a snapshot.

    Only aggregates whose streams grow long and whose state holds nothing personal are kept.
    """

    def __init__(self, aggregate_id: str) -> None:
        self.id = aggregate_id
        self.version = 0
        self.recorded: list[Event] = []

    @property
    def stream(self) -> str:
        """The name of this aggregate's stream."""
        return stream_of(self.service, self.kind, self.id)

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded of it."""
        return self.version > 0 or bool(self.recorded)

    @classmethod
    def replayed(
        cls, aggregate_id: str, events: Iterable[Event], *, since: tuple[int, dict[str, Any]] | None = None
    ) -> Self:
        """The aggregate after these events, with nothing newly recorded.

        `since` is what was kept of it, with the version that it then had: the events are those that followed.
        """
        it = cls(aggregate_id)
        if since is not None:
            it.version = since[0]
            it.restore(since[1])
        for one in events:
            _applying(cls, type(one))(it, one)  # type: ignore[arg-type]  # a class is hashable
            it.version += 1
        return it

    def record(self, one: Event) -> None:
        """Apply an event and keep it to be appended."""
        self._apply(one)
        self.recorded.append(one)

    def kept(self) -> dict[str, Any]:
        """Its state as JSON values, for a snapshot. Only where `fold` is not 0."""
        raise NotImplementedError(f"{type(self).__name__} is never kept")

    def restore(self, state: dict[str, Any]) -> None:
        """Take the state that `kept` gave."""
        raise NotImplementedError(f"{type(self).__name__} is never kept")

    def _apply(self, one: Event) -> None:
        _applying(type(self), type(one))(self, one)  # type: ignore[arg-type]  # a class is hashable


@cache
def _applying(kind: type[Aggregate], event: type[Event]) -> Callable[[Any, Event], object]:
    """The function of an aggregate that applies events of a class."""
    found: Callable[[Any, Event], object] = getattr(kind, f"_apply_{snake(event.__name__)}")
    return found


def snake(name: str) -> str:
    """`ChildRegistered` → `child_registered`."""
    return _WORD.sub("_", name).lower()
