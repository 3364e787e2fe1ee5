"""Accounts of staff: made, locked, given a first password, signed out. Registry allows and records each act first."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console.accounts import well_formed
from services.console.context import here
from services.console.doors import call, command, command_id_of_request
from services.console.forms import again, missing, say
from services.console.pages.places.room import Answer, pages
from services.console.pages.places.staff import person_page
from services.console.visits import needs, the_visit
from services.console.words import _
from shared.kernel.refusals import NotFound, Refusal

_MANAGE = "registry:account:manage"


@pages.post("/places/people/<uuid:staff>/account")
@needs(_MANAGE)
def make_account(staff: UUID) -> Answer:
    """Make an account, and show its first password once."""
    wanted, by, order = str(staff), the_visit().person.staff, command_id_of_request()
    keeping = here().accounts.administration
    try:
        if wrong := missing("login"):
            raise wrong
        login = well_formed(request.form["login"])
        there = keeping.of_staff(wanted)
        if keeping.shown_again(wanted, order=order, by=by) is None:
            if there is not None:
                raise Refusal("console.account_exists")
            if here().accounts.find(login) is not None:
                raise Refusal("console.login_taken")
        _record(wanted, "made")
        first = keeping.make(login, wanted, order=order, by=by)
    except Refusal as refusal:
        return again(refusal, lambda: person_page(wanted))
    return _shown(wanted, first)


@pages.post("/places/people/<uuid:staff>/account/password")
@needs(_MANAGE)
def reset_password(staff: UUID) -> Answer:
    """Give the account a new first password, and show it once."""
    wanted = _with_account(staff)
    _record(wanted, "password_reset")
    keeping, by = here().accounts.administration, the_visit().person.staff
    return _shown(wanted, keeping.reset(wanted, order=command_id_of_request(), by=by))


@pages.post("/places/people/<uuid:staff>/account/lock")
@needs(_MANAGE)
def lock_account(staff: UUID) -> Response:
    """Nobody signs in with the account any more."""
    return _done(staff, "locked", here().accounts.administration.lock, _("The account is locked."))


@pages.post("/places/people/<uuid:staff>/account/unlock")
@needs(_MANAGE)
def unlock_account(staff: UUID) -> Response:
    """The account opens again."""
    return _done(staff, "unlocked", here().accounts.administration.unlock, _("The account is open again."))


@pages.post("/places/people/<uuid:staff>/account/sessions/end")
@needs(_MANAGE)
def end_sessions(staff: UUID) -> Response:
    """Sign the person out wherever they are signed in."""
    said = _("The person is signed out everywhere.")
    return _done(staff, "sessions_ended", here().accounts.administration.end_sessions, said)


def _done(staff: UUID, act: str, do: Callable[[str], None], said: str) -> Response:
    wanted = _with_account(staff)
    _record(wanted, act)
    do(wanted)
    say(said)
    return redirect(url_for("places.person", staff=staff), 303)


def _record(staff: str, act: str) -> None:
    """Let registry say whether it may be, and record it; only then is it done."""
    command("registry", "manage_account", {"staff": staff, "act": act})


def _with_account(staff: UUID) -> str:
    if here().accounts.administration.of_staff(str(staff)) is None:
        raise NotFound("account", staff=str(staff))
    return str(staff)


def _shown(staff: str, first: str) -> Response:
    name = call("registry", "staff_member", {"staff": staff})["name"]
    account = here().accounts.administration.of_staff(staff)
    page = make_response(render_template("places/first_password.html", name=name, account=account, first=first))
    page.headers["Cache-Control"] = "no-store"
    return page
