"""Alerts: the board that nobody overlooks, the page of one alert with whom to call, and how alerts climb."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from services.console import codes as w
from services.console.context import here
from services.console.doors import call, command
from services.console.formatting import Formats
from services.console.forms import again, missing, say
from services.console.pages.choose_child import choose_child
from services.console.pages.troubles import troubles
from services.console.roles import ROLES
from services.console.visits import may, needs
from services.console.words import _, catalogue, language, ngettext
from shared.kernel.refusals import Refusal

pages = Blueprint("alerts", __name__)
STEPS = 4
ON_THE_WALL = 6
"""Alerts that a screen shows in letters that can be read from four metres."""
"""Steps that the form of a policy has room for."""
LONGEST_WAIT = 10_000
"""Minutes."""
_PAGE = 100


@pages.get("/alerts")
@needs("alerts:alert:view")
def board() -> str:
    """What is open, the gravest that nobody has taken on first; or what is resolved."""
    if request.args.get("state") == "resolved":
        found = call("alerts", "board", {"state": "resolved", "after": request.args.get("after"), "limit": 50})
        return render_template("alerts/resolved.html", found=found, w=w)
    return render_template("alerts/board.html", **_open(), troubles=troubles(), w=w)


@pages.get("/alerts/rows")
@needs("alerts:alert:view")
def rows() -> str:
    """The rows of the board alone: what the script fetches when there is something new."""
    return render_template("alerts/rows.html", **_open(), w=w)


@pages.get("/alerts/wall")
@needs("alerts:alert:view")
def wall() -> str:
    """The board for a screen on the wall: no names, to be read from four metres."""
    return render_template("alerts/wall.html", **_wall(), w=w)


@pages.get("/alerts/wall/rows")
@needs("alerts:alert:view")
def wall_rows() -> str:
    """What is on the wall, alone: what the script fetches when there is something new."""
    return render_template("alerts/wall_rows.html", **_wall(), w=w)


@pages.get("/alerts/<uuid:alert>")
@needs("alerts:alert:view")
def show(alert: Any) -> str:
    """One alert: its state, whom to call next, what was done."""
    found = call("alerts", "alert", {"alert": str(alert)})
    return render_template("alerts/show.html", alert=found, card=_card(found), w=w)


@pages.post("/alerts/<uuid:alert>/acknowledge")
@needs("alerts:alert:acknowledge")
def acknowledge(alert: Any) -> Response:
    """Take it on."""
    try:
        command("alerts", "acknowledge_alert", {"alert": str(alert)})
    except Refusal as refusal:
        if refusal.code != "alerts.already_acknowledged":
            raise
        by = refusal.facts.get("by_name") or _("a colleague")
        say(_("%(by)s already has it in hand.", by=by), kind="info")
    else:
        say(_("You have this alert in hand."))
    return redirect(url_for("alerts.show", alert=alert), 303)


@pages.post("/alerts/<uuid:alert>/attempts")
@needs("alerts:contact_attempt:record")
def attempt(alert: Any) -> Any:
    """Record how a call went."""
    form = request.form
    try:
        if wrong := missing("contact", "result"):
            raise wrong
        given = {"contact": form["contact"], "result": form["result"], "note": form.get("note", "").strip() or None}
        command("alerts", "record_contact_attempt", {"alert": str(alert)} | given)
    except Refusal as refusal:
        return again(refusal, lambda: show(alert))
    say(_("Recorded: %(result)s.", result=w.said(w.RESULTS, form["result"])))
    return redirect(url_for("alerts.show", alert=alert, _anchor="calls"), 303)


@pages.post("/alerts/<uuid:alert>/resolve")
@needs("alerts:alert:resolve")
def resolve(alert: Any) -> Any:
    """End it with an outcome."""
    form = request.form
    try:
        if wrong := missing("outcome"):
            raise wrong
        given = {"outcome": form["outcome"], "note": form.get("note", "").strip() or None}
        command("alerts", "resolve_alert", {"alert": str(alert)} | given)
    except Refusal as refusal:
        return again(refusal, lambda: show(alert))
    say(_("The alert is resolved: %(outcome)s.", outcome=w.said(w.OUTCOMES, form["outcome"])))
    return redirect(url_for("alerts.show", alert=alert), 303)


@pages.route("/alerts/new", methods=["GET", "POST"])
@needs("alerts:alert:raise")
def choose() -> str:
    """About which child."""
    return choose_child(_("Raise an alert"), "alerts.raise_form")


@pages.get("/children/<uuid:child>/alert")
@needs("alerts:alert:raise")
def raise_form(child: Any) -> str:
    """The form to raise an alert about a child."""
    found = call("registry", "child", {"child": str(child)})
    return render_template("alerts/raise.html", child=found, w=w)


@pages.post("/children/<uuid:child>/alert")
@needs("alerts:alert:raise")
def raise_alert(child: Any) -> Any:
    """Raise an alert."""
    form = request.form
    given = {"child": str(child), "kind": form.get("kind"), "note": form.get("note", "").strip() or None}
    if form.get("level"):
        given["level"] = form["level"]
    try:
        if wrong := missing("kind"):
            raise wrong
        made = command("alerts", "raise_alert", given)
    except Refusal as refusal:
        return again(refusal, lambda: raise_form(child))
    say(_("The alert is raised. The officer on duty sees it now."))
    return redirect(url_for("alerts.show", alert=made["id"]), 303)


@pages.get("/alerts/policies")
@needs("alerts:policy:view")
def policies() -> str:
    """How alerts climb while nobody takes them on."""
    found = call("alerts", "policies")
    divisions = call("registry", "divisions")["items"] if may("alerts:policy:set") else []
    roles = w.options(ROLES, *w.RESPONDERS)
    return render_template(
        "alerts/policies.html",
        policies=found.get("items", []),
        divisions=[(one["division"], one["name"]) for one in divisions],
        roles=roles,
        steps=STEPS,
        w=w,
    )


@pages.post("/alerts/policies")
@needs("alerts:policy:set")
def set_policy() -> Any:
    """Set the steps for a division and a kind. Alerts that are already open keep theirs."""
    form = request.form
    try:
        if wrong := missing("division", "kind", "role_1", "wait_1", "resolve_minutes"):
            raise wrong
        given = {"division": form["division"], "kind": form["kind"], "steps": _steps()}
        command("alerts", "set_policy", given | {"resolve_minutes": _minutes("resolve_minutes")})
    except Refusal as refusal:
        return again(refusal, policies)
    say(_("The steps are set. Alerts that are already open keep theirs."))
    return redirect(url_for("alerts.policies"), 303)


def _steps() -> list[dict[str, Any]]:
    numbers = [number for number in range(1, STEPS + 1) if request.form.get(f"role_{number}")]
    return [{"role": request.form[f"role_{one}"], "wait_minutes": _minutes(f"wait_{one}")} for one in numbers]


def _minutes(field: str) -> int:
    """The minutes in a field. Raises `invalid` with the field."""
    typed = request.form.get(field, "").strip()
    if not typed.isdecimal() or len(typed) > 6:
        raise Refusal("invalid", errors={field: ["not_a_number"]})
    if not 1 <= int(typed) <= LONGEST_WAIT:
        raise Refusal("invalid", errors={field: ["range"]})
    return int(typed)


def _open() -> dict[str, Any]:
    found = call("alerts", "board", {"state": "open", "limit": _PAGE})
    waiting = sum(one["state"] == "raised" for one in found["items"])
    first = found["items"][0] if found["items"] else None
    words = ""
    if waiting and first:
        name = first.get("child_name") or _("a child")
        words = ngettext("%(n)s alert waits: %(kind)s, %(name)s", "%(n)s alerts wait: %(kind)s, %(name)s", waiting,
                         kind=w.said(w.KINDS, first["kind"]), name=name)  # fmt: skip
    return {"found": found, "waiting": waiting, "said": words, "until": _until}


def _wall() -> dict[str, Any]:
    """The gravest that fit on a screen, without anything that names a person, and how many there are."""
    found = call("alerts", "board", {"state": "open", "limit": _PAGE})
    shown = ("kind", "level", "state", "village_name", "raised_at", "next_role", "next_at", "step_role")
    items = [{name: one.get(name) for name in shown} for one in found["items"]]
    waiting = sum(one["state"] == "raised" for one in items)
    words = ngettext("%(n)s alert waits", "%(n)s alerts wait", waiting) if waiting else ""
    return {
        "items": items[:ON_THE_WALL],
        "waiting": waiting,
        "held": len(items) - waiting,
        "hidden": max(0, len(items) - ON_THE_WALL),
        "more": found["next"] is not None,
        "said": words,
        "until": _until,
    }


def _until(at: str) -> Markup:
    """How long until a moment; the script lets it tick."""
    then, formats = datetime.fromisoformat(at), Formats(language(), catalogue(), here().clock.now())
    left = max((then - formats.now).total_seconds(), 0)
    return Markup('<time class="ticks" datetime="{}" title="{}" data-until="{}">{}</time>').format(
        then.isoformat(), formats.exact(then), int(then.timestamp()), formats.duration(left)
    )


def _card(alert: dict[str, Any]) -> dict[str, Any] | None:
    """The contact card, in calling order, each with the last call about this alert; None for who may not see it."""
    if alert["state"] == "resolved" or not may("alerts:contact_card:view"):
        return None
    try:
        card = call("alerts", "contact_card", {"child": alert["child"]})
    except Refusal:
        return None
    calls = sorted(alert.get("attempts") or [], key=lambda one: str(one["at"]))
    last = {one["contact"]: one for one in calls}
    contacts = [one | {"last": last.get(one["contact"])} for one in card["contacts"]]
    return card | {"contacts": contacts, "next": card.get("next_to_call")}
