"""What every answer carries: a request id, security headers, compression; and one line in the log for each request."""

from __future__ import annotations

import gzip
import time

import structlog
from flask import Flask, g, request
from werkzeug.wrappers import Response

from services.console.context import here
from services.console.visits import remember_stranger
from shared.kernel.ids import new_id

log = structlog.get_logger()

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
}
_COMPRESSED = ("text/", "application/json", "application/problem+json", "application/javascript", "image/svg+xml")
_WORTH_IT = 1024


def install(app: Flask) -> None:
    """Give the app its request ids, headers and access log."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.begun = time.perf_counter()
    g.request_id = new_id(here().clock.now())


def _finish(response: Response) -> Response:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.request_id
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        # Pages hold what only this reader may see: no cache keeps them, the browser's own included.
        response.headers.setdefault("Cache-Control", "no-store")
        if not response.cache_control.public:  # what is for everybody is the same for everybody
            response.vary.update(("Accept-Language", "Cookie"))
    remember_stranger(response)
    _compress(response)
    log.info(
        "request_answered",
        request=g.request_id,
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.begun) * 1000, 1),
    )
    return response


def _compress(response: Response) -> None:
    """Compress what is worth it. Form tokens differ in each answer, so that its length tells nothing of them."""
    if (
        response.is_streamed
        or response.status_code in (204, 304)
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(_COMPRESSED)
        or "gzip" not in request.headers.get("Accept-Encoding", "").lower()
    ):
        return
    body = response.get_data()
    if len(body) < _WORTH_IT:
        return
    response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
