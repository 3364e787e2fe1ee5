"""Casework's composition root."""

from __future__ import annotations

from typing import Any

from services.casework import reactions, views
from services.casework.domain.erasure import Erasure
from services.casework.domain.events import EVENTS
from services.casework.handlers import Handlers
from services.casework.queries import Queries
from services.casework.views.against import AgainstErasing
from shared.access.views import access
from shared.config.settings import Settings
from shared.hosting.erasing import Eraser, Erasing
from shared.hosting.foundation import Rooms, lay


def build(settings: Settings, **overrides: Any) -> Rooms[Handlers, Queries]:
    """Wire casework. Tests bring a database or a clock of their own."""
    base = lay("casework", settings, events=EVENTS, own=(views.work,), **overrides)
    handlers = Handlers(base)
    heard = (access, views.names, views.outcomes)
    eraser = Eraser(base, heard)
    erasing = Erasing(eraser, Erasure, AgainstErasing(settings.case_years))
    return Rooms(
        base=base,
        handlers=handlers,
        queries=Queries(base, handlers),
        heard=heard,
        reactor=reactions.build(handlers, erasing),
        eraser=eraser,
    )
