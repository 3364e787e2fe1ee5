"""Reading the entries of streams: what every command does before it decides."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from shared.eventstore import tables as t
from shared.storage.database import BINARY
from shared.storage.rows import rows_at_once, rows_of


def entries_of(tx: Connection, streams: Sequence[str], after: int = 0) -> Sequence[bytes]:
    """The entries of streams after a version, stream by stream, in order."""
    if len(streams) == 1:
        return rows_at_once(tx, _OF_STREAM, streams[0], after).column(0)
    return [one for (one,) in rows_of(tx.execute(_OF_STREAMS, {"streams": streams, "after": after}))]


# Built once: building them costs more than running them.
_e = t.events.c
_OF_STREAM = "SELECT entry FROM events WHERE stream = $1 AND stream_version > $2 ORDER BY stream_version"
_OF_STREAMS = (
    select(_e.entry)
    .where(_e.stream.in_(bindparam("streams", expanding=True)), _e.stream_version > bindparam("after"))
    .order_by(_e.stream, _e.stream_version)
    .execution_options(**BINARY)
)
