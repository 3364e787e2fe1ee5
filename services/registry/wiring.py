"""Registry's composition root."""

from __future__ import annotations

from typing import Any

from services.registry import reactions
from services.registry.domain.events import EVENTS
from services.registry.handlers import Handlers
from services.registry.handlers.importing.holding import HELD
from services.registry.queries import Queries
from services.registry.views import Marker, answering, calendar, children, erasures, marks_of, openings, places, rosters
from services.registry.views.children import WEIGH
from services.registry.views.erasures import AGAIN
from services.registry.views.openings import EXPIRE as EXPIRE_OPENING
from services.registry.views.rosters import EXPIRE
from shared.access.views import access
from shared.config.settings import Settings
from shared.hosting.foundation import Rooms, lay
from shared.localisation.readings import prepare


def build(settings: Settings, **overrides: Any) -> Rooms[Handlers, Queries]:
    """Wire registry. Tests bring a database or a clock of their own."""
    marker = Marker()
    own = (access, places, children, marks_of(marker), rosters, erasures, openings, answering, calendar)
    base = lay("registry", settings, events=EVENTS, own=own, wrapped=[HELD], **overrides)
    marker.bind(base.vault.keyring)
    handlers = Handlers(base, marker)
    ring = {
        WEIGH: handlers.weigh_risks,
        EXPIRE: handlers.expire_import,
        EXPIRE_OPENING: handlers.expire_opening,
        AGAIN: handlers.erase_again,
    }
    return Rooms(
        base=base,
        handlers=handlers,
        queries=Queries(base, handlers),
        reactor=reactions.build(handlers),
        ring=ring,
        eraser=handlers.eraser,
        warm=prepare,
    )
