"""Registry's answers: permission first, then rows to plain values, masked by what the reader's role sees."""

from __future__ import annotations

from services.registry.queries.answering import AnsweringQueries
from services.registry.queries.calendar import CalendarQueries
from services.registry.queries.children import ChildQueries
from services.registry.queries.erasures import ErasureQueries
from services.registry.queries.handing import HandingQueries
from services.registry.queries.openings import OpeningQueries
from services.registry.queries.past import PastQueries
from services.registry.queries.places import PlaceQueries
from services.registry.queries.rosters import RosterQueries
from services.registry.queries.search import SearchQueries
from services.registry.queries.staff import StaffQueries


class Queries(
    ChildQueries,
    PastQueries,
    SearchQueries,
    PlaceQueries,
    StaffQueries,
    RosterQueries,
    ErasureQueries,
    OpeningQueries,
    AnsweringQueries,
    HandingQueries,
    CalendarQueries,
):
    """What registry's query doors lead to."""
