"""What is wrong with the house at present: one row for each trouble that is open.

The database lets one trouble of a kind be open for each reader and source, whoever reports it.
"""

from __future__ import annotations

from sqlalchemy import Column, MetaData, String, Table, UniqueConstraint

from services.alerts.domain import events as e
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.messages import Recorded
from shared.storage.columns import Id, Instant

metadata = MetaData()

open_troubles = Table(
    "alerts_troubles",
    metadata,
    Column("trouble", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("reader", String(40), nullable=False),
    Column("source", String(40), nullable=False),
    Column("since", Instant, nullable=False),
    UniqueConstraint("kind", "reader", "source", name="alerts_one_trouble"),
)

troubles = Projector("alerts.troubles", metadata)


@troubles.when(e.TroubleRaised)
def _raised(rows: Rows, event: e.TroubleRaised, recorded: Recorded) -> None:
    values = {"trouble": event.trouble, "kind": event.kind, "reader": event.reader, "source": event.source}
    rows.add(open_troubles, **values, since=recorded.time)


@troubles.when(e.TroubleResolved)
def _resolved(rows: Rows, event: e.TroubleResolved, _: Recorded) -> None:
    rows.remove(open_troubles, event.trouble)
