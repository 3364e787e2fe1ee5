"""Reading together what is restricted: the request on a child's page, the list, and one request with its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for

from services.console import codes as w
from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.visits import needs, the_visit
from services.console.words import _
from shared.kernel.refusals import Invalid, Refusal

pages = Blueprint("openings", __name__)
_PAGE = 25
MINUTES = (10, 30, 60)
"""For how long the form offers to open."""


@pages.get("/openings")
@needs("registry:opening:view")
def listed() -> str:
    """The requests, the latest first; of one state where the address says so."""
    state = request.args.get("state")
    wanted = {"state": state} if state in w.OPENING_STATES else {}
    found = call("registry", "openings", {**wanted, "limit": _PAGE, "after": request.args.get("after")})
    return render_template("openings/listed.html", found=found, state=wanted.get("state"), w=w)


@pages.get("/openings/<uuid:opening>")
@needs("registry:opening:view")
def show(opening: UUID) -> str:
    """One request: who asked and why, who decided, until when the two read."""
    it = call("registry", "opening", {"opening": str(opening)})
    me = the_visit().person.staff
    return render_template("openings/show.html", it=it, mine=it["asked_by"] == me, w=w)


@pages.get("/children/<uuid:child>/opening")
@needs("registry:opening:request")
def ask(child: UUID) -> str:
    """The form by which somebody asks to read, with a second person, what is restricted about a child."""
    found = call("registry", "child", {"child": str(child)})
    return render_template("openings/ask.html", child=found, minutes=MINUTES, w=w)


@pages.post("/children/<uuid:child>/opening")
@needs("registry:opening:request")
def asked(child: UUID) -> Any:
    """Ask for it."""
    try:
        if wrong := missing("reason", "minutes"):
            raise wrong
        minutes = request.form["minutes"]
        if not minutes.isdecimal() or len(minutes) > 3:
            raise Invalid({"minutes": ["not_a_number"]})
        said = {"child": str(child), "reason": request.form["reason"], "minutes": int(minutes)}
        done = command("registry", "ask_to_open", said)
    except Refusal as refusal:
        return again(refusal, lambda: ask(child))
    say(_("The request is made. Once another person approves it, the two of you can read what is kept."))
    return redirect(url_for("openings.show", opening=done["id"]), 303)


@pages.post("/openings/<uuid:opening>/approval")
@needs("registry:opening:approve")
def approve(opening: UUID) -> Any:
    """Approve it as the second person."""
    return _decided(opening, "approve_opening", _("It is open for the two of you. Each reading is recorded."))


@pages.post("/openings/<uuid:opening>/refusal")
@needs("registry:opening:approve")
def refuse(opening: UUID) -> Any:
    """Refuse it as a second person."""
    return _decided(opening, "refuse_opening", _("The request is refused; nothing was opened."))


@pages.post("/openings/<uuid:opening>/withdrawal")
@needs("registry:opening:request")
def withdraw(opening: UUID) -> Any:
    """Take it back."""
    return _decided(opening, "withdraw_opening", _("The request is withdrawn; nothing was opened."))


@pages.post("/openings/<uuid:opening>/end")
@needs("registry:opening:request")
def close(opening: UUID) -> Any:
    """Close what is open."""
    return _decided(opening, "close_opening", _("It is closed again for everybody."))


def _decided(opening: UUID, door: str, words: str) -> Any:
    try:
        command("registry", door, {"opening": str(opening)})
    except Refusal as refusal:
        return again(refusal, lambda: show(opening))
    say(words)
    return redirect(url_for("openings.show", opening=opening), 303)
