"""Who read which contact card: one stream for each reader and day."""

from __future__ import annotations

from datetime import date

from services.alerts.domain.events import CardRead
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person

COALESCED = 15
"""Minutes within which the same reader's reading of the same card is one reading."""


def readings_id(actor: str, day: date) -> str:
    """The id of a reader's readings on a day."""
    return derived_id(f"{actor}\x1f{day.isoformat()}", "alerts.readings")


class Readings(Aggregate):
    """What one reader read on one day."""

    service = "alerts"
    kind = "readings"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.last: dict[str, int] = {}

    def read(self, child: str, *, minute: int) -> None:
        """The card of this child was read at a minute of the day."""
        if minute - self.last.get(child, -COALESCED) >= COALESCED:
            self.record(CardRead(child=Person(child), minute=minute))

    def _apply_card_read(self, event: CardRead) -> None:
        self.last[event.child] = event.minute
