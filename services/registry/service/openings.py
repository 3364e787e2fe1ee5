"""Registry's doors about reading together what is restricted."""

from __future__ import annotations

from typing import Any

from services.registry import schemas as s
from services.registry.domain import commands as c
from services.registry.wiring import build
from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.eventstore.work import Decision
from shared.hosting.service import Wired, rpc

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


class OpeningDoors:
    """Asking to open what is restricted, deciding it, closing it, and seeing how it stands."""

    rooms = Wired(build)

    @rpc
    @command(s.AskToOpen, May.OPENING_REQUEST)
    def ask_to_open(self, call: Call[c.AskToOpen]) -> Decision:
        """Ask to read, with a second person, what is restricted."""
        return self.rooms.handlers.ask_to_open(call)

    @rpc
    @command(s.OfOpening, May.OPENING_APPROVE)
    def approve_opening(self, call: Call[c.OfOpening]) -> Decision:
        """Approve a request to open as the second person."""
        return self.rooms.handlers.approve_opening(call)

    @rpc
    @command(s.OfOpening, May.OPENING_APPROVE)
    def refuse_opening(self, call: Call[c.OfOpening]) -> Decision:
        """Refuse a request to open as a second person."""
        return self.rooms.handlers.refuse_opening(call)

    @rpc
    @command(s.OfOpening, May.OPENING_REQUEST)
    def withdraw_opening(self, call: Call[c.OfOpening]) -> Decision:
        """Take a request to open back."""
        return self.rooms.handlers.withdraw_opening(call)

    @rpc
    @command(s.OfOpening, May.OPENING_REQUEST)
    def close_opening(self, call: Call[c.OfOpening]) -> Decision:
        """Close what is open before its time."""
        return self.rooms.handlers.close_opening(call)

    @rpc
    @query(s.Openings, May.OPENING_VIEW)
    def openings(self, call: Asked) -> Answer:
        """Requests to open what is restricted."""
        return self.rooms.queries.openings(call)

    @rpc
    @query(s.OneOpening, May.OPENING_VIEW)
    def opening(self, call: Asked) -> Answer:
        """One request to open, and until when it is open."""
        return self.rooms.queries.opening(call)
