"""Dropping: a parked event is given up, and the service's own log says so for good: which one, by whom, and why.

The reason is a code: words about an event would be words about a child, and what stands in a log stands for ever.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Event, PublicText, Ref, event
from shared.messaging.parking import Parked


class DropReason(StrEnum):
    """Why a parked event is not applied."""

    DONE_BY_HAND = "done_by_hand"
    OVERTAKEN = "overtaken"
    DUPLICATE = "duplicate"
    MISTAKE_OF_SOURCE = "mistake_of_source"
    NOT_NEEDED = "not_needed"


@event("log.parked_dropped", version=1)
@dataclass(frozen=True, kw_only=True)
class ParkedDropped(Event):
    """A neighbour's event that this service had parked will not be applied.

    `dropped` is the event's id, `position` its place in the source's log, `kind` its stored type; `error` is the kind
    and place of what went wrong when it was tried last. Private to the service that records it.
    """

    dropped: Ref
    source: PublicText
    position: int
    projector: PublicText
    kind: PublicText
    error: PublicText
    attempts: int
    reason: DropReason


class ParkedEvent(Aggregate):
    """What a service has decided about a neighbour's event for one of its projectors."""

    kind = "parked"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.dropped = False

    def drop(self, one: Parked, reason: DropReason) -> None:
        """Give it up. It may be parked anew after a rebuild, and is then dropped anew."""
        self.record(
            ParkedDropped(
                dropped=Ref(one.event_id),
                source=PublicText(one.source),
                position=one.position,
                projector=PublicText(one.projector),
                kind=PublicText(one.type),
                error=PublicText(one.error),
                attempts=one.attempts,
                reason=reason,
            )
        )

    def _apply_parked_dropped(self, event: ParkedDropped) -> None:
        self.dropped = True


EVENTS: tuple[type[Event], ...] = (ParkedDropped,)
"""What every service may record besides its own events."""


@functools.cache
def parked_event_of(service: str) -> type[ParkedEvent]:
    """The aggregate as it stands in the log of one service."""
    return type("ParkedEvent", (ParkedEvent,), {"service": service})


def parked_id(event_id: str, projector: str) -> str:
    """The id of what is decided about an event for a projector."""
    return derived_id(f"{event_id}\x1f{projector}", "log.parked")
