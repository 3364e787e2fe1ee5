"""Who read confidential notes: one stream for each reader and day."""

from __future__ import annotations

from datetime import date

from services.casework.domain.codes import AccessKind
from services.casework.domain.events import RecordsRead
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person, Ref

COALESCED = 15
"""Minutes within which the same reader's reading of the same case is one access."""


def access_id(actor: str, day: date) -> str:
    """The id of a reader's accesses on a day."""
    return derived_id(f"{actor}\x1f{day.isoformat()}", "casework.access")


class AccessLog(Aggregate):
    """What one reader read on one day."""

    service, kind = "casework", "access"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.last: dict[tuple[AccessKind, str], int] = {}

    def read(self, *, child: str, case: str, what: AccessKind, minute: int) -> None:
        """Sensitive records of a child's case were read at a minute of the day."""
        if minute - self.last.get((what, case), -COALESCED) >= COALESCED:
            self.record(RecordsRead(people=(Person(child),), what=what, case=Ref(case), minute=minute))

    def _apply_records_read(self, it: RecordsRead) -> None:
        self.last[it.what, it.case] = it.minute
