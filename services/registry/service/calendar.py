"""Registry's doors about calendars: terms, exceptional days, and who keeps the daily watch by them."""

from __future__ import annotations

from typing import Any

from services.registry.domain import commands as c
from services.registry.schemas import calendar as s
from services.registry.wiring import build
from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.eventstore.work import Decision
from shared.hosting.service import Wired, rpc

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


class CalendarDoors:
    """Setting terms and days, and asking what a day is."""

    rooms = Wired(build)

    @rpc
    @command(s.SetTerm, May.CALENDAR_SET)
    def set_term(self, call: Call[c.SetTerm]) -> Decision:
        """Set the first and the last day of a term."""
        return self.rooms.handlers.set_term(call)

    @rpc
    @command(s.SetDay, May.CALENDAR_SET)
    def set_day(self, call: Call[c.SetDay]) -> Decision:
        """Say of a day whether it is worked and taught."""
        return self.rooms.handlers.set_day(call)

    @rpc
    @query(s.CalendarDays, May.DIVISION_VIEW)
    def calendar_days(self, call: Asked) -> Answer:
        """Whether days are workdays and school days."""
        return self.rooms.queries.calendar_days(call)

    @rpc
    @query(s.Watch, May.RESPONSIBLE_VIEW)
    def watch(self, call: Asked) -> Answer:
        """Who keeps the daily watch over a child."""
        return self.rooms.queries.watch(call)
