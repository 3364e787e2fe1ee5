"""Visits: who sends the present request, in which role, and whether the page lets them in.

Every endpoint says who may come: `@public`, `@signed_in`, or `@needs("registry:child:view")`. One that says nothing
stops the start: nobody is let in by oversight. What a page shows within is decided by the doors that it asks.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from services.console import formtokens
from services.console.accounts.sessions import BROWSER, PROGRAM, Session
from services.console.context import here
from services.console.formtokens import FormToken
from services.console.people import Person, permissions_of
from services.console.words import choose_language
from shared.kernel.refusals import Denied, Refusal

COOKIE = "shouwang_session"
FORM = "_form"
VISITOR_COOKIE = "shouwang_visitor"
PUBLIC = "public"
SIGNED_IN = "signed_in"
_NOBODY_IN_PARTICULAR = ("static", "health")
"""What is answered alike to everyone: nobody is looked up for it."""
_BEFORE_A_PASSWORD = ("me.first_password", "me.choose_password", "live.stay")
"""What is open to somebody who has not yet put a password of their own in the place of the first one."""
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A signed-in person in the role acted in. `role` is None while the person holds none."""

    session: Session
    person: Person
    role: str | None
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        """Whether the role grants this permission somewhere."""
        return permission in self.permissions


def public(view: F) -> F:
    """Anyone may come, signed in or not."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: F) -> F:
    """Anyone who is signed in may come."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def needs(permission: str) -> Callable[[F], F]:
    """Only who has this permission in the role acted in may come."""

    def mark(view: F) -> F:
        view.access = str(permission)  # type: ignore[attr-defined]
        return view

    return mark


def programs_too(view: F) -> F:
    """A program may come here as well, with a bearer token, though the address is not the API's."""
    view.programs = True  # type: ignore[attr-defined]
    return view


def access_of(app: Flask, endpoint: str) -> str | None:
    """What an endpoint asks for: "public", "signed_in" or a permission; None where it says nothing."""
    return getattr(app.view_functions[endpoint], "access", None)


def refuse_unmarked(app: Flask) -> None:
    """Raise RuntimeError that names the endpoints which do not say who may come."""
    unmarked = sorted(name for name in app.view_functions if access_of(app, name) is None)
    if unmarked:
        raise RuntimeError(f"these endpoints do not say who may come: {', '.join(unmarked)}")


def visit() -> Visit | None:
    """The present visit, or None for a stranger."""
    return cast("Visit | None", g.get("visit"))


def the_visit() -> Visit:
    """The present visit, where the endpoint has made sure that there is one."""
    found = visit()
    if found is None:
        raise Refusal("console.not_signed_in")
    return found


def may(permission: str) -> bool:
    """Whether the reader's role grants this permission somewhere: what a page shows or leaves out."""
    found = visit()
    return found is not None and found.may(permission)


def arrive() -> None:
    """Find out who comes and let them in, or raise `console.not_signed_in` or Denied."""
    endpoint = request.endpoint or ""
    if endpoint.partition(".")[0] in _NOBODY_IN_PARTICULAR:
        return
    access = access_of(current_app, endpoint) if endpoint in current_app.view_functions else PUBLIC
    secret, kind = (_bearer(), PROGRAM) if for_programs() else (request.cookies.get(COOKIE), BROWSER)
    alive = not endpoint.startswith("live.")
    session = here().accounts.session(secret, kind, alive=alive) if secret else None
    g.session = session
    choose_language(session.language if session else None)
    if session is not None:
        g.visit = _visit_of(session, required=access != PUBLIC)
    if _too_large():
        raise RequestEntityTooLarge
    if access == PUBLIC:
        return
    if session is None:
        raise Refusal("console.not_signed_in")
    if session.must_choose and endpoint not in _BEFORE_A_PASSWORD:
        raise Refusal("console.password_first")
    if access != SIGNED_IN and not may(str(access)):
        raise Denied(str(access))


def for_programs() -> bool:
    """Whether the address is the API's: a bearer token counts there, and nothing that a browser sends by itself.

    An address of `programs_too` is a program's when it brings such a token.
    """
    if request.path.startswith("/api/v1/"):
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "programs", False) and "Authorization" in request.headers


def token_of_request() -> FormToken | None:
    """The token of the form that the present request brings, if it is one of ours."""
    if request.method != "POST" or for_programs() or _too_large():
        return None
    return formtokens.read(here().settings.secret, request.form.get(FORM, ""))


def let_in(response: Response, secret: str) -> None:
    """Give the browser its session's secret."""
    response.set_cookie(COOKIE, secret, httponly=True, secure=request.is_secure, samesite="Lax")
    response.delete_cookie(VISITOR_COOKIE, secure=request.is_secure, samesite="Lax", httponly=True)


def let_out(response: Response) -> None:
    """Leave nothing of the session in the browser."""
    response.delete_cookie(COOKIE, secure=request.is_secure, samesite="Lax", httponly=True)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def binding() -> str:
    """What the forms of this browser are bound to: its session's secret, else a random cookie of a stranger."""
    if g.get("session") is not None:
        return request.cookies[COOKIE]
    if "stranger" not in g:
        g.stranger = request.cookies.get(VISITOR_COOKIE) or secrets.token_urlsafe(16)
    return cast("str", g.stranger)


def remember_stranger(response: Response) -> None:
    """Give a stranger the cookie that the forms of this answer are bound to."""
    if "stranger" in g and request.cookies.get(VISITOR_COOKIE) != g.stranger and g.get("session") is None:
        response.set_cookie(VISITOR_COOKIE, g.stranger, httponly=True, secure=request.is_secure, samesite="Lax")


def _too_large() -> bool:
    return (request.content_length or 0) > (request.max_content_length or 0)


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _visit_of(session: Session, *, required: bool) -> Visit | None:
    """The visit of a session. A public page is shown even when the registry cannot say who comes."""
    try:
        person = here().people.of(session)
    except Exception:
        if required:
            raise
        return None
    token = token_of_request()
    shown = [role for role in person.roles if token and token.shown_to(role)]
    wanted = (*shown, session.role, session.last_role, *person.roles)
    role = next((role for role in wanted if role in person.roles), None)
    return Visit(session=session, person=person, role=role, permissions=permissions_of(role))
