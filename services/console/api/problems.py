"""Problem documents (RFC 9457): what a program gets instead of a page when something is refused or goes wrong."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from services.console.refusals import field_errors, sentence, status_of
from services.console.words import choose_language
from shared.kernel.refusals import Refusal


class Problem(Schema):
    """Why a request was not answered as asked (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "Where refusals are listed."})
    title = fields.String(required=True, metadata={"description": "A sentence in the reader's language."})
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; programs decide by it."})
    facts = fields.Dict(metadata={"description": "What explains the refusal."})
    errors = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata={"description": "Field → what is wrong with it."}
    )
    instance = fields.String(metadata={"description": "This request, as the log knows it."})


PROBLEM_TYPE = "application/problem+json"
DOCS = "/api/docs#refusals"
_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "console.too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "console.too_many_attempts",
}


def problem(error: Refusal | Exception, *, retry_after: int | None = None) -> Response:
    """The document for a refusal, an HTTP error, or (saying nothing of it) a fault of ours.

    `type` leads to the list of refusals, `code` is stable, `facts` are those of the refusal, `errors` name the fields.
    """
    if "language" not in g:
        choose_language(None)
    headers: dict[str, str] = {}
    if isinstance(error, Refusal):
        body = _of_refusal(error)
        if error.code == "console.too_many_attempts":
            retry_after = int(error.facts["seconds"])
    elif isinstance(error, HTTPException):
        body = _of_http(error)
        headers |= {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    else:
        body = {"type": "about:blank", "title": "Internal Server Error", "status": 500, "code": "internal"}
    if body["status"] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    body["instance"] = f"urn:uuid:{g.request_id}" if g.get("request_id") else None
    text = json.dumps({k: v for k, v in body.items() if v is not None}, ensure_ascii=False)
    return Response(text, body["status"], headers, mimetype=PROBLEM_TYPE)


def _of_refusal(refusal: Refusal) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": DOCS,
        "title": sentence(refusal),
        "status": status_of(refusal.code),
        "code": refusal.code,
        "facts": {k: v for k, v in refusal.facts.items() if k != "errors"},
    }
    if errors := field_errors(refusal):
        body["errors"] = errors
    return body


def _of_http(error: HTTPException) -> dict[str, Any]:
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    if messages := data.get("messages"):  # webargs: what does not fit the schema, by place ("json", "query") and field
        flat = {name: problems for place in messages.values() for name, problems in _pairs(place)}
        return _of_refusal(Refusal("invalid", errors=flat))
    return {
        "type": "about:blank",
        "title": error.name,
        "status": status,
        "code": _HTTP_CODES.get(status, "http"),
    }


def _pairs(place: Any) -> list[tuple[str, Any]]:
    return list(place.items()) if isinstance(place, dict) else [("_", place)]
