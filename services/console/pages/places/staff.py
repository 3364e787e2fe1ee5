"""Staff and volunteers: who they are, which roles they hold where, and what was done about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console.context import here
from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.pages.places.room import Answer, ordered, pages
from services.console.roles import ROLES
from services.console.visits import may, needs, the_visit
from services.console.words import _
from shared.kernel.ids import is_id
from shared.kernel.refusals import Refusal

_STAFF = "registry:staff:view"
_MANAGE = "registry:account:manage"
_A_PAGE, _FOUND = 50, 100


@pages.get("/places/people")
@needs(_STAFF)
def people() -> str:
    """Staff with the roles they hold, of one role or one place where the address says so."""
    role, division = request.args.get("role"), request.args.get("division")
    asked = {"role": role if role in ROLES else None, "division": division if is_id(division) else None}
    found = call("registry", "staff", {**asked, "limit": _A_PAGE, "after": request.args.get("after")})
    return _people(found, asked, "")


@pages.post("/places/people/search")
@needs(_STAFF)
def find_people() -> str:
    """Staff by a part of their name, which stands in no address."""
    words = request.form.get("name", "").strip()[:60]
    found = call("registry", "staff", {"query": words or None, "limit": _FOUND})
    return _people(found | {"next": None}, {}, words)


@pages.route("/places/people/new", methods=["GET", "POST"])
@needs("registry:staff:register")
def register_staff() -> str | Answer:
    """Register a member of staff or a volunteer."""
    if request.method == "GET":
        return render_template("places/person_new.html")
    data = {name: request.form[name].strip() for name in ("name", "phone") if request.form.get(name, "").strip()}
    try:
        if wrong := missing("name"):
            raise wrong
        made = command("registry", "register_staff", data)
    except Refusal as refusal:
        return again(refusal, lambda: render_template("places/person_new.html"))
    say(_("Registered. Now grant the role."))
    return redirect(url_for("places.person", staff=made["id"]), 303)


@pages.get("/places/people/<uuid:staff>")
@needs(_STAFF)
def person(staff: UUID) -> str:
    """A member of staff: roles, account, history, and the forms that change them."""
    return person_page(str(staff))


@pages.post("/places/people/<uuid:staff>")
@needs("registry:role:grant")
def grant(staff: UUID) -> Answer:
    """Grant a role, for a division, a school or class, or the children assigned."""
    form = request.form
    scope = form.get("scope", "")
    order = {"staff": str(staff), "role": form.get("role", ""), "scope": scope}
    # Only the place that the scope is about: what was chosen before the mind was changed is no part of the order.
    order |= {name: form[name] for name in ("division", "place") if form.get(name) and name == scope}
    back = url_for("places.person", staff=staff)
    return ordered(
        "grant_role", order, lambda: person_page(str(staff)), _("The role is granted."), "role", "scope", back=back
    )


@pages.post("/places/people/<uuid:staff>/grants/<uuid:grant>/end")
@needs("registry:role:grant")
def end_grant(staff: UUID, grant: UUID) -> Response:
    """End a role."""
    command("registry", "end_grant", {"staff": str(staff), "grant": str(grant)})
    say(_("The role is ended."))
    return redirect(url_for("places.person", staff=staff), 303)


def person_page(wanted: str) -> str:
    """The page of a member of staff."""
    found = call("registry", "staff_member", {"staff": wanted})
    divisions, places = _grounds() if may("registry:role:grant") else ([], [])
    return render_template(
        "places/person.html",
        found=found,
        own=the_visit().person.staff == wanted,
        account=here().accounts.administration.of_staff(wanted) if may(_MANAGE) else None,
        roles=[(code, _(words)) for code, words in ROLES.items()],
        divisions=divisions,
        places=places,
    )


def _grounds() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Divisions, and schools with their classes, as a form offers them."""
    places = [(one["school"], one["name"]) for one in call("registry", "schools")["items"]]
    places += [(one["klass"], f"{one['school_name']} {one['name']}") for one in call("registry", "classes")["items"]]
    return _divisions(), places


def _divisions() -> list[tuple[str, str]]:
    return [(one["division"], one["name"]) for one in call("registry", "divisions")["items"]]


def _people(found: dict[str, Any], asked: dict[str, Any], words: str) -> str:
    return render_template(
        "places/people.html",
        found=found,
        asked=asked,
        words=words,
        roles=[(code, _(name)) for code, name in ROLES.items()],
        divisions=_divisions(),
    )
