"""Signing in and out, the language, and the role acted in."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console.catalogues import LANGUAGES
from services.console.context import here
from services.console.forms import again, missing, safe_path, say
from services.console.navigation import landing
from services.console.roles import ROLES
from services.console.visits import let_in, let_out, public, signed_in, the_visit, visit
from services.console.words import COOKIE as LANGUAGE_COOKIE
from services.console.words import _
from shared.kernel.refusals import Refusal

pages = Blueprint("sign_in", __name__)
_A_YEAR = 365 * 24 * 3600


@pages.get("/sign-in")
@public
def show() -> str | Response:
    """The sign-in page; whoever is signed in goes on."""
    if visit() is not None:
        return redirect(safe_path(request.args.get("back"), landing()))
    return _page()


@pages.post("/sign-in")
@public
def enter() -> Response | tuple[str, int]:
    """Sign in and go on to where the person wanted to be."""
    try:
        if wrong := missing("account", "password"):
            raise wrong
        secret, _until = here().accounts.sign_in(
            request.form["account"], request.form["password"], request.remote_addr or "", device=_device()
        )
    except Refusal as refusal:
        return again(refusal, _page)
    response = redirect(safe_path(request.form.get("back"), "/"), 303)
    let_in(response, secret)
    return response


@pages.post("/sign-out")
@public
def leave() -> Response:
    """End the session and leave nothing of it in the browser."""
    if g.session is not None:
        here().accounts.sign_out(g.session.id)
    response = redirect(url_for("sign_in.show", out="1"), 303)
    let_out(response)
    return response


@pages.get("/")
@signed_in
def home() -> Response:
    """The page where the reader's role begins."""
    return redirect(landing())


@pages.post("/language")
@public
def speak() -> Response:
    """Read in another language from now on, in this browser and wherever the account signs in."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise Refusal("invalid", errors={"language": ["unknown"]})
    response = redirect(safe_path(request.form.get("_page")), 303)
    response.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=_A_YEAR, httponly=True, secure=request.is_secure, samesite="Lax"
    )
    if g.session is not None:
        here().accounts.speak(g.session.account, chosen)
    return response


@pages.post("/role")
@signed_in
def act() -> Response:
    """Act in another of the roles that the person holds."""
    present, role = the_visit(), request.form.get("role", "")
    if role not in present.person.roles:
        raise Refusal("console.role_not_held")
    here().accounts.act_as(present.session, role)
    say(_("You now act as: %(role)s.", role=_(ROLES[role])))
    return redirect("/", 303)


def _device() -> str:
    """What the person will know the session by: nothing finer is kept of the browser than this."""
    return "phone" if "Mobi" in request.user_agent.string else "computer"


def _page() -> str:
    back = safe_path(request.values.get("back"), "/")
    said = {name: request.args.get(name) for name in ("kept", "ended", "out")}
    return render_template("sign_in/show.html", back=back, **said)
