"""Alerts' composition root."""

from __future__ import annotations

from typing import Any

from services.alerts import reactions, views
from services.alerts.domain.erasure import Erasure
from services.alerts.domain.events import EVENTS
from services.alerts.handlers import Handlers
from services.alerts.queries import Queries
from services.alerts.views.against import against_erasure
from services.alerts.views.troubles import troubles
from shared.access.views import access
from shared.config.settings import Settings
from shared.hosting.erasing import Eraser, Erasing
from shared.hosting.foundation import Rooms, lay


def build(settings: Settings, **overrides: Any) -> Rooms[Handlers, Queries]:
    """Wire alerts. Tests bring a database or a clock of their own."""
    base = lay("alerts", settings, events=EVENTS, own=(views.board, troubles), **overrides)
    handlers = Handlers(base)
    heard = (access, views.card_copies)
    eraser = Eraser(base, heard)
    erasing = Erasing(eraser, Erasure, against_erasure)
    return Rooms(
        base=base,
        handlers=handlers,
        queries=Queries(base, handlers),
        heard=heard,
        reactor=reactions.build(handlers, erasing),
        eraser=eraser,
        ring={views.ESCALATE: handlers.escalate},
    )
