"""/api/docs: the API for people to read, made from its own document. Nothing is fetched from elsewhere."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template

from services.console.refusals import SENTENCES
from services.console.visits import public

docs = Blueprint("api_docs", __name__)
_METHODS = ("get", "post", "put", "patch", "delete")


@docs.get("/api/docs")
@public
def show() -> str:
    """Every operation with what it takes, answers and needs; every refusal with its status and sentence."""
    spec = current_app.extensions["console.api"].spec.to_dict()
    return render_template(
        "api/docs.html", groups=_groups(spec), schemas=spec["components"].get("schemas", {}), refusals=SENTENCES
    )


@docs.get("/api/v1/openapi.json")
@public
def document() -> Response:
    """The API as an OpenAPI 3.1 document."""
    return jsonify(current_app.extensions["console.api"].spec.to_dict())


def _groups(spec: dict[str, Any]) -> list[dict[str, Any]]:
    about = {tag["name"]: tag.get("description", "") for tag in spec.get("tags", ())}
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in spec["paths"].items():
        shared = item.get("parameters", [])
        for method in _METHODS:
            if method in item:
                operation = item[method] | {"method": method.upper(), "path": path}
                operation["parameters"] = [*shared, *operation.get("parameters", [])]
                groups.setdefault(operation.get("tags", ["other"])[0], []).append(operation)
    return [{"name": name, "about": about.get(name, ""), "operations": found} for name, found in groups.items()]
