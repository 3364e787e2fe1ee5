"""The one navigation: each entry appears once its page exists and the role acted in may see it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from services.console.catalogues import N_
from services.console.roles import LANDING
from services.console.visits import PUBLIC, SIGNED_IN, access_of, visit

HOME = "today.show"


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the navigation: its words (and shorter ones for a phone), its icon, the endpoint of its page."""

    label: str
    icon: str
    endpoint: str
    short: str | None = None

    @property
    def here(self) -> bool:
        """Whether the page being shown belongs to this entry."""
        return (request.blueprint or "") == self.endpoint.split(".")[0]

    @property
    def href(self) -> str:
        """The address of the page."""
        return url_for(self.endpoint)


ENTRIES = (
    Entry(N_("Today"), "today", HOME),
    Entry(N_("Children"), "child", "children.listed"),
    Entry(N_("Cases"), "case", "cases.listed"),
    Entry(N_("Alerts"), "alert", "alerts.board"),
    Entry(N_("Roll call"), "check", "roll_call.choose"),
    Entry(N_("Funding"), "fund", "funding.listed"),
    Entry(N_("Places and people"), "place", "places.listed", N_("Places")),
    Entry(N_("Reports"), "report", "reports.listed"),
    Entry(N_("Log"), "log", "log.show"),
)


def entries() -> list[Entry]:
    """What the reader sees of it."""
    return [entry for entry in ENTRIES if open_to_reader(entry.endpoint)]


def open_to_reader(endpoint: str) -> bool:
    """Whether a page exists and the reader may see it."""
    if endpoint not in current_app.view_functions:
        return False
    access = access_of(current_app, endpoint)
    present = visit()
    return access == PUBLIC or (present is not None and (access == SIGNED_IN or present.may(str(access))))


def landing() -> str:
    """The address of the page where the reader's role begins."""
    present = visit()
    wanted = LANDING.get(present.role or "", ()) if present else ()
    return url_for(next((endpoint for endpoint in wanted if open_to_reader(endpoint)), HOME))
