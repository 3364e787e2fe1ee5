"""Every part of the pages in each of its states, to look at. Not in production."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request

from services.console.context import here
from services.console.forms import problems
from services.console.refusals.general import FIELDS
from services.console.visits import public
from services.console.words import _

pages = Blueprint("styleguide", __name__)


@pages.route("/styleguide", methods=["GET", "POST"])
@public
def show() -> str:
    """The parts. With `?wrong=1` the form stands as after a refusal."""
    now = here().clock.now()
    if request.args.get("wrong"):
        found = problems()
        words = FIELDS["required"]
        found.fields.update({name: _(words) for name in ("name", "amount", "stage", "kind", "told")})
    return render_template("styleguide/show.html", now=now, hour=timedelta(hours=1))
