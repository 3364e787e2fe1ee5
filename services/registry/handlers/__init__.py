"""Registry's commands: permission first, then the aggregate, then the decision."""

from __future__ import annotations

from services.registry.handlers.answering import AnsweringHandlers
from services.registry.handlers.calendar import CalendarHandlers
from services.registry.handlers.children import ChildHandlers
from services.registry.handlers.erasures import ErasureHandlers
from services.registry.handlers.openings import OpeningHandlers
from services.registry.handlers.places import PlaceHandlers
from services.registry.handlers.rosters import RosterHandlers
from services.registry.handlers.staff import StaffHandlers


class Handlers(
    PlaceHandlers,
    StaffHandlers,
    ChildHandlers,
    RosterHandlers,
    ErasureHandlers,
    OpeningHandlers,
    AnsweringHandlers,
    CalendarHandlers,
):
    """What registry's command doors, its timers and its own readings lead to."""
