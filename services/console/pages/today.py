"""Today: where everyone begins who has no page of their own: what waits for the role, and the ways to the rest.

Each part is asked for only where the role may see it; a service that cannot be reached costs its part, not the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template

from services.console import codes as w
from services.console.context import here
from services.console.doors import call
from services.console.navigation import HOME, entries
from services.console.pages.own_classes import named, own_classes
from services.console.pages.roll_call import session_of
from services.console.pages.troubles import troubles
from services.console.port import OutcomeUnknown, ServiceUnavailable
from services.console.visits import may, signed_in, the_visit
from shared.kernel.clock import day_of
from shared.kernel.refusals import Refusal

pages = Blueprint("today", __name__)
_MOST = 5
_MOST_CLASSES = 12


@pages.get("/today")
@signed_in
def show() -> str:
    """The day: classes to call, alerts, cases and applications that wait, and where else the role can go."""
    parts: list[dict[str, Any]] = []
    if the_visit().role:
        for permission, ask in _PARTS:
            if may(permission):
                parts.append(_asked(ask))
    return render_template(
        "today/show.html",
        places=[entry for entry in entries() if entry.endpoint != HOME],
        parts=[part for part in parts if part.get("lost") or part.get("items")],
        troubles=troubles() if the_visit().role else [],
        w=w,
    )


def _asked(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return ask()
    except (ServiceUnavailable, OutcomeUnknown, Refusal):
        return {"kind": ask.__name__.strip("_"), "lost": True, "items": []}


def _roll_calls() -> dict[str, Any]:
    """The own classes, and whether the present session's roll call is taken; not for those who have too many."""
    classes = own_classes()
    now = here().clock.now()
    when = {"day": day_of(now).isoformat(), "session": session_of(now)}
    items = []
    for one in classes if len(classes) <= _MOST_CLASSES else []:
        sheet = call("alerts", "roll_call", {"klass": one["klass"]} | when)
        items.append({"klass": one["klass"], "name": named(one), "taken": sheet["taken"], "pupils": sheet["pupils"]})
    return {"kind": "roll_calls", "items": items, "session": when["session"]}


def _alerts() -> dict[str, Any]:
    found = call("alerts", "board", {"state": "open", "limit": _MOST})
    return {"kind": "alerts", "items": found["items"], "more": bool(found["next"])}


def _applications() -> dict[str, Any]:
    """What waits for this role: approval for who approves, payment for who pays."""
    states = [state for right, state in _WAITING.items() if may(right)]
    items = [
        one for state in states for one in call("funding", "applications", {"state": state, "limit": _MOST})["items"]
    ]
    return {"kind": "applications", "items": items}


def _cases() -> dict[str, Any]:
    found = call("casework", "cases", {"state": "open", "limit": _MOST})
    return {"kind": "cases", "items": found["items"], "more": bool(found["next"])}


_WAITING = {"funding:application:approve": "submitted", "funding:application:pay": "approved"}
_PARTS: tuple[tuple[str, Callable[[], dict[str, Any]]], ...] = (
    ("alerts:roll_call:take", _roll_calls),
    ("alerts:alert:view", _alerts),
    ("funding:application:view", _applications),
    ("casework:case:view", _cases),
)
"""What is shown to whom, in this order."""
