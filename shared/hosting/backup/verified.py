"""That a backup was verified: kept in the log of the service that it is of, so that anybody can see how old it is.

Whoever verifies a backup says what it holds; the service compares that with its own log and believes nothing else. So
a backup of another log, or of one that was cut since, is no backup of this one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from shared.access.principals import Call
from shared.eventstore.work import Decision, Work
from shared.hosting.backup.events import Backups, backups_id, backups_of
from shared.hosting.foundation import Foundation, Rooms
from shared.kernel.refusals import Refusal
from shared.messaging.epochs import epochs_of
from shared.storage.columns import instant_text

Asked = Call[dict[str, Any]]


def record(rooms: Rooms[Any, Any], call: Asked) -> Decision:
    """Record that a backup of this service was verified.

    Raises Refusal `log.backup_of_another_log` {size, epoch} where this log has not that root at that size, or never
    was in that epoch.
    """
    base, asked = rooms.base, call.data
    size, root, epoch = asked["size"], asked["root"], asked["epoch"]

    def decide(work: Work) -> Backups:
        rooms.gate.clear(work.tx, call, anywhere=True)
        tree, known = base.store.tree, {one for one, _ in epochs_of(work.tx)}
        if epoch not in known or size > tree.size(work.tx) or tree.root(work.tx, size).hex() != root:
            raise Refusal("log.backup_of_another_log", size=size, epoch=epoch)
        it = work.find(backups_of(base.name), backups_id(base.name, base.clock.now().year))
        it.verified(size, root, epoch, instant_text(asked["taken"]))
        return it

    return base.desk.decide(call.order(), decide)


def last_verified(base: Foundation, tx: Connection) -> dict[str, Any] | None:
    """The backup that was verified last: `{size, root, epoch, taken, time, by, behind}`; None where none was.

    `behind` is how many entries the log has that it lacks. Looks back to the beginning of the year before.
    """
    year = base.clock.now().year
    for one in (year, year - 1):
        found = base.store.stream(tx, backups_of(base.name)(backups_id(base.name, one)).stream)
        if found:
            last = found[-1]
            data: dict[str, Any] = dict(vars(last.event))
            who = {"time": instant_text(last.time), "by": last.cause.actor.id}
            return data | who | {"behind": base.store.size(tx) - data["size"]}
    return None
