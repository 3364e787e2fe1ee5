"""What two people read together of who is restricted: each reading is an event of the service that it was read in.

Unlike other readings of sensitive records it is never taken together with one before: every one is recorded.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from shared.access.principals import Call
from shared.eventstore.work import Desk, Work
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Event, Person, PublicText, Ref, event


@event("log.restricted_read", version=1)
@dataclass(frozen=True, kw_only=True)
class RestrictedRead(Event):
    """The actor read at a door what is restricted about a child and its card, by an opening. Private to the service."""

    opening: Ref
    child: Person
    door: PublicText


class OpenedReadings(Aggregate):
    """All readings by one opening in one service."""

    kind = "opened_readings"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.readings = 0

    def read(self, child: str, door: str) -> None:
        """Note one more."""
        self.record(RestrictedRead(opening=Ref(self.id), child=Person(child), door=PublicText(door)))

    def _apply_restricted_read(self, _: RestrictedRead) -> None:
        self.readings += 1


EVENTS: tuple[type[Event], ...] = (RestrictedRead,)


@functools.cache
def readings_of(service: str) -> type[OpenedReadings]:
    """The aggregate as it stands in the log of one service."""
    return type("OpenedReadings", (OpenedReadings,), {"service": service})


def note(desk: Desk, service: str, call: Call[Any], door: str) -> None:
    """Record a reading for each opening by which a cleared query read."""
    for opening, child in sorted(call.opened.items()):
        noting = call.asking(call.data, f"read by {opening}")
        noting.clearance.extend(call.clearance)

        def decide(work: Work, opening: str = opening, child: str = child) -> OpenedReadings:
            it = work.find(readings_of(service), opening)
            it.read(child, door)
            return it

        desk.decide(noting.order(), decide)
