"""What one service has said and done about erasing a person: the same decision in each that registry asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Event, Person, Ref


@dataclass(frozen=True, slots=True)
class Against:
    """What stands against an erasure: codes of the service's own list, and the day after which nothing does.

    `until` is None where nobody can know the day: it ends when people end it.
    """

    reasons: tuple[Any, ...] = ()
    until: date | None = None

    @classmethod
    def all_of(cls, several: Iterable[Against]) -> Against:
        """Everything that stands against it; until the last of the days, if all are known."""
        found = [one for one in several if one.reasons]
        days = [one.until for one in found if one.until is not None]
        reasons = tuple(reason for one in found for reason in one.reasons)
        return cls(reasons, max(days) if found and len(days) == len(found) else None)


class ErasureHere(Aggregate):
    """A request for erasure as one service knows it, under the id that registry gave it.

    A subclass names its service and the events that it records. Hearing the same again changes nothing.
    """

    kind = "erasure"
    weighed_as: ClassVar[type[Event]]
    erased_as: ClassVar[type[Event]]
    restricted_as: ClassVar[type[Event]]
    lifted_as: ClassVar[type[Event]]

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.weighed: set[int] = set()
        self.erased: set[int] = set()
        self.restricted: set[int] = set()
        self.lifted: set[int] = set()

    def weigh(self, *, request: int, child: str, against: Against) -> None:
        """Say what stands against it here."""
        if request not in self.weighed:
            said = {"reasons": against.reasons, "until": against.until}
            self.record(self._made(self.weighed_as, request, child=Person(child), **said))

    def erase(self, *, request: int, people: Sequence[str]) -> None:
        """Say that nothing of these people is left here."""
        if request not in self.erased:
            self.record(self._made(self.erased_as, request, people=tuple(map(Person, people))))

    def restrict(self, *, request: int, people: Sequence[str]) -> None:
        """Say that what is kept of these people is closed."""
        if request not in self.restricted:
            self.record(self._made(self.restricted_as, request, people=tuple(map(Person, people))))

    def lift(self, *, request: int, people: Sequence[str]) -> None:
        """Say that what is kept of these people is used again."""
        if request not in self.lifted:
            self.record(self._made(self.lifted_as, request, people=tuple(map(Person, people))))

    def _made(self, kind: type[Event], request: int, **facts: Any) -> Event:
        made: Any = kind
        said: Event = made(erasure=Ref(self.id), request=request, **facts)
        return said

    def _apply_erasure_weighed(self, event: Any) -> None:
        self.weighed.add(event.request)

    def _apply_person_erased(self, event: Any) -> None:
        self.erased.add(event.request)

    def _apply_person_restricted(self, event: Any) -> None:
        self.restricted.add(event.request)

    def _apply_restriction_lifted(self, event: Any) -> None:
        self.lifted.add(event.request)
