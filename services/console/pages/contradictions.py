"""Contradictions between logs and witnesses, for auditors and administrators: the evidence, and what was decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console import codes as w
from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.port import OutcomeUnknown, ServiceUnavailable
from services.console.visits import needs
from services.console.words import _
from shared.kernel.refusals import Refusal

pages = Blueprint("contradictions", __name__)


@pages.get("/contradictions")
@needs("log:contradiction:decide")
def listed() -> str:
    """What each service has on record, the latest first."""
    return render_template("contradictions/listed.html", lists=[_kept(one) for one in w.SERVICES], w=w)


@pages.get("/contradictions/<service>/<uuid:contradiction>")
@needs("log:contradiction:decide")
def one(service: str, contradiction: UUID) -> str:
    """The form by which somebody says what was behind it."""
    found = [each for each in _kept(service)["items"] if each["id"] == str(contradiction)]
    if not found:
        abort(404)
    return render_template("contradictions/one.html", service=service, one=found[0], w=w)


@pages.post("/contradictions/<service>/<uuid:contradiction>")
@needs("log:contradiction:decide")
def decide(service: str, contradiction: UUID) -> Response | tuple[Any, int]:
    """Record it in the log of the service that keeps the evidence."""
    if service not in w.SERVICES:
        abort(404)
    try:
        if wrong := missing("reason"):
            raise wrong
        given = {"contradiction": str(contradiction), "reason": request.form["reason"]}
        command(service, "contradiction_decide", given)
    except Refusal as refusal:
        return again(refusal, lambda: one(service, contradiction))
    say(_("The decision is recorded. Both signed notes stay on record."))
    return redirect(url_for("contradictions.listed"), 303)


def _kept(service: str) -> dict[str, Any]:
    if service not in w.SERVICES:
        abort(404)
    try:
        return {"service": service, "reached": True, "items": call(service, "contradictions", timeout=5.0)["items"]}
    except (ServiceUnavailable, OutcomeUnknown):
        return {"service": service, "reached": False, "items": []}
