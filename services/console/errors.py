"""Whatever goes wrong becomes a page that says what happened and what to do next; for the API, a problem document."""

from __future__ import annotations

import traceback

import structlog
from flask import Flask, g, redirect, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.wrappers import Response

from services.console.api.problems import problem
from services.console.context import here
from services.console.forms import HIDDEN, keep_draft
from services.console.port import OutcomeUnknown, ServiceUnavailable
from services.console.refusals import sentence, status_of
from services.console.rights import granters, right_in_words, roles_with
from services.console.visits import COOKIE, for_programs, visit
from services.console.words import N_, _, choose_language
from shared.kernel.refusals import Refusal

log = structlog.get_logger()
LARGEST_DRAINED = 512 * 1024 * 1024
"""Bytes: who sends more than that is cut off."""
Answer = Response | tuple[str | Response, int]
_NO_ANSWER = N_("No answer came in time. Nothing has been changed. Please try again.")
_SESSION_OVER = ("console.not_signed_in", "unauthenticated")


def install(app: Flask) -> None:
    """Take over every error of the app."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(ServiceUnavailable, _unavailable)
    app.register_error_handler(OutcomeUnknown, _unknown)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def _refused(refusal: Refusal) -> Answer:
    if for_programs():
        return problem(refusal)
    if refusal.code in _SESSION_OVER:
        return _sign_in_first()
    if refusal.code == "console.password_first":
        return redirect(url_for("me.first_password"), 303)
    if refusal.code == "denied":
        return _not_allowed(str(refusal.facts.get("permission", "")), reach=bool(refusal.facts.get("reach")))
    if refusal.code == "not_found":
        return render_template("errors/not_found.html"), 404
    status = status_of(refusal.code)
    page = render_template("errors/refused.html", sentence=sentence(refusal), code=refusal.code, fields=_fields())
    return page, status


def _unavailable(error: ServiceUnavailable) -> Answer:
    log.warning("service_unavailable", service=error.service, request=g.get("request_id"))
    refusal = Refusal("console.service_unavailable", service=error.service)
    if for_programs():
        return problem(refusal, retry_after=5)
    return render_template("errors/unavailable.html", sentence=sentence(refusal), fields=_fields()), 503


def _unknown(error: OutcomeUnknown) -> Answer:
    log.warning("outcome_unknown", command=error.command_id, request=g.get("request_id"))
    refusal = Refusal("console.outcome_unknown", command_id=error.command_id)
    if for_programs():
        return problem(refusal)
    if request.method == "GET":  # a question changes nothing: asking again is all there is to do
        return render_template("errors/unavailable.html", sentence=_(_NO_ANSWER), fields=[]), 504
    return render_template("errors/outcome_unknown.html", sentence=sentence(refusal), fields=_fields()), 504


def _http(error: HTTPException) -> Answer:
    if isinstance(error, RequestEntityTooLarge):
        _drain()
        megabytes = here().settings.largest_upload // (1024 * 1024)
        return _refused(Refusal("console.too_large", megabytes=megabytes))
    if for_programs():
        return problem(error)
    if error.code is not None and error.code < 400:
        return error.get_response()
    _settle_language()
    template = "errors/not_found.html" if error.code == 404 else "errors/general.html"
    response = Response(render_template(template, status=error.code), error.code or 500, mimetype="text/html")
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _broken(error: Exception) -> Answer:
    # What an error says, and the values around it, may be personal: the log gets its class and its place in the code.
    log.error("request_broke", error=type(error).__name__, where=_where(error), request=g.get("request_id"))
    if for_programs():
        return problem(error)
    _settle_language()
    return render_template("errors/broken.html", request_id=g.get("request_id")), 500


def _sign_in_first() -> Answer:
    """Off to the sign-in page; a form that came too late waits for its sender."""
    if request.headers.get("X-Fragment"):
        return Response("", 401)
    back, kept = request.full_path.rstrip("?"), False
    if request.method == "POST":
        kept = keep_draft()
        back = request.form.get("_page", "/")
    ended = COOKIE in request.cookies
    return redirect(
        url_for("sign_in.show", back=back, kept="1" if kept else None, ended="1" if ended or kept else None), 303
    )


def _not_allowed(permission: str, *, reach: bool) -> Answer:
    present = visit()
    others = [role for role in present.person.roles if role != present.role] if present else []
    page = render_template(
        "errors/not_allowed.html",
        right=right_in_words(permission),
        roles=roles_with(permission),
        granters=granters(),
        others=others,
        reach=reach,
    )
    return page, 403


def _fields() -> list[tuple[str, str]]:
    """The fields of the form that was sent, so that the page can send it again as it was. Files do not come along."""
    if request.method != "POST" or request.files:
        return []
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not name.startswith("password") and (name not in HIDDEN or name in ("_command", "_page", "_version"))
    ]


def _settle_language() -> None:
    if "language" not in g:
        choose_language(None)


def _drain() -> None:
    """Read what is still coming, and drop it: a browser that is cut off while it sends shows no answer of ours."""
    stream, left = request.environ["wsgi.input"], min(request.content_length or 0, LARGEST_DRAINED)
    while left > 0 and (piece := stream.read(min(left, 1024 * 1024))):
        left -= len(piece)
    # Whoever looks for a field finds none, and no second error.
    request.form, request.files = ImmutableMultiDict(), ImmutableMultiDict()


def _where(error: Exception) -> list[str]:
    """The last places in the code that the error passed through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
