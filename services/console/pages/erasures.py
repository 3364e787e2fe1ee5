"""Erasing people: the request on a child's page, the list, and one request with what each service says to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console import codes as w
from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.visits import needs, the_visit
from services.console.words import _
from shared.kernel.refusals import Refusal

pages = Blueprint("erasures", __name__)
_PAGE = 25


@pages.get("/erasures")
@needs("registry:erasure:view")
def listed() -> str:
    """The requests, the latest first; of one state where the address says so."""
    state = request.args.get("state")
    wanted = {"state": state} if state in w.ERASURE_STATES else {}
    found = call("registry", "erasures", {**wanted, "limit": _PAGE, "after": request.args.get("after")})
    return render_template("erasures/listed.html", found=found, state=wanted.get("state"), w=w)


@pages.get("/erasures/<uuid:erasure>")
@needs("registry:erasure:view")
def show(erasure: UUID) -> str:
    """One request: who asked and why, what each service says, who decided, and which have carried it out."""
    it = call("registry", "erasure", {"erasure": str(erasure)})
    return render_template("erasures/show.html", it=it, me=the_visit().person.staff, w=w)


@pages.get("/children/<uuid:child>/erasure")
@needs("registry:erasure:request")
def ask(child: UUID) -> str:
    """The form by which somebody asks that a child, or a person on its card, be erased."""
    return render_template("erasures/ask.html", child=call("registry", "child", {"child": str(child)}), w=w)


@pages.post("/children/<uuid:child>/erasure")
@needs("registry:erasure:request")
def asked(child: UUID) -> Any:
    """Ask for it."""
    try:
        if wrong := missing("person", "grounds"):
            raise wrong
        given = {"person": request.form["person"], "grounds": request.form["grounds"]}
        done = command("registry", "request_erasure", given)
    except Refusal as refusal:
        return again(refusal, lambda: ask(child))
    say(_("The request is made. Another person decides about it once every service has answered."))
    return redirect(url_for("erasures.show", erasure=done["id"]), 303)


@pages.post("/erasures/<uuid:erasure>/approval")
@needs("registry:erasure:approve")
def approve(erasure: UUID) -> Any:
    """Approve it as a second person."""
    return _decided(
        erasure, "approve_erasure", {}, _("It is approved. Each service weighs it once more, then carries it out.")
    )


@pages.post("/erasures/<uuid:erasure>/refusal")
@needs("registry:erasure:approve")
def refuse(erasure: UUID) -> Any:
    """Refuse it as a second person."""
    if wrong := missing("reason"):
        return again(wrong, lambda: show(erasure))
    return _decided(erasure, "refuse_erasure", {"reason": request.form["reason"]}, _("The request is refused."))


@pages.post("/erasures/<uuid:erasure>/withdrawal")
@needs("registry:erasure:request")
def withdraw(erasure: UUID) -> Any:
    """Take it back."""
    return _decided(erasure, "withdraw_erasure", {}, _("The request is withdrawn; nothing has changed."))


@pages.post("/erasures/<uuid:erasure>/lifting")
@needs("registry:erasure:request")
def ask_to_lift(erasure: UUID) -> Any:
    """Ask that the restriction end."""
    if wrong := missing("why"):
        return again(wrong, lambda: show(erasure))
    words = _("The request is made. Another person decides whether the restriction ends.")
    return _decided(erasure, "ask_to_lift", {"reason": request.form["why"]}, words)


@pages.post("/erasures/<uuid:erasure>/lifting/approval")
@needs("registry:erasure:approve")
def approve_lifting(erasure: UUID) -> Any:
    """Approve as a second person that it end."""
    words = _("The restriction is lifted. What is known appears again as soon as each service has done it.")
    return _decided(erasure, "approve_lifting", {}, words)


@pages.post("/erasures/<uuid:erasure>/lifting/refusal")
@needs("registry:erasure:approve")
def refuse_lifting(erasure: UUID) -> Any:
    """Refuse as a second person that it end."""
    return _decided(erasure, "refuse_lifting", {}, _("The request is refused; the restriction stays."))


@pages.post("/erasures/<uuid:erasure>/lifting/withdrawal")
@needs("registry:erasure:request")
def withdraw_lifting(erasure: UUID) -> Any:
    """Take that request back."""
    return _decided(erasure, "withdraw_lifting", {}, _("The request is withdrawn; the restriction stays."))


def _decided(erasure: UUID, door: str, said: dict[str, Any], words: str) -> Response | Any:
    try:
        command("registry", door, {"erasure": str(erasure), **said})
    except Refusal as refusal:
        return again(refusal, lambda: show(erasure))
    say(words)
    return redirect(url_for("erasures.show", erasure=erasure), 303)
