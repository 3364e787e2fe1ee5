"""What the pages about children share: their blueprint, and questions that may go unanswered."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint

from services.console import codes
from services.console.doors import call
from services.console.pages.own_classes import own_villages
from services.console.port import OutcomeUnknown, ServiceUnavailable
from services.console.visits import may
from shared.kernel.refusals import Refusal

pages = Blueprint("children", __name__)
pages.add_app_template_global(codes.said_code, "said_code")
pages.add_app_template_global(codes.code_options, "code_options")
pages.add_app_template_global(codes.roster_field, "roster_field")
log = structlog.get_logger()


def if_answered(service: str, door: str, data: dict[str, Any], *, needs: str | None = None) -> dict[str, Any] | None:
    """The answer of a neighbour, or None where the reader has no right to it or the neighbour is away.

    A child's page shows what is there: one service that is down takes nothing else with it.
    """
    if needs is not None and not may(needs):
        return None
    try:
        return call(service, door, data, timeout=3.0)
    except (Refusal, ServiceUnavailable, OutcomeUnknown) as error:
        log.warning("neighbour_passed_over", service=service, door=door, error=type(error).__name__)
        return None


def village_options() -> list[tuple[str, str]]:
    """The villages within reach, each with its township before it, as a form offers them."""
    divisions = call("registry", "divisions")["items"]
    names = {one["division"]: one["name"] for one in divisions}
    return [
        (one["division"], " ".join(part for part in (names.get(one["parent"]), one["name"]) if part))
        for one in own_villages(divisions)
    ]


def class_options() -> list[tuple[str, str]]:
    """Every class with its school before it."""
    return [(one["klass"], f"{one['school_name']} {one['name']}") for one in call("registry", "classes")["items"]]
