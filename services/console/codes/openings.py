"""The enumerations of reading together in words."""

from __future__ import annotations

from services.console.catalogues import N_

OPENING_REASONS = {
    "emergency": N_("The child is in danger"),
    "court_order": N_("A court or prosecutor asks for it"),
    "mandatory_report": N_("A mandatory report is followed up"),
    "family_asked": N_("The family asks what is kept"),
    "audit": N_("An inspection asks for it"),
    "other": N_("Another reason"),
}
OPENING_STATES = {
    "asked": N_("waits for a second person"),
    "open": N_("open for two"),
    "closed": N_("closed again"),
    "expired": N_("over in time"),
    "refused": N_("refused"),
    "withdrawn": N_("withdrawn"),
    "lapsed": N_("nobody answered in time"),
}
OPENING_COLOURS = {"asked": "yellow", "open": "orange"}
OPENINGS: dict[str, dict[str, str]] = {"opening_reason": OPENING_REASONS, "opening_state": OPENING_STATES}
