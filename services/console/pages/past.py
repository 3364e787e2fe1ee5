"""How a child, a case, an alert, a fund or an application stood on a past day, and the history of its fields.

A day means all of it: what was known when it ended. Words and sums are said as on the thing's own page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from services.console.catalogues import N_
from services.console.codes import said_code
from services.console.context import here
from services.console.doors import call
from services.console.templating import formats
from services.console.visits import needs
from services.console.words import _
from shared.kernel.clock import SHANGHAI, day_of
from shared.kernel.refusals import Invalid

pages = Blueprint("past", __name__)
_PRESENT = {True: N_("yes"), False: N_("no")}
_CONTACT = "contact "


@dataclass(frozen=True, slots=True)
class Told:
    """A kind of thing: who tells of it, where its own page is, and its fields with their words and how they are said.

    A field is said as it is, or as `day`, `money`, `yes` or a code of the enumeration named.
    """

    service: str
    kind: str
    page: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)


CHILD = Told("registry", "child", "children.show", {
    "name": (N_("Name"), ""), "sex": (N_("Sex"), "sex"), "born": (N_("Day of birth"), "day"),
    "identity": (N_("Identity number"), ""), "present": (N_("Under watch"), "yes"), "address": (N_("Address"), ""),
    "village": (N_("Village"), ""), "school": (N_("School"), ""), "klass": (N_("Class"), ""),
    "arrangement": (N_("Who cares for the child"), "arrangement"), "since": (N_("Since"), "day"),
    "carer": (N_("Person"), ""), "responsible": (N_("Who answers for the child"), ""), "risks": (N_("Risks"), "risk"),
})  # fmt: skip
CASE = Told("casework", "case", "cases.show", {
    "state": (N_("State"), "case_state"), "counsellor": (N_("Counsellor"), ""), "notes": (N_("Notes"), ""),
    "alerts": (N_("Alerts"), ""),
})  # fmt: skip
ALERT = Told("alerts", "alert", "alerts.show", {
    "state": (N_("State"), "alert_state"), "level": (N_("How urgent"), "alert_level"),
    "by": (N_("In the hands of"), ""), "outcome": (N_("Outcome"), "alert_outcome"),
})  # fmt: skip
FUND = Told("funding", "fund", "funding.fund", {
    "received": (N_("Received"), "money"), "available": (N_("Available"), "money"),
    "set_aside": (N_("Set aside"), "money"), "paid": (N_("Paid out"), "money"), "donations": (N_("Donations"), ""),
})  # fmt: skip
APPLICATION = Told("funding", "application", "funding.show", {
    "state": (N_("State"), "application_state"), "amount": (N_("Amount"), "money"), "fund_name": (N_("Fund"), ""),
    "submitted_by": (N_("Handed in by"), ""), "approved_by": (N_("Approved by"), ""),
})  # fmt: skip


@pages.get("/children/<uuid:child>/past")
@needs("registry:child:view")
def child(child: UUID) -> str:
    """A child as it stood, with its contact card."""
    return _show(CHILD, str(child))


@pages.get("/cases/<uuid:case>/past")
@needs("casework:case:view")
def case(case: UUID) -> str:
    """A case as it stood."""
    return _show(CASE, str(case))


@pages.get("/alerts/<uuid:alert>/past")
@needs("alerts:alert:view")
def alert(alert: UUID) -> str:
    """An alert as it stood."""
    return _show(ALERT, str(alert))


@pages.get("/funding/funds/<uuid:fund>/past")
@needs("funding:fund:view")
def fund(fund: UUID) -> str:
    """A fund as it stood."""
    return _show(FUND, str(fund))


@pages.get("/funding/applications/<uuid:application>/past")
@needs("funding:application:view")
def application(application: UUID) -> str:
    """An application as it stood."""
    return _show(APPLICATION, str(application))


def _show(told: Told, wanted: str) -> str:
    known, true = _day("known"), _day("true")
    named: dict[str, Any] = {told.kind: wanted}
    asked: dict[str, Any] = {**named, "history": "history" in request.args}
    if known is not None and known != day_of(here().clock.now()):
        # The last moment of the day; today has none yet, and now is what is known of it.
        end = datetime.combine(known + timedelta(days=1), time(), SHANGHAI) - timedelta(microseconds=1)
        asked["known_at"] = end.isoformat()
    if true is not None:
        asked["true_at"] = true.isoformat()
    found = call(told.service, f"{told.kind}_as_of", asked)
    state = found["state"]
    return render_template(
        "past/show.html",
        told=told,
        name=state.get("name") or state.get("child_name") or _("Name not shown"),
        back=url_for(told.page, **named),
        here=url_for(f"past.{told.kind}", **named),
        known_on=known,
        true_on=true,
        facts=[(_(words), _said(state.get(one), how)) for one, (words, how) in told.fields.items() if one in state],
        masked=[_(told.fields[one][0]) for one in state.get("masked", ()) if one in told.fields],
        contacts=state.get("contacts", []),
        history=[_change(told, one) for one in found["history"]] if found["history"] is not None else None,
    )


def _day(name: str) -> date | None:
    """A day of the address. Raises Invalid on what is none."""
    given = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise Invalid({name: ["not_a_day"]}) from error


def _said(value: Any, how: str) -> str:
    if value is None or value == [] or value == "":
        return ""
    if how == "day":
        return formats().full_date(date.fromisoformat(value))
    if how == "money":
        return formats().money(value)
    if how == "yes":
        return _(_PRESENT[bool(value)])
    if how:
        return "、".join(said_code(how, one) or str(one) for one in (value if isinstance(value, list) else [value]))
    return str(value)


def _change(told: Told, one: dict[str, Any]) -> dict[str, Any]:
    """One line of the history: which field, what it was, from when until when, who changed it."""
    name, value = one["field"], one["value"]
    if name.startswith(_CONTACT):
        words, said = _("Contact card"), _contact(value)
    else:
        label, how = told.fields.get(name, (name, ""))
        words, said = _(label), _said(value, how)
    return one | {"words": words, "said": said or _("nothing")}


def _contact(value: dict[str, Any] | None) -> str:
    if value is None:
        return _("off the card")
    known = (said_code("relation", value["relation"]), value.get("name"), value.get("phone"), value.get("address"))
    return " · ".join(str(part) for part in (f"{value['order']}.", *known) if part)
