"""Casework's tables and the projectors that write them. No word that somebody wrote is here.

`casework_claims` is the claim that a child has one open case at a time: fed by many streams, guarded by the database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint

from services.casework.domain import events as e
from services.casework.domain.codes import CaseState
from shared.contracts import alerts as a
from shared.contracts import registry as r
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.messages import Recorded
from shared.storage.columns import Id, Instant

metadata = MetaData()
children_metadata = MetaData()
alerts_metadata = MetaData()

ONE_OPEN_CASE = ("casework_one_open_case", "casework_claims.child")
"""How PostgreSQL and SQLite name the claim that a second open case of a child runs into."""

cases = Table(
    "casework_cases",
    metadata,
    Column("case", Id, primary_key=True),
    Column("child", Id, nullable=False, index=True),
    Column("origin", String(20), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("close_reason", String(20)),
    Column("counsellor", Id, index=True),
    Column("alert", Id),
    Column("notes", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)
claims = Table(
    "casework_claims",
    metadata,
    Column("case", Id, primary_key=True),
    Column("child", Id, nullable=False),
    UniqueConstraint("child", name="casework_one_open_case"),
)
attached = Table(
    "casework_case_alerts",
    metadata,
    Column("case", Id, primary_key=True),
    Column("alert", Id, primary_key=True),
)
children = Table(
    "casework_children",
    children_metadata,
    Column("child", Id, primary_key=True),
    Column("name", String(200), info={"personal_of": "child"}),
)
alerts = Table(
    "casework_alerts",
    alerts_metadata,
    Column("alert", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("level", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("outcome", String(40)),
)

work = Projector("casework.cases", metadata, opens=())
names = Projector("casework.children", children_metadata)
outcomes = Projector("casework.alerts", alerts_metadata)


@work.when(e.CaseOpened)
def _opened(rows: Rows, event: e.CaseOpened, recorded: Recorded) -> None:
    rows.add(claims, case=event.case, child=event.child)
    rows.add(
        cases,
        case=event.case,
        child=event.child,
        origin=event.origin,
        state=CaseState.OPEN,
        opened_at=recorded.time,
        alert=event.alert,
        notes=0,
        version=recorded.stream_version,
    )
    if event.alert:
        rows.add(attached, case=event.case, alert=event.alert)


@work.when(e.AlertAttached)
def _attached(rows: Rows, event: e.AlertAttached, recorded: Recorded) -> None:
    rows.add(attached, case=event.case, alert=event.alert)
    _stands(rows, event.case, recorded, alert=event.alert)


@work.when(e.NoteAdded)
def _noted(rows: Rows, event: e.NoteAdded, recorded: Recorded) -> None:
    rows.count(cases, event.case, notes=1)
    _stands(rows, event.case, recorded)


@work.when(e.FileAttached)
def _filed(rows: Rows, event: e.FileAttached, recorded: Recorded) -> None:
    _stands(rows, event.case, recorded)


@work.when(e.CounsellorAssigned)
def _assigned(rows: Rows, event: e.CounsellorAssigned, recorded: Recorded) -> None:
    _stands(rows, event.case, recorded, counsellor=event.staff)


@work.when(e.CaseClosed)
def _closed(rows: Rows, event: e.CaseClosed, recorded: Recorded) -> None:
    rows.remove(claims, event.case)
    facts = {"state": CaseState.CLOSED, "closed_at": recorded.time, "close_reason": event.reason}
    _stands(rows, event.case, recorded, **facts)


@work.when(e.CaseReopened)
def _reopened(rows: Rows, event: e.CaseReopened, recorded: Recorded) -> None:
    rows.add(claims, case=event.case, child=event.child)
    _stands(rows, event.case, recorded, state=CaseState.OPEN, closed_at=None, close_reason=None)


def _stands(rows: Rows, case: str, recorded: Recorded, **facts: Any) -> None:
    rows.change(cases, case, version=recorded.stream_version, **facts)


@names.when(r.ChildRegistered)
def _registered(rows: Rows, event: r.ChildRegistered, _: Recorded) -> None:
    rows.add(children, child=event.child, name=event.name)


@names.when(r.ChildCorrected)
def _corrected(rows: Rows, event: r.ChildCorrected, _: Recorded) -> None:
    rows.change(children, event.child, name=event.name)


@outcomes.when(a.AlertRaised)
def _raised(rows: Rows, event: a.AlertRaised, _: Recorded) -> None:
    rows.add(alerts, alert=event.alert, kind=event.kind, level=event.level, state="raised")


@outcomes.when(a.AlertAcknowledged)
def _acknowledged(rows: Rows, event: a.AlertAcknowledged, _: Recorded) -> None:
    rows.change(alerts, event.alert, state="acknowledged")


@outcomes.when(a.AlertResolved)
def _resolved(rows: Rows, event: a.AlertResolved, _: Recorded) -> None:
    values = {"state": "resolved", "outcome": event.outcome}
    rows.change(alerts, event.alert, **values)
