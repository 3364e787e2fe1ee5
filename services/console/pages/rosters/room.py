"""What the pages about rosters share: their blueprint, and the groups in which rows are looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request

from services.console.catalogues import N_
from services.console.rosters import GROUPS, problem_words
from services.console.words import _

pages = Blueprint("rosters", __name__)
pages.add_app_template_global(problem_words, "problem_words")
IMPORT = "registry:roster:import"
_TITLES = {"refused": N_("Not taken in"), "duplicate": N_("Stands twice"), "notice": N_("Goes in, with a remark")}


def chosen_group() -> str | None:
    """The group that the address asks for."""
    show = request.args.get("show")
    return show if show in GROUPS else None


def groups(
    counts: Mapping[str, int | None], show: str | None, href: Callable[[str | None], str], *, every: int | None = None
) -> list[dict[str, Any]]:
    """Chips for all rows and for each group that has any; a count of None is not known and not shown."""
    found = [{"label": _("All"), "href": href(None), "on": show is None, "count": every}]
    found += [
        {"label": _(_TITLES[one]), "href": href(one), "on": show == one, "count": counts[one]}
        for one in GROUPS
        if counts[one] != 0 or show == one
    ]
    return found
