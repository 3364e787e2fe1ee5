"""Parked events: what a service could not apply of what its neighbours say, for administrators and auditors.

Nothing here shows what an event says or about whom: only where it stands, what went wrong, and since when.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console import codes as w
from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.port import OutcomeUnknown, ServiceUnavailable
from services.console.visits import needs
from services.console.words import _, ngettext
from shared.kernel.refusals import Refusal

pages = Blueprint("parked", __name__)
_PAGE = 20


@pages.get("/parked")
@needs("log:parked:view")
def listed() -> str:
    """What is parked in each service, or the next page of one of them."""
    wanted = request.args.get("service")
    if wanted is not None:
        _known(wanted)
    asked = [wanted] if wanted else list(w.SERVICES)
    return render_template("parked/listed.html", lists=[_parked(one, request.args.get("after")) for one in asked], w=w)


@pages.post("/parked/<service>/retry")
@needs("log:parked:settle")
def retry(service: str) -> Response:
    """Try everything that a service has parked again."""
    _known(service)
    items = call(service, "parked_retry", timeout=60.0)["items"]
    applied, left = (sum(one[name] for one in items) for name in ("applied", "left"))
    said = ngettext("%(n)s event was applied.", "%(n)s events were applied.", applied)
    if left:
        said += " " + ngettext("%(n)s event is still parked.", "%(n)s events are still parked.", left)
    say(said, kind="warning" if left else "done")
    return redirect(url_for("parked.listed"), 303)


@pages.get("/parked/<service>/<source>/<projector>/<int:position>")
@needs("log:parked:settle")
def one(service: str, source: str, projector: str, position: int) -> str:
    """The form by which a parked event is given up."""
    _known(service)
    _known(source)
    named = {"service": service, "source": source, "projector": projector, "position": position}
    return render_template("parked/one.html", **named, w=w)


@pages.post("/parked/<service>/<source>/<projector>/<int:position>")
@needs("log:parked:settle")
def drop(service: str, source: str, projector: str, position: int) -> Any:
    """Give it up, for a reason that the service's log keeps."""
    _known(service)
    try:
        if wrong := missing("reason"):
            raise wrong
        given = {"source": source, "projector": projector, "position": position, "reason": request.form["reason"]}
        command(service, "parked_drop", given)
    except Refusal as refusal:
        return again(refusal, lambda: one(service, source, projector, position))
    say(_("The event is given up, and the log says so."))
    return redirect(url_for("parked.listed"), 303)


def _known(service: str) -> None:
    if service not in w.SERVICES:
        abort(404)


def _parked(service: str, after: str | None) -> dict[str, Any]:
    try:
        found = call(service, "parked", {"limit": _PAGE, "after": after})
    except (ServiceUnavailable, OutcomeUnknown):
        return {"service": service, "reached": False, "items": [], "next": None}
    return {"service": service, "reached": True, "items": found["items"], "next": found["next"]}
