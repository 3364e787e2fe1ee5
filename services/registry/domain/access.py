"""Who read which sensitive records: one stream for each reader and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.registry.domain.codes import AccessKind
from services.registry.domain.events import RecordsRead
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person

COALESCED = 15
"""Minutes within which the same reader's reading of the same record is one access."""


def access_id(actor: str, day: date) -> str:
    """The id of a reader's accesses on a day."""
    return derived_id(f"{actor}\x1f{day.isoformat()}", "registry.access")


class AccessLog(Aggregate):
    """What one reader read on one day."""

    service, kind = "registry", "access"
    fold = 1

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.last: dict[tuple[AccessKind, str], int] = {}

    def read(self, people: Sequence[str], what: AccessKind, *, minute: int) -> None:
        """Sensitive records of these people were read at a minute of the day."""
        fresh = [one for one in people if minute - self.last.get((what, one), -COALESCED) >= COALESCED]
        if fresh:
            self.record(RecordsRead(people=tuple(Person(one) for one in fresh), what=what, minute=minute))

    def kept(self) -> dict[str, Any]:
        """When whose records were last read, by kind. References only."""
        return {"last": [[what, one, minute] for (what, one), minute in sorted(self.last.items())]}

    def restore(self, state: dict[str, Any]) -> None:
        """Take the state that was kept."""
        self.last = {(AccessKind(what), one): minute for what, one, minute in state["last"]}

    def _apply_records_read(self, it: RecordsRead) -> None:
        self.last |= {(it.what, one): it.minute for one in it.people}
