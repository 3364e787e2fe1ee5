"""A trouble of the house itself: one service does not hear another, or cannot apply what it says.

One for each reader, source and kind, raised and resolved as often as it comes and goes: its stream is its story.
"""

from __future__ import annotations

from services.alerts.domain.codes import Part, TroubleKind
from services.alerts.domain.events import TroubleRaised, TroubleResolved
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Ref


def trouble_id(kind: TroubleKind, reader: Part, source: Part) -> str:
    """The id of the trouble of a kind that a reader has with a source."""
    return derived_id(f"{kind}\x1f{reader}\x1f{source}", "alerts.trouble")


class Trouble(Aggregate):
    """One trouble."""

    service = "alerts"
    kind = "trouble"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.open = False

    def rise(self, kind: TroubleKind, *, reader: Part, source: Part) -> None:
        """It is met. Where it is open already, nothing changes."""
        if not self.open:
            self.record(TroubleRaised(trouble=Ref(self.id), kind=kind, reader=reader, source=source))

    def resolve(self) -> None:
        """It is over. Where it is not open, nothing changes."""
        if self.open:
            self.record(TroubleResolved(trouble=Ref(self.id)))

    def _apply_trouble_raised(self, event: TroubleRaised) -> None:
        self.open = True

    def _apply_trouble_resolved(self, event: TroubleResolved) -> None:
        self.open = False
