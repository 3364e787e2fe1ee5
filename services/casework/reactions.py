"""Casework's reactions: an alert, or a child found to be alone, opens a case or belongs to the one that is open."""

from __future__ import annotations

from sqlalchemy import Connection

from services.casework.domain.codes import Origin
from services.casework.domain.commands import OpenBecause
from services.casework.handlers import Handlers
from shared.access.permissions import Permission
from shared.access.principals import by_system
from shared.contracts.alerts import AlertRaised
from shared.contracts.registry import RiskFound
from shared.eventstore.projecting import Reactor
from shared.hosting.erasing import Erasing
from shared.kernel.messages import Recorded

_RISKS = {"living_alone": Origin.LIVING_ALONE, "unattended_under_8": Origin.RISK}
"""The risks that open a case (未成年人保护法 art. 21), and what the case says of its origin."""


def build(handlers: Handlers, erasing: Erasing) -> Reactor:
    """The reactions, each a command of casework's own. Hearing the same again changes nothing."""
    reactor = Reactor("casework.reactions")
    erasing.hear(reactor)

    def open_because(tx: Connection, command: OpenBecause, recorded: Recorded) -> None:
        call = by_system("casework", command, Permission.CASE_OPEN, name="open_case", cause=recorded, within=tx)
        handlers.open_because(call)

    @reactor.when(AlertRaised)
    def _raised(tx: Connection, event: AlertRaised, recorded: Recorded) -> None:
        open_because(tx, OpenBecause(child=event.child, origin=Origin.ALERT, alert=event.alert), recorded)

    @reactor.when(RiskFound)
    def _found(tx: Connection, event: RiskFound, recorded: Recorded) -> None:
        if event.risk in _RISKS:
            open_because(tx, OpenBecause(child=event.child, origin=_RISKS[event.risk]), recorded)

    return reactor
