"""Registry's doors about erasing people."""

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


class ErasureDoors:
    """Asking for an erasure, deciding it, and seeing how far it has come."""

    rooms = Wired(build)

    @rpc
    @command(s.RequestErasure, May.ERASURE_REQUEST)
    def request_erasure(self, call: Call[c.RequestErasure]) -> Decision:
        """Ask that a person be erased."""
        return self.rooms.handlers.request_erasure(call)

    @rpc
    @command(s.OfErasure, May.ERASURE_APPROVE)
    def approve_erasure(self, call: Call[c.OfErasure]) -> Decision:
        """Approve a request for erasure as a second person."""
        return self.rooms.handlers.approve_erasure(call)

    @rpc
    @command(s.RefuseErasure, May.ERASURE_APPROVE)
    def refuse_erasure(self, call: Call[c.RefuseErasure]) -> Decision:
        """Refuse a request for erasure as a second person."""
        return self.rooms.handlers.refuse_erasure(call)

    @rpc
    @command(s.OfErasure, May.ERASURE_REQUEST)
    def withdraw_erasure(self, call: Call[c.OfErasure]) -> Decision:
        """Take a request for erasure back."""
        return self.rooms.handlers.withdraw_erasure(call)

    @rpc
    @command(s.AskToLift, May.ERASURE_REQUEST)
    def ask_to_lift(self, call: Call[c.AskToLift]) -> Decision:
        """Ask that a restriction end."""
        return self.rooms.handlers.ask_to_lift(call)

    @rpc
    @command(s.OfErasure, May.ERASURE_APPROVE)
    def approve_lifting(self, call: Call[c.OfErasure]) -> Decision:
        """Approve as a second person that a restriction end."""
        return self.rooms.handlers.approve_lifting(call)

    @rpc
    @command(s.OfErasure, May.ERASURE_APPROVE)
    def refuse_lifting(self, call: Call[c.OfErasure]) -> Decision:
        """Refuse as a second person that a restriction end."""
        return self.rooms.handlers.refuse_lifting(call)

    @rpc
    @command(s.OfErasure, May.ERASURE_REQUEST)
    def withdraw_lifting(self, call: Call[c.OfErasure]) -> Decision:
        """Take the request that a restriction end back."""
        return self.rooms.handlers.withdraw_lifting(call)

    @rpc
    @query(s.Erasures, May.ERASURE_VIEW)
    def erasures(self, call: Asked) -> Answer:
        """Requests for erasure."""
        return self.rooms.queries.erasures(call)

    @rpc
    @query(s.OneErasure, May.ERASURE_VIEW)
    def erasure(self, call: Asked) -> Answer:
        """One request for erasure, and which services have answered."""
        return self.rooms.queries.erasure(call)
