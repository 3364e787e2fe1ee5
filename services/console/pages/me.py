"""My account: who I am here, the roles I hold, my password, and where I am signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console.context import here
from services.console.forms import again, missing, say
from services.console.visits import signed_in, the_visit
from services.console.words import _
from shared.kernel.refusals import Refusal

pages = Blueprint("me", __name__)


@pages.get("/me")
@signed_in
def show() -> str:
    """The account's page."""
    present = the_visit()
    return render_template("me/show.html", sessions=here().accounts.sessions_of(present.session))


@pages.post("/me/password")
@signed_in
def change_password() -> Response | tuple[str, int]:
    """Change one's own password; every other session of the account ends."""
    form = request.form
    try:
        if wrong := missing("password_old", "password_new", "password_twice"):
            raise wrong
        if form["password_new"] != form["password_twice"]:
            raise Refusal("invalid", errors={"password_twice": ["not_the_same"]})
        here().accounts.change_password(
            the_visit().session, form["password_old"], form["password_new"], request.remote_addr or ""
        )
    except Refusal as refusal:
        return again(refusal, show)
    say(_("Your password is changed. Wherever else you were signed in, you are signed out."))
    return redirect(url_for("me.show"), 303)


@pages.post("/me/sessions/end")
@signed_in
def sign_out_elsewhere() -> Response:
    """End every other session of the account."""
    here().accounts.sign_out_elsewhere(the_visit().session)
    say(_("Wherever else you were signed in, you are signed out."))
    return redirect(url_for("me.show"), 303)


@pages.get("/me/first-password")
@signed_in
def first_password() -> str | Response:
    """Where somebody comes who has signed in with a password that an administrator gave."""
    return _first() if the_visit().session.must_choose else redirect(url_for("me.show"))


@pages.post("/me/first-password")
@signed_in
def choose_password() -> Response | tuple[str, int]:
    """Put one's own password in the place of the first one."""
    form = request.form
    try:
        if wrong := missing("password_new", "password_twice"):
            raise wrong
        if form["password_new"] != form["password_twice"]:
            raise Refusal("invalid", errors={"password_twice": ["not_the_same"]})
        here().accounts.choose_password(the_visit().session, form["password_new"])
    except Refusal as refusal:
        if refusal.code == "console.password_chosen":  # sent twice: it is done
            return redirect("/", 303)
        return again(refusal, _first)
    say(_("Your password is set. You are signed in."))
    return redirect("/", 303)


def _first() -> str:
    return render_template("me/first_password.html")
