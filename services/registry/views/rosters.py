"""Remembered layouts and the progress of imports; and the timer after which nothing of an import is held any more."""

from __future__ import annotations

from datetime import timedelta

from services.registry.domain import events as e
from services.registry.domain.codes import RowOutcome
from services.registry.views import tables as t
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.eventstore.timers import Timer, set_timer
from shared.kernel.ids import derived_id
from shared.kernel.messages import Recorded

EXPIRE = "registry_roster_expires"
KEPT_FOR = timedelta(days=30)
"""How long after its start the rows of an import and their results can be had."""

rosters = Projector("registry.rosters", t.metadata)


@rosters.when(e.LayoutConfirmed)
def _confirmed(rows: Rows, event: e.LayoutConfirmed, _: Recorded) -> None:
    mapping = {str(column): field for column, field in zip(event.columns, event.fields, strict=True)}
    rows.put(t.layouts, layout=event.layout, mapping=mapping)


@rosters.when(e.RosterStarted)
def _started(rows: Rows, event: e.RosterStarted, recorded: Recorded) -> None:
    rows.add(
        t.imports,
        roster=event.roster,
        file=event.file,
        staff=event.staff,
        school=event.school,
        legal_basis=event.legal_basis,
        state="running",
        rows=event.rows,
        chunks=event.chunks,
        done=0,
        started=recorded.time,
        **{str(one): 0 for one in RowOutcome},
    )
    due = recorded.time + KEPT_FOR
    timer = Timer(
        id=derived_id(event.roster, "registry.roster expires"), kind=EXPIRE, due_at=due, subject=event.roster, data={}
    )
    set_timer(rows, timer)


@rosters.when(e.RosterChunkDone)
def _done(rows: Rows, event: e.RosterChunkDone, _: Recorded) -> None:
    rows.change(t.imports, event.roster, done=event.chunk)
    rows.count(t.imports, event.roster, **{str(one): getattr(event, str(one)) for one in RowOutcome})


@rosters.when(e.RosterFinished)
def _finished(rows: Rows, event: e.RosterFinished, recorded: Recorded) -> None:
    _ended(rows, event.roster, "finished", recorded)


@rosters.when(e.RosterAbandoned)
def _abandoned(rows: Rows, event: e.RosterAbandoned, recorded: Recorded) -> None:
    _ended(rows, event.roster, "abandoned", recorded)


def _ended(rows: Rows, roster: str, state: str, recorded: Recorded) -> None:
    rows.change(t.imports, roster, state=state, ended=recorded.time)
