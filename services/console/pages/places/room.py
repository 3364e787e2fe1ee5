"""What the pages about places and people share: their blueprint, and the way an order of a form goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from services.console.doors import command
from services.console.forms import again, missing, say
from shared.kernel.refusals import Refusal

pages = Blueprint("places", __name__)
Answer = Response | tuple[Any, int]


def ordered(
    door: str, data: dict[str, Any], form: Callable[[], str], said: str, *required: str, back: str | None = None
) -> Answer:
    """Order it at registry; on to `back` with a word of what happened, or the form again with what is wrong."""
    try:
        if wrong := missing(*required):
            raise wrong
        command("registry", door, data)
    except Refusal as refusal:
        return again(refusal, form)
    say(said)
    return redirect(back or url_for("places.listed"), 303)
