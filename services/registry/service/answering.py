"""Registry's doors about who answers for children: hand-overs, transfers, and who did on a past date."""

from __future__ import annotations

from typing import Any

from services.registry.domain import commands as c
from services.registry.schemas import answering as s
from services.registry.wiring import build
from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.eventstore.work import Decision
from shared.hosting.service import Wired, rpc

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


class AnsweringDoors:
    """Who answers, and how that passes from one to another."""

    rooms = Wired(build)

    @rpc
    @command(s.DrawUpHandOver, May.HAND_OVER_DRAW)
    def draw_up_hand_over(self, call: Call[c.DrawUpHandOver]) -> Decision:
        """Draw up the list of what one person hands over to another."""
        return self.rooms.handlers.draw_up_hand_over(call)

    @rpc
    @command(s.OfHandOver, May.HAND_OVER_SIGN)
    def sign_hand_over(self, call: Call[c.OfHandOver]) -> Decision:
        """Sign a list; the second signature passes the children on."""
        return self.rooms.handlers.sign_hand_over(call)

    @rpc
    @command(s.OfHandOver, May.HAND_OVER_DRAW)
    def withdraw_hand_over(self, call: Call[c.OfHandOver]) -> Decision:
        """Take a list back before both have signed."""
        return self.rooms.handlers.withdraw_hand_over(call)

    @rpc
    @command(s.SignTransfer, May.TRANSFER_SIGN)
    def sign_transfer(self, call: Call[c.SignTransfer]) -> Decision:
        """Sign a child away to another township."""
        return self.rooms.handlers.sign_transfer(call)

    @rpc
    @command(s.AcceptTransfer, May.TRANSFER_SIGN)
    def accept_transfer(self, call: Call[c.AcceptTransfer]) -> Decision:
        """Sign a transfer for the receiving side."""
        return self.rooms.handlers.accept_transfer(call)

    @rpc
    @command(s.OfTransfer, May.TRANSFER_SIGN)
    def refuse_transfer(self, call: Call[c.OfTransfer]) -> Decision:
        """Refuse a transfer for the receiving side."""
        return self.rooms.handlers.refuse_transfer(call)

    @rpc
    @command(s.OfTransfer, May.TRANSFER_SIGN)
    def withdraw_transfer(self, call: Call[c.OfTransfer]) -> Decision:
        """Take a transfer back for the sending side."""
        return self.rooms.handlers.withdraw_transfer(call)

    @rpc
    @query(s.Answering, May.RESPONSIBLE_VIEW)
    def answering(self, call: Asked) -> Answer:
        """Who answers for a child, or did on a past date."""
        return self.rooms.queries.answering(call)

    @rpc
    @query(s.AnsweredBy, May.RESPONSIBLE_VIEW)
    def answered_by(self, call: Asked) -> Answer:
        """The children that somebody answers for, or did on a past date."""
        return self.rooms.queries.answered_by(call)

    @rpc
    @query(s.HandOvers, May.HAND_OVER_VIEW)
    def hand_overs(self, call: Asked) -> Answer:
        """Hand-overs."""
        return self.rooms.queries.hand_overs(call)

    @rpc
    @query(s.OneHandOver, May.HAND_OVER_VIEW)
    def hand_over(self, call: Asked) -> Answer:
        """One hand-over with its children."""
        return self.rooms.queries.hand_over(call)

    @rpc
    @query(s.Transfers, May.TRANSFER_VIEW)
    def transfers(self, call: Asked) -> Answer:
        """Transfers."""
        return self.rooms.queries.transfers(call)

    @rpc
    @query(s.OneTransfer, May.TRANSFER_VIEW)
    def transfer(self, call: Asked) -> Answer:
        """One transfer."""
        return self.rooms.queries.transfer(call)
