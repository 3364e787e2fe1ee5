"""Commands about areas' calendars."""

from __future__ import annotations

from services.registry.domain import commands as c
from services.registry.domain.calendar import Calendar, calendar_id
from services.registry.domain.places import Division
from services.registry.handlers.ground import Ground
from shared.access.principals import Call
from shared.eventstore.work import Decision, Work


class CalendarHandlers(Ground):
    """Terms and exceptional days."""

    def set_term(self, call: Call[c.SetTerm]) -> Decision:
        """Set a term of an area within reach. Refuses what the calendar refuses."""
        it = call.data

        def set_it(work: Work) -> Calendar:
            calendar = self._calendar(work, call, it.division)
            calendar.set_term(it.division, it.year, it.half, it.first, it.last)
            return calendar

        return self._desk.decide(call.order(), set_it)

    def set_day(self, call: Call[c.SetDay]) -> Decision:
        """Say how a day of an area within reach is."""
        it = call.data

        def set_it(work: Work) -> Calendar:
            calendar = self._calendar(work, call, it.division)
            calendar.set_day(it.division, it.day, worked=it.worked, taught=it.taught)
            return calendar

        return self._desk.decide(call.order(), set_it)

    def _calendar(self, work: Work, call: Call[c.SetTerm] | Call[c.SetDay], division: str) -> Calendar:
        self._gate.clear(work.tx, call, division=division)
        work.load(Division, division)
        calendar = work.find(Calendar, calendar_id(division))
        work.expect(calendar)
        return calendar
