"""Deciding: a source's log was restored and is not what this service had followed; somebody says that it goes on.

What was heard beyond the restored log is gone there and will not come again: no program may decide that this is right.
The service's own log keeps who did.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Event, PublicText, Ref, event


@event("log.source_accepted", version=1)
@dataclass(frozen=True, kw_only=True)
class SourceAccepted(Event):
    """A source's new epoch is followed, and its log witnessed, from the size on with which that epoch began.

    `epoch` is the source's new epoch, `size` how many entries its log had when it began, `seen` how many this service
    had heard of the log before; where that is more, the difference is lost. Private to the service that records it.
    """

    source: PublicText
    epoch: Ref
    size: int
    seen: int


class FollowedLog(Aggregate):
    """What a service has decided about the log of a neighbour."""

    kind = "followed_log"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.epoch: str | None = None

    def accept(self, source: str, epoch: str, size: int, seen: int) -> None:
        """Go on in a new epoch. One that is accepted already is left as it is."""
        if self.epoch != epoch:
            self.record(SourceAccepted(source=PublicText(source), epoch=Ref(epoch), size=size, seen=seen))

    def _apply_source_accepted(self, event: SourceAccepted) -> None:
        self.epoch = event.epoch


EVENTS: tuple[type[Event], ...] = (SourceAccepted,)


@functools.cache
def followed_log_of(service: str) -> type[FollowedLog]:
    """The aggregate as it stands in the log of one service."""
    return type("FollowedLog", (FollowedLog,), {"service": service})


def followed_log_id(service: str, source: str) -> str:
    """The id of what a service decides about a source."""
    return derived_id(f"{service}\x1f{source}", "log.followed")
