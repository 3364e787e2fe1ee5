"""The HTTP API for programs, under /api/v1: the same doors as the pages, as resources.

To add a resource: write `api/<name>.py` with a `Resources` of the same name and name it in RESOURCES. The document at
/api/v1/openapi.json, the page at /api/docs and the table of refusals follow by themselves.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask
from flask_smorest import Api

from services.console.api.docs import docs
from services.console.api.resources import Resources

RESOURCES = (
    "tokens",
    "children",
    "places",
    "staff",
    "rosters",
    "roll_calls",
    "alerts",
    "cases",
    "referrals",
    "funds",
    "applications",
    "events",
    "entries",
    "erasures",
    "openings",
    "answering",
    "calendar",
)
"""Every module of resources. Those that are not built yet are passed over."""
PREFIX = "/api/v1"


def register(app: Flask) -> None:
    """Register the resources that exist, the document, and the page that shows it."""
    app.config |= {
        "API_TITLE": "Shouwang",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "API_SPEC_OPTIONS": {
            "info": {"description": "The front door for programs. Errors are problem documents (RFC 9457)."},
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        },
    }
    api: Any = _Api(app)
    for name in RESOURCES:
        module = f"{__name__}.{name}"
        if find_spec(module) is None:
            continue
        resources = getattr(import_module(module), name)
        if not isinstance(resources, Resources):
            raise TypeError(f"{module}.{name} is no Resources")
        api.register_blueprint(resources.blueprint, url_prefix=PREFIX)
    app.extensions["console.api"] = api
    app.register_blueprint(docs)


class _Api(Api):  # type: ignore[misc]
    """flask-smorest's registrar, which leaves errors to the console's own handlers."""

    ERROR_SCHEMA = None

    def _register_error_handlers(self) -> None:
        """Nothing: `errors.install` answers, pages and programs alike."""
