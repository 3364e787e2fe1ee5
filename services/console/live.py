"""Live pages: which logs have grown, as a stream of server-sent events, or asked for now and then.

Neither counts as a sign of life of the person: a board left open does not keep its session alive.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify, request

from services.console.context import here
from services.console.heads import Heads
from services.console.visits import COOKIE, signed_in, the_visit
from services.console.words import _

live = Blueprint("live", __name__)
BEAT = 15.0
LASTS = 300.0


@live.get("/live")
@signed_in
def stream() -> Response:
    """Server-sent events `heads` with the sizes that changed. Ends after five minutes; the browser comes back."""
    heads = here().heads
    if not heads.take_place():
        response = Response(_("Too many live pages are open."), status=503, mimetype="text/plain")
        response.headers["Retry-After"] = "30"
        return response
    response = Response(_events(heads), mimetype="text/event-stream")
    response.call_on_close(heads.give_place)
    response.headers["X-Accel-Buffering"] = "no"
    return response


@live.get("/live/heads")
@signed_in
def sizes() -> Response:
    """The sizes of all logs: what a page without a stream asks for."""
    return jsonify(here().heads.sizes())


@live.post("/session")
@signed_in
def stay() -> tuple[Response, int]:
    """The person is still there: the session goes on. Answers when it now ends."""
    session = here().accounts.session(request.cookies.get(COOKIE, ""), alive=True)
    if session is None:
        return jsonify({}), 401
    return jsonify({"ends_at": session.ends_at.isoformat(), "account": the_visit().session.login}), 200


def _events(heads: Heads) -> Iterator[str]:
    known = heads.sizes()
    yield f"retry: 3000\nevent: heads\ndata: {json.dumps(known)}\n\n"
    # By the clock, not by what was said: news come many a second, and between two streams a page hears nothing.
    ends = time.monotonic() + LASTS
    while (left := ends - time.monotonic()) > 0:
        grown = heads.wait(known, min(BEAT, left))
        if heads.closed:
            return
        known |= grown
        yield f"event: heads\ndata: {json.dumps(grown)}\n\n" if grown else ": still here\n\n"
    # An end as planned: the browser need not wait as long as after a failure.
    yield "retry: 100\n\n"
