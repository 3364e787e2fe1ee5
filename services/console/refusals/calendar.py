"""Refusals about calendars, in sentences: code → how it is said."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.refusals.said import Said

SENTENCES: dict[str, Said] = {
    "registry.term_impossible": Said(
        text=N_("A term ends after it begins, lasts seven months at most, and begins in this school year."),
        status=422,
        field="last",
    ),
    "registry.term_overlaps": Said(
        text=N_("These days belong to another term of the area already."), status=422, field="first"
    ),
    "registry.watch_past": Said(text=N_("The watch is told for today and coming days."), status=422, field="on"),
}
