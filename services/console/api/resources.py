"""Resources: how a module of the API says its routes, in one form that is typed, documented and guarded.

    alerts = Resources("alerts", "Alerts, and what was done about them")

    @alerts.get("/alerts/<uuid:alert>", needs="alerts:alert:view", answers=AlertView)
    def alert(alert: UUID) -> dict[str, Any]:
        return call("alerts", "alert", {"alert": str(alert)})

    @alerts.post("/alerts/<uuid:alert>/resolution", needs="alerts:alert:resolve", takes=Outcome, answers=AlertView)
    def resolve(given: dict[str, Any], alert: UUID) -> dict[str, Any]:
        return command("alerts", "resolve_alert", {"alert": str(alert)} | given)

A POST needs its `Idempotency-Key`, unless `asks=True` says that it only asks. An answer with `version` gets its ETag.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from services.console.api.problems import PROBLEM_TYPE, Problem
from services.console.api.requests import etag, note_command_id, note_expected_version
from services.console.visits import PUBLIC, SIGNED_IN

View = Callable[..., Any]
F = TypeVar("F", bound=View)
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
    "description": "A new UUID for each order; the same one when the order is sent again. It is done once.",
}
_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag that the decision rests on. If the thing has changed since, the answer is 409.",
}
_PROBLEMS = {
    400: "The request cannot be read.",
    401: "No token, or one that has ended.",
    403: "The role acted in lacks this right.",
    404: "It does not exist, or not for this reader.",
    409: "Refused: the thing is not in a state for it, or has changed.",
    413: "The request is too large.",
    422: "The fields named in `errors` do not fit.",
    429: "Too many attempts.",
    503: "The service cannot be reached; nothing has happened.",
    504: "The outcome is not known; send the order again with the same key.",
}


class Upload(Schema):
    """A file that comes as a part named `file` of a multipart form."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class Resources:
    """The routes of one kind of thing under /api/v1. `blueprint` is what the app registers."""

    def __init__(self, name: str, about: str) -> None:
        self.blueprint: Any = Blueprint(f"api_{name}", __name__, description=about)
        self._name = name

    def get(
        self, path: str, *, answers: type[Schema], needs: str = SIGNED_IN, query: type[Schema] | None = None
    ) -> Callable[[F], F]:
        """A question. With `query` the view's first argument is what the address asks for."""
        return self._route("GET", path, needs, answers, 200, query=query)

    def post(
        self,
        path: str,
        *,
        answers: type[Schema],
        takes: type[Schema] | None = None,
        needs: str = SIGNED_IN,
        status: int = 200,
        asks: bool = False,
        upload: bool = False,
    ) -> Callable[[F], F]:
        """An order, or with `asks=True` a question whose words do not belong into an address.

        With `takes` the view's first argument is the body. With `upload` the body is a multipart form: the first
        argument is `{"file": werkzeug's FileStorage}`, and the fields that `takes` names come second.
        """
        return self._route("POST", path, needs, answers, status, takes=takes, asks=asks, upload=upload)

    def file(self, path: str, *, needs: str) -> Callable[[F], F]:
        """A file to take away: the view answers with werkzeug's Response."""
        return self._route("GET", path, needs, None, 200)

    def _route(
        self,
        method: str,
        path: str,
        needs: str,
        answers: type[Schema] | None,
        status: int,
        *,
        query: type[Schema] | None = None,
        takes: type[Schema] | None = None,
        asks: bool = False,
        upload: bool = False,
    ) -> Callable[[F], F]:
        order = method == "POST" and not asks

        def mark(view: F) -> F:
            answered: Any = _answering(view)
            shape: Any = answers or {"type": "string", "format": "binary"}
            kind = None if answers else "application/octet-stream"
            answered = self.blueprint.response(status, shape, content_type=kind)(answered)
            if takes is not None:
                multipart = {"location": "form", "content_type": "multipart/form-data"}
                answered = self.blueprint.arguments(takes, **(multipart if upload else {"location": "json"}))(answered)
            if upload:
                answered = self.blueprint.arguments(Upload, location="files")(answered)
            if query is not None:
                answered = self.blueprint.arguments(query, location="query")(answered)
            answered = _noting(answered, order=order)
            for number, said in _PROBLEMS.items():
                answered = self.blueprint.alt_response(
                    number, schema=Problem, content_type=PROBLEM_TYPE, description=said, success=False
                )(answered)
            answered = self.blueprint.doc(
                parameters=[_KEY, _MATCH] if order else [],
                security=[] if needs == PUBLIC else [{"bearer": []}],
                **{"x-permission": needs, "operationId": f"{self._name}.{view.__name__}"},
            )(answered)
            answered.access = str(needs)
            self.blueprint.route(path, methods=[method])(answered)
            return view

        return mark


def _noting(view: View, *, order: bool) -> View:
    """Before the body is read: the order's id and version, so that a missing key is named first."""

    @wraps(view)
    def noted(*given: Any, **named: Any) -> Any:
        if order:
            note_command_id()
            note_expected_version()
        return view(*given, **named)

    return noted


def _answering(view: View) -> View:
    """The view with ids as text, and the ETag of what it answers."""

    @wraps(view)
    def answered(*given: Any, **named: Any) -> Any:
        answer = view(*given, **{name: _plain(value) for name, value in named.items()})
        if isinstance(answer, Mapping) and isinstance(answer.get("version"), int):
            return answer, {"ETag": etag(answer["version"])}
        return answer

    return answered


def _plain(value: Any) -> Any:
    return str(value) if type(value).__name__ == "UUID" else value
