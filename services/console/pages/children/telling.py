"""One timeline of all services, in words: what happened, not which event was recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.console.catalogues import N_
from services.console.codes import said_code
from services.console.pages.children.merging import merged
from services.console.pages.children.room import if_answered
from services.console.templating import formats
from services.console.visits import may
from services.console.words import _

SOURCES = {
    "registry": "registry:child:view",
    "alerts": "alerts:alert:view",
    "casework": "casework:case:view",
    "funding": "funding:application:view",
}
"""Each service with a timeline, and the right that its door asks for."""
READS = ("registry.records_read", "alerts.card_read")
"""Events that say who read the card: left out of the timeline, shown when asked for."""
KINDS: dict[str, tuple[str, ...]] = {
    "record": (
        "registry.child_",
        "registry.address_",
        "registry.identity_",
        "registry.contact_",
        "registry.responsible_",
        "registry.hand_over_",
        "registry.transfer_",
        "registry.erasure_",
        "registry.person_",
        "registry.opening_",
        "registry.restriction_",
        "alerts.restriction_",
        "log.restricted_",
        "alerts.erasure_",
        "alerts.person_",
    ),
    "care": ("registry.care_", "registry.risk_"),
    "roll_call": ("alerts.pupil_",),
    "alert": ("alerts.alert_", "alerts.signal_", "alerts.contact_"),
    "case": ("casework.",),
    "grant": ("funding.",),
    "reads": READS,
}
"""What the timeline can be narrowed to → how the types of its events begin."""
KIND_WORDS: dict[str, str] = {
    "record": N_("Record"),
    "care": N_("Care and risks"),
    "roll_call": N_("Roll calls"),
    "alert": N_("Alerts"),
    "case": N_("Cases"),
    "grant": N_("Grants"),
    "reads": N_("Who read the card"),
}
Told = tuple[str, str | None, str | None]

TYPES: dict[str, str] = {
    "registry.child_registered": N_("Registered"),
    "registry.child_corrected": N_("Name, sex or day of birth put right"),
    "registry.child_enrolled": N_("School or class changed"),
    "registry.child_moved": N_("Moved to another village"),
    "registry.child_left": N_("No longer under watch"),
    "registry.child_returned": N_("Under watch again"),
    "registry.address_recorded": N_("Address recorded"),
    "registry.identity_recorded": N_("Identity number recorded"),
    "registry.contact_recorded": N_("Contact recorded"),
    "registry.contact_removed": N_("Contact taken off the card"),
    "registry.care_arranged": N_("Care arranged"),
    "registry.risk_found": N_("Risk found"),
    "registry.risk_cleared": N_("Risk gone"),
    "registry.responsible_named": N_("Responsible person named"),
    "registry.responsible_grounded": N_("On what ground somebody answers for the child"),
    "registry.hand_over_listed": N_("Put on a list to be handed over"),
    "registry.hand_over_done": N_("Handed over with a list that both signed"),
    "registry.transfer_signed": N_("Signed away to another township"),
    "registry.transfer_done": N_("Transferred to another township"),
    "registry.transfer_ended": N_("Not transferred"),
    "registry.records_read": N_("Contact card read"),
    "registry.erasure_requested": N_("Erasure asked for"),
    "registry.opening_asked": N_("Asked to read together what is restricted"),
    "registry.opening_approved": N_("Opened for two people"),
    "registry.opening_ended": N_("Closed again"),
    "log.restricted_read": N_("Read together what is restricted"),
    "registry.erasure_seconded": N_("Erasure approved, weighed once more"),
    "registry.restriction_lifted": N_("Restriction of personal data lifted"),
    "registry.person_erased": N_("Personal data erased"),
    "registry.person_restricted": N_("Personal data restricted"),
    "alerts.card_read": N_("Contact card read"),
    "alerts.pupil_marked": N_("Roll call"),
    "alerts.alert_raised": N_("Alert raised"),
    "alerts.signal_attached": N_("More became known about the alert"),
    "alerts.alert_acknowledged": N_("Alert taken on"),
    "alerts.alert_escalated": N_("Alert climbed to the next step"),
    "alerts.contact_attempted": N_("Someone was called"),
    "alerts.alert_resolved": N_("Alert resolved"),
    "alerts.erasure_weighed": N_("Alerts answered the request for erasure"),
    "alerts.person_erased": N_("Personal data erased from the alerts"),
    "alerts.person_restricted": N_("Personal data restricted in the alerts"),
    "alerts.restriction_lifted": N_("Restriction lifted in the alerts"),
    "casework.case_opened": N_("Case opened"),
    "casework.case_closed": N_("Case closed"),
    "casework.case_reopened": N_("Case opened again"),
    "casework.note_added": N_("Case note written"),
    "casework.file_attached": N_("File attached to the case"),
    "casework.counsellor_assigned": N_("Counsellor assigned"),
    "casework.erasure_weighed": N_("Casework answered the request for erasure"),
    "casework.person_erased": N_("Personal data erased from the cases"),
    "casework.person_restricted": N_("Personal data restricted in the cases"),
    "casework.restriction_lifted": N_("Restriction lifted in the cases"),
    "casework.alert_attached": N_("Alert attached to the case"),
    "funding.application_drafted": N_("Application drafted"),
    "funding.application_amended": N_("Application changed"),
    "funding.application_submitted": N_("Application sent in"),
    "funding.application_returned": N_("Application sent back"),
    "funding.application_approved": N_("Application approved"),
    "funding.application_refused": N_("Application refused"),
    "funding.application_withdrawn": N_("Application withdrawn"),
    "funding.application_paid": N_("Grant paid"),
    "funding.erasure_weighed": N_("Funding answered the request for erasure"),
    "funding.person_erased": N_("Personal data erased from the applications"),
    "funding.person_restricted": N_("Personal data restricted in the applications"),
    "funding.restriction_lifted": N_("Restriction lifted in the applications"),
}
"""Event type → what happened, in words."""
_COLOURS = {
    "registry.risk_found": "orange",
    "registry.risk_cleared": "green",
    "alerts.alert_raised": "red",
    "alerts.alert_escalated": "orange",
    "alerts.alert_resolved": "green",
    "casework.case_closed": "green",
    "funding.application_paid": "green",
}
_DETAILS: dict[str, tuple[str, str]] = {
    "registry.child_registered": ("scope", "scope"),
    "registry.child_left": ("leave", "reason"),
    "registry.identity_recorded": ("identity_missing", "missing"),
    "registry.contact_recorded": ("relation", "relation"),
    "registry.care_arranged": ("arrangement", "arrangement"),
    "registry.risk_found": ("risk", "risk"),
    "registry.risk_cleared": ("risk", "risk"),
    "alerts.pupil_marked": ("presence", "state"),
    "alerts.alert_raised": ("alert", "kind"),
    "alerts.contact_attempted": ("attempt", "result"),
    "alerts.alert_resolved": ("alert_outcome", "outcome"),
    "casework.case_opened": ("case_origin", "origin"),
    "casework.case_closed": ("case_reason", "reason"),
}
"""Event type → the kind of code that explains it, and the field that holds the code."""


def timeline(
    child: str, only: str | None, people: dict[str, str | None], cursor: str | None
) -> tuple[list[dict[str, Any]], str | None, list[str]]:
    """A page of what happened to a child, the latest first; the next page's cursor; the services that did not answer.

    `only` is one of KINDS; who read the card is told only when asked for. `people` names those on the card.
    """
    services = [name for name in SOURCES if only is None or any(one.startswith(f"{name}.") for one in KINDS[only])]

    def ask(service: str, after: str | None, limit: int) -> dict[str, Any] | None:
        asked = {"child": child, "after": after, "limit": limit}
        return if_answered(service, "timeline", asked, needs=SOURCES[service])

    def wanted(item: dict[str, Any]) -> bool:
        return item["type"] not in READS if only is None else item["type"].startswith(KINDS[only])

    page = merged(services, ask, wanted, cursor)
    return [_told(one, people) for one in page.items], page.next, page.silent


def kinds() -> list[str]:
    """The kinds that the reader may ask for, in the order of the chips."""
    return [kind for kind, types in KINDS.items() if any(may(SOURCES[one.partition(".")[0]]) for one in types)]


def _told(item: dict[str, Any], people: dict[str, str | None]) -> dict[str, Any]:
    words = TYPES.get(item["type"])
    data = item["data"]
    details = [detail for detail in (_code(item["type"], data), *(more(data, people) for more in _MORE)) if detail]
    actor = item["actor"]
    return {
        "time": item["time"],
        "state": _COLOURS.get(item["type"], ""),
        "words": _(words) if words else _("Something was recorded"),
        "details": details,
        "who": actor.get("name"),
        "role": actor.get("role"),
    }


def _code(kind: str, data: dict[str, Any]) -> str | None:
    if kind not in _DETAILS:
        return None
    codes, field = _DETAILS[kind]
    return said_code(codes, data.get(field)) or None


def _person(data: dict[str, Any], people: dict[str, str | None]) -> str | None:
    found = people.get(str(data.get("contact") or data.get("carer") or ""))
    return found or None


def _money(data: dict[str, Any], _people: dict[str, str | None]) -> str | None:
    amount = data.get("amount")
    return formats().money(amount) if isinstance(amount, int) else None


_MORE: tuple[Callable[[dict[str, Any], dict[str, str | None]], str | None], ...] = (_person, _money)
