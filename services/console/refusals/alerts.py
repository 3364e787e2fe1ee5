"""Refusals of alerts, in sentences: code → how it is said."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.refusals.said import Said

SENTENCES: dict[str, Said] = {
    "alerts.already_acknowledged": Said(
        text=N_("%(by_name)s has had this alert in hand since %(at)s."), instants=("at",)
    ),
    "alerts.already_resolved": Said(
        text=N_("This alert is resolved already (%(outcome)s); that can no longer be done."),
        words={"outcome": "alert_outcome"},
    ),
    "alerts.contact_unknown": Said(
        text=N_("This person is not on the child's contact card."), status=422, field="contact"
    ),
    "alerts.marked_twice": Said(text=N_("A pupil is marked twice."), status=422, field="marks"),
    "alerts.not_in_class": Said(
        text=N_("A pupil has left this class. Open the roll call anew."), status=409, field="marks"
    ),
    "alerts.policy_empty": Said(text=N_("A policy needs at least one step."), status=422, field="steps"),
    "alerts.reason_without_absence": Said(
        text=N_("Only an absent pupil has a reason for absence."), status=422, field="marks"
    ),
    "alerts.roll_call_empty": Said(text=N_("Mark at least one pupil."), status=422, field="marks"),
    "alerts.roll_call_in_future": Said(
        text=N_("The day of the roll call, %(day)s, has not come yet."), status=422, field="day", days=("day",)
    ),
}
