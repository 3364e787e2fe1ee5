"""The pages: one module for each place of the navigation, one folder of templates with the same name.

To add a page: write `pages/<name>.py` with a blueprint called `pages`, its templates in `templates/<name>/`, its words
in `translations/zh_Hans/<name>.po`, and name it here.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Blueprint, Flask

PAGES = (
    "sign_in",
    "today",
    "me",
    "styleguide",
    "search",
    "children",
    "cases",
    "alerts",
    "roll_call",
    "rosters",
    "funding",
    "places",
    "reports",
    "log",
    "parked",
    "contradictions",
    "upkeep",
    "erasures",
    "openings",
    "tiles",
    "past",
    "answering",
    "calendar",
)
"""Every page module. Those that are not built yet are passed over, and so is their place in the navigation."""
NOT_IN_PRODUCTION = ("styleguide",)


def register(app: Flask, *, production: bool) -> None:
    """Register the pages that exist."""
    for name in PAGES:
        module = f"{__name__}.{name}"
        if (production and name in NOT_IN_PRODUCTION) or find_spec(module) is None:
            continue
        pages = import_module(module).pages
        if not isinstance(pages, Blueprint):
            raise TypeError(f"{module}.pages is not a blueprint")
        app.register_blueprint(pages)
