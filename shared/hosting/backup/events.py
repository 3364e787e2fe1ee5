"""What a service records of its backups: that one was verified."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Event, PublicText, Ref, event


@event("log.backup_verified", version=1)
@dataclass(frozen=True, kw_only=True)
class BackupVerified(Event):
    """A backup of this log was read whole: every file, every row, and the root over all of its entries.

    `size`, `root` (hex) and `epoch` are those of the log in the backup, `taken` is when it was taken (RFC 3339).
    Private to the service that records it.
    """

    size: int
    root: PublicText
    epoch: Ref
    taken: PublicText


class Backups(Aggregate):
    """The backups of one service that were verified in one year."""

    kind = "backups"

    def verified(self, size: int, root: str, epoch: str, taken: str) -> None:
        """Say that one was. It may be verified again and again."""
        self.record(BackupVerified(size=size, root=PublicText(root), epoch=Ref(epoch), taken=PublicText(taken)))

    def _apply_backup_verified(self, event: BackupVerified) -> None:
        pass


EVENTS: tuple[type[Event], ...] = (BackupVerified,)


@functools.cache
def backups_of(service: str) -> type[Backups]:
    """The aggregate as it stands in the log of one service."""
    return type("Backups", (Backups,), {"service": service})


def backups_id(service: str, year: int) -> str:
    """The id of what is recorded of a service's backups in a year."""
    return derived_id(f"{service}\x1f{year}", "log.backups")
