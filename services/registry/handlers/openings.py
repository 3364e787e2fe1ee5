"""Commands about two people reading together what is restricted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from services.registry.domain import commands as c
from services.registry.domain.child import Child
from services.registry.domain.opening import Opening, openings_id
from services.registry.handlers.ground import Ground
from shared.access.permissions import Permission
from shared.access.principals import Call, by_system
from shared.eventstore.timers import Timer
from shared.eventstore.work import Decision, Work
from shared.vault import openings


class OpeningHandlers(Ground):
    """Reading together: asked for by one, approved by another."""

    def ask_to_open(self, call: Call[c.AskToOpen]) -> Decision:
        """Ask to read what is restricted about a child and its card. Refuses what the request refuses."""

        def ask(work: Work) -> Opening:
            it = call.data
            self._gate.clear(work.tx, call, child=it.child)
            child = work.load(Child, it.child)
            opening = work.find(Opening, openings_id(it.child))
            work.expect(opening)
            opening.ask(child=it.child, closed=child.closed, reason=it.reason, minutes=it.minutes, by=call.principal.id)
            return opening

        return self._desk.decide(call.order(), ask)

    def approve_opening(self, call: Call[c.OfOpening]) -> Decision:
        """Approve it as a second person: from this moment the two read, here and in each service that hears of it."""

        def approve(opening: Opening, work: Work) -> None:
            closed = work.load(Child, opening.child).closed
            if opening.approve(closed=closed, by=call.principal.id):
                now = self._now()
                openings.begin(
                    work.tx,
                    openings.opening_id(opening.id, opening.request),
                    opening.child,
                    closed,
                    asked_by=opening.by,
                    approved_by=call.principal.id,
                    until=now + timedelta(minutes=opening.minutes),
                    now=now,
                )

        return self._on_opening(call, approve)

    def refuse_opening(self, call: Call[c.OfOpening]) -> Decision:
        """Refuse it as a second person."""
        return self._on_opening(call, lambda it, _: it.refuse(by=call.principal.id))

    def withdraw_opening(self, call: Call[c.OfOpening]) -> Decision:
        """Take a request back."""
        return self._on_opening(call, lambda it, _: it.withdraw(by=call.principal.id))

    def close_opening(self, call: Call[c.OfOpening]) -> Decision:
        """End it before its time."""
        return self._on_opening(call, lambda it, work: self._ended(it, work, it.close))

    def expire_opening(self, tx: Connection, timer: Timer) -> None:
        """The time of an opening, or for deciding about it, has come."""
        command = c.ExpireOpening(opening=timer.subject, request=timer.data["request"])
        may = Permission.ERASURE_PERFORM
        call = by_system("registry", command, may, name="expire", command_id=timer.command_id, within=tx)
        self._on_opening(call, lambda it, work: self._ended(it, work, lambda: it.expire(request=command.request)))

    @staticmethod
    def _ended(opening: Opening, work: Work, act: Callable[[], None]) -> None:
        act()
        openings.end(work.tx, openings.opening_id(opening.id, opening.request))

    def _on_opening(self, call: Call[Any], act: Callable[[Opening, Work], None]) -> Decision:
        def decide(work: Work) -> Opening:
            opening = work.load(Opening, call.data.opening)
            self._gate.clear(work.tx, call, child=opening.child)
            work.expect(opening)
            act(opening, work)
            return opening

        return self._desk.decide(call.order(), decide)
