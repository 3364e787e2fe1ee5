"""School terms and workdays: what the days of an area are, and setting its terms and exceptions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from services.console import codes as w
from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.visits import needs
from services.console.words import _
from shared.kernel.ids import is_id
from shared.kernel.refusals import Invalid, Refusal

pages = Blueprint("calendar", __name__)
_SHOWN = 31
SAID = {"yes": True, "no": False}
"""How a form says that a day is worked or taught; anything else: as the calendar has it."""


@pages.get("/calendar")
@needs("registry:division:view")
def show() -> str:
    """The days of an area, by default the county's, from today on."""
    return _shown(request.args.get("division"))


@pages.post("/calendar/terms")
@needs("registry:calendar:set")
def set_term() -> Any:
    """Set a term."""
    form = request.form
    said = {name: form.get(name, "") for name in ("division", "half", "first", "last")}

    def order() -> str:
        if wrong := missing("division", "year", "half", "first", "last"):
            raise wrong
        year = form["year"].strip()
        if not year.isdecimal() or len(year) != 4:
            raise Invalid({"year": ["not_a_number"]})
        command("registry", "set_term", said | {"year": int(year)})
        return _("The term is set.")

    return _ordered(order, said["division"])


@pages.post("/calendar/days")
@needs("registry:calendar:set")
def set_day() -> Any:
    """Set a day."""
    form = request.form
    division = form.get("division", "")

    def order() -> str:
        if wrong := missing("division", "day"):
            raise wrong
        how = {name: SAID.get(form.get(name, "")) for name in ("worked", "taught")}
        command("registry", "set_day", {"division": division, "day": form["day"]} | how)
        return _("The day is set.")

    return _ordered(order, division)


def _ordered(order: Any, division: str) -> Any:
    try:
        words = order()
    except Refusal as refusal:
        return again(refusal, lambda: _shown(division))
    say(words)
    return redirect(url_for("calendar.show", division=division), 303)


def _shown(wanted: str | None) -> str:
    areas = call("registry", "divisions")["items"]
    known = {one["division"] for one in areas}
    top = next((one["division"] for one in areas if one["parent"] is None), None)
    division = wanted if is_id(wanted) and wanted in known else top
    found = (
        call("registry", "calendar_days", {"division": division, "days": _SHOWN})
        if division
        else {"terms": [], "days": [], "items": []}
    )
    names = [(one["division"], one["name"]) for one in areas]
    return render_template("calendar/show.html", found=found, areas=names, division=division, w=w)
