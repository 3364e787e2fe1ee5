"""The enumerations of calendars in words."""

from __future__ import annotations

from services.console.catalogues import N_

SCHOOL_HALVES = {"autumn": N_("autumn term"), "spring": N_("spring term")}
DAY_BASES = {
    "override": N_("set for this area"),
    "calendar": N_("by the national calendar"),
    "estimate": N_("estimated: no calendar is published for that year yet"),
}
WATCHERS = {
    "teacher": N_("the class's teacher, in term"),
    "village_director": N_("the village's director, in the holidays"),
    "responsible": N_("whoever answers for the child"),
}
CALENDAR: dict[str, dict[str, str]] = {"school_half": SCHOOL_HALVES, "day_basis": DAY_BASES, "watcher": WATCHERS}
