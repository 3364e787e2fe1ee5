"""Roll call on a phone: everyone is present until somebody taps otherwise, and one button sends it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from services.console import codes as w
from services.console.context import here
from services.console.doors import call, command
from services.console.forms import again, say
from services.console.pages.own_classes import named, own_classes
from services.console.visits import needs
from services.console.words import ngettext
from shared.kernel.clock import SHANGHAI, day_of
from shared.kernel.ids import is_id
from shared.kernel.refusals import Refusal

pages = Blueprint("roll_call", __name__)


@pages.get("/roll-call")
@needs("alerts:roll_call:view")
def choose() -> Any:
    """Which class, day and session. Who has one class goes straight to it."""
    wanted = request.args.get("klass", "")
    if is_id(wanted):
        return redirect(_sheet_of(wanted, _when()), 303)
    classes = own_classes()
    if len(classes) == 1:
        return redirect(url_for("roll_call.sheet", klass=classes[0]["klass"]), 303)
    return render_template(
        "roll_call/choose.html", classes=classes, named=named, w=w, session=_session(), today=_today().isoformat()
    )


@pages.get("/roll-call/<uuid:klass>")
@needs("alerts:roll_call:view")
def sheet(klass: Any) -> str:
    """The pupils of a class, as they were marked or all present."""
    when = _when()
    found = call("alerts", "roll_call", {"klass": str(klass)} | when)
    return render_template(
        "roll_call/sheet.html", found=found, klass=str(klass), w=w, today=_today().isoformat(), **when
    )


@pages.post("/roll-call/<uuid:klass>")
@needs("alerts:roll_call:take")
def take(klass: Any) -> Any:
    """Send the roll call, or put right what was sent before."""
    form, when = request.form, _when()
    marks = [_mark(child) for child in form.getlist("child") if is_id(child)]
    try:
        command("alerts", "take_roll_call", {"klass": str(klass), "marks": marks} | when)
    except Refusal as refusal:
        return again(refusal, lambda: sheet(klass))
    absent = sum(one["state"] == "absent" for one in marks)
    alarming = sum(one["state"] == "absent" and one["reason"] is None for one in marks)
    say(ngettext("Roll call is taken: %(n)s absent.", "Roll call is taken: %(n)s absent.", absent))
    if alarming:
        say(
            ngettext(
                "%(n)s child is absent without reason. The officer on duty has been told.",
                "%(n)s children are absent without reason. The officer on duty has been told.",
                alarming,
            ),
            kind="warning",
        )
    return redirect(_sheet_of(str(klass), when), 303)


def _mark(child: str) -> dict[str, Any]:
    """What was tapped for a child; a reason counts only with an absence."""
    state = request.form.get(f"state-{child}", "present")
    reason = request.form.get(f"reason-{child}", "") if state == "absent" else ""
    return {"child": child, "state": state, "reason": reason or None}


def _when() -> dict[str, str]:
    """Day and session that the address or the form names, else the present ones. Nonsense counts as not named."""
    day, session = request.values.get("day", ""), request.values.get("session", "")
    try:
        date.fromisoformat(day)
    except ValueError:
        day = _today().isoformat()
    return {"day": day, "session": session if session in w.SESSIONS else _session()}


def _sheet_of(klass: str, when: dict[str, str]) -> str:
    return url_for("roll_call.sheet", klass=klass, day=when["day"], session=when["session"])


def _today() -> date:
    return day_of(here().clock.now())


def _session() -> str:
    return session_of(here().clock.now())


def session_of(now: datetime) -> str:
    """The part of the day that a moment falls into, by the clock of Shanghai."""
    hour = now.astimezone(SHANGHAI).hour
    return "morning" if hour < 12 else "afternoon" if hour < 18 else "night"
