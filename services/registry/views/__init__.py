"""What registry searches, lists and counts: tables, and the projectors that write them from registry's own events.

Views hold what must be found and listed. Addresses, employers, health and identity numbers are opened on read, from the
child's own history; of an identity number only a keyed mark stands here, by which it is met again.
"""

from __future__ import annotations

from services.registry.views.answering import answering
from services.registry.views.calendar import calendar
from services.registry.views.children import children
from services.registry.views.erasures import erasures
from services.registry.views.marks import Marker, marks_of
from services.registry.views.openings import openings
from services.registry.views.places import places
from services.registry.views.rosters import rosters
from services.registry.views.tables import metadata

__all__ = [
    "Marker",
    "answering",
    "calendar",
    "children",
    "erasures",
    "marks_of",
    "metadata",
    "openings",
    "places",
    "rosters",
]
