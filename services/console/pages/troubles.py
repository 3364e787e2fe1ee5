"""What is wrong with the house itself, for whoever may know: shown above the board and on the day's page."""

from __future__ import annotations

from typing import Any

from services.console.doors import call
from services.console.port import OutcomeUnknown, ServiceUnavailable
from services.console.visits import may
from shared.kernel.refusals import Refusal


def troubles() -> list[dict[str, Any]]:
    """The open troubles, the oldest first; none where they are not the reader's, or alerts does not answer."""
    if not may("alerts:trouble:view"):
        return []
    try:
        items: list[dict[str, Any]] = call("alerts", "troubles", timeout=3.0)["items"]
    except (ServiceUnavailable, OutcomeUnknown, Refusal):
        return []
    return items
