"""Funding's composition root."""

from __future__ import annotations

from typing import Any

from services.funding import reactions, views
from services.funding.domain.erasure import Erasure
from services.funding.domain.events import EVENTS
from services.funding.handlers import Handlers
from services.funding.queries import Queries
from services.funding.views.against import AgainstErasing
from shared.access.views import access
from shared.config.settings import Settings
from shared.hosting.erasing import Eraser, Erasing
from shared.hosting.foundation import Rooms, lay


def build(settings: Settings, **overrides: Any) -> Rooms[Handlers, Queries]:
    """Wire funding. Tests bring a database or a clock of their own."""
    base = lay("funding", settings, events=EVENTS, own=(views.money,), **overrides)
    heard = (access, views.names)
    eraser = Eraser(base, heard)
    erasing = Erasing(eraser, Erasure, AgainstErasing(settings.voucher_years))
    return Rooms(
        base=base,
        handlers=Handlers(base),
        queries=Queries(base),
        heard=heard,
        reactor=reactions.build(erasing),
        eraser=eraser,
    )
