"""Reactions: what alerts does because registry says something."""

from __future__ import annotations

from sqlalchemy import Connection

from services.alerts.domain import commands as c
from services.alerts.domain.codes import Kind, Signal
from services.alerts.handlers import Handlers
from shared.access.permissions import Permission
from shared.access.principals import by_system
from shared.contracts import registry as r
from shared.eventstore.projecting import Reactor
from shared.hosting.erasing import Erasing
from shared.kernel.messages import Recorded

KINDS = {"living_alone": Kind.LIVING_ALONE, "unattended_under_8": Kind.UNATTENDED_UNDER_8}
"""The risks that raise an alert, and its kind."""
_MAY = Permission.ALERT_RAISE


def build(handlers: Handlers, erasing: Erasing) -> Reactor:
    """The reactions of alerts."""
    reactor = Reactor("alerts.reactions")
    erasing.hear(reactor)

    @reactor.when(r.RiskFound)
    def _found(tx: Connection, event: r.RiskFound, recorded: Recorded) -> None:
        if event.risk in KINDS:
            command = c.RaiseAlert(child=event.child, kind=KINDS[event.risk])
            handlers.raise_alert(by_system("alerts", command, _MAY, name="raise", cause=recorded, within=tx))

    @reactor.when(r.RiskCleared)
    def _cleared(tx: Connection, event: r.RiskCleared, recorded: Recorded) -> None:
        if event.risk in KINDS:
            command = c.AttachSignal(child=event.child, kind=KINDS[event.risk], signal=Signal.RISK_CLEARED)
            handlers.attach_signal(by_system("alerts", command, _MAY, name="clear", cause=recorded, within=tx))

    return reactor
