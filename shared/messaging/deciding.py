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
from shared.ledger.witnessing import Left


@event("log.source_accepted", version=1)
@dataclass(frozen=True, kw_only=True)
class SourceAccepted(Event):
    """A source's new epoch is followed, and its log witnessed, from the size on that both epochs share.

    `epoch` is the source's new epoch, `size` how many entries it has in common with what was followed before, `seen`
    how many this service had heard of the log; where that is more, the difference is lost. Private to the service that
    records it.
    """

    source: PublicText
    epoch: Ref
    size: int
    seen: int


@event("log.witnessing_begun", version=1)
@dataclass(frozen=True, kw_only=True)
class WitnessingBegun(Event):
    """A source's log is cosigned again where it continues its checkpoint of `size` entries, 0 for none.

    What this service had cosigned beyond it, up to `lost_size` entries under the root `lost_root` (hex), the log does
    not continue: it stays as evidence of what was lost. Private to the service that records it.
    """

    source: PublicText
    size: int
    lost_size: int
    lost_root: PublicText


class FollowedLog(Aggregate):
    """What a service has decided about the log of a neighbour."""

    kind = "followed_log"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.epoch: str | None = None
        self.accepted: list[int] = []
        """The sizes from which it went on, in the order in which that was decided."""

    def accept(self, source: str, epoch: str, size: int, seen: int) -> None:
        """Go on in an epoch from a size. What is accepted already is left as it is."""
        if self.epoch != epoch or size not in self.accepted:
            self.record(SourceAccepted(source=PublicText(source), epoch=Ref(epoch), size=size, seen=seen))

    def witness_anew(self, source: str, left: Left) -> None:
        """Say that the log need not continue any more what was cosigned last."""
        self.record(
            WitnessingBegun(
                source=PublicText(source),
                size=left.size,
                lost_size=left.lost.size,
                lost_root=PublicText(left.lost.root.hex()),
            )
        )

    def _apply_source_accepted(self, event: SourceAccepted) -> None:
        self.epoch = event.epoch
        self.accepted.append(event.size)

    def _apply_witnessing_begun(self, event: WitnessingBegun) -> None:
        pass


EVENTS: tuple[type[Event], ...] = (SourceAccepted, WitnessingBegun)


@functools.cache
def followed_log_of(service: str) -> type[FollowedLog]:
    """The aggregate as it stands in the log of one service."""
    return type("FollowedLog", (FollowedLog,), {"service": service})


def followed_log_id(service: str, source: str) -> str:
    """The id of what a service decides about a source."""
    return derived_id(f"{service}\x1f{source}", "log.followed")
