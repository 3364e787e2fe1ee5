"""Terms and exceptional days of each area, as questions about days ask for them."""

from __future__ import annotations

from services.registry.domain import events as e
from services.registry.views import calendar_tables as t
from services.registry.views.tables import metadata
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.messages import Recorded

calendar = Projector("registry.calendar", metadata, opens=())


@calendar.when(e.TermSet)
def _term(rows: Rows, event: e.TermSet, _: Recorded) -> None:
    rows.put(t.terms, division=event.division, year=event.year, half=event.half, first=event.first, last=event.last)


@calendar.when(e.DaySet)
def _day(rows: Rows, event: e.DaySet, _: Recorded) -> None:
    rows.put(t.days, division=event.division, day=event.day, worked=event.worked, taught=event.taught)
