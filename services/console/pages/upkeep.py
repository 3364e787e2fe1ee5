"""How the logs are kept up, for administrators and auditors: who follows whom and how far, and the last good backup."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from services.console import codes as w
from services.console.doors import call
from services.console.port import OutcomeUnknown, ServiceUnavailable
from services.console.visits import needs

pages = Blueprint("upkeep", __name__)


@pages.get("/upkeep")
@needs("log:upkeep:view")
def show() -> str:
    """Each service: the logs that it follows, its epoch, and the backup that was verified last."""
    return render_template("upkeep/show.html", services=[_upkeep(one) for one in w.SERVICES], w=w)


def _upkeep(service: str) -> dict[str, Any]:
    try:
        return call(service, "upkeep", timeout=5.0) | {"service": service, "reached": True}
    except (ServiceUnavailable, OutcomeUnknown):
        return {"service": service, "reached": False}
