"""The epochs of a log, and how much of it is the same in two of them.

A restored log goes on from its backup in a new epoch. Whoever followed it in an older one shares with it what lies
before every restore since then, and nothing more: two restores in a row may have gone back to different places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from shared.eventstore import tables as t

Epoch = tuple[str, int]
"""An epoch's id, and the size that the log had when it began."""
MOST_EPOCHS = 32
"""Epochs that a log tells of, the newest first. No log is restored more often without somebody starting anew."""


def epochs_of(tx: Connection) -> list[Epoch]:
    """The epochs of this service's log, the present one first."""
    newest = select(t.epochs.c.epoch, t.epochs.c.size).order_by(t.epochs.c.number.desc()).limit(MOST_EPOCHS)
    return [(row.epoch, row.size) for row in tx.execute(newest)]


def shared_size(epochs: Sequence[Epoch], followed: str, accepted: Iterable[int] = ()) -> int:
    """How many entries the log has in common with what was followed of it in the epoch `followed`.

    `epochs` are the log's, the present one first. An epoch that they do not name came from another backup of the same
    log: then the restores that were `accepted` here (the sizes that they went on from) count too.
    """
    newer: list[int] = []
    for epoch, began in epochs:
        if epoch == followed:
            return min(newer, default=began)
        newer.append(began)
    # The oldest epoch is the log's birth, which took nothing away; a log that has no other is a new one.
    restores = newer if len(newer) in (1, MOST_EPOCHS) else newer[:-1]
    return min([*restores, *accepted], default=0)
