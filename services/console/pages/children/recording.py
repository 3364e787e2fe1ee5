"""The forms that change what is recorded of a child: its contacts, its care, its facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.pages.children.room import if_answered, pages, village_options
from services.console.visits import needs
from services.console.words import _
from shared.kernel.refusals import NotFound, Refusal

Answer = Response | tuple[Any, int]
_RECORD, _ARRANGE, _CORRECT = (
    "registry:contact_card:record",
    "registry:care_arrangement:record",
    "registry:child:correct",
)
_DETAILS = (
    "relation",
    "status",
    "name",
    "phone",
    "other_phone",
    "occupation",
    "employer",
    "workplace",
    "employer_phone",
    "address",
    "health",
)


@pages.route("/children/<uuid:child>/contacts/new", methods=["GET", "POST"], defaults={"contact": None})
@pages.route("/children/<uuid:child>/contacts/<uuid:contact>", methods=["GET", "POST"])
@needs(_RECORD)
def contact(child: UUID, contact: UUID | None) -> Answer | str:
    """A person on the contact card: put on it, or changed."""
    wanted, which = str(child), str(contact) if contact else None

    def form() -> str:
        card = call("registry", "contact_card", {"child": wanted})
        person = next((one for one in card["contacts"] if one["contact"] == which), None)
        if which and person is None:
            raise NotFound("contact", id=which)
        return render_template("children/contact.html", card=card, person=person or {}, which=which)

    if request.method == "GET":
        return form()
    data: dict[str, Any] = {"child": wanted, "details": _details()}
    if which:
        data["contact"] = which
    if request.form.get("order", "").strip().isdecimal():
        data["order"] = int(request.form["order"])
    return _ordered(wanted, "record_contact", data, form, _("The contact card is up to date."), "relation")


@pages.post("/children/<uuid:child>/contacts/<uuid:contact>/removal")
@needs(_RECORD)
def remove_contact(child: UUID, contact: UUID) -> Response:
    """Take a person off the card."""
    command("registry", "remove_contact", {"child": str(child), "contact": str(contact)})
    back = (url_for("children.contact", child=child), _("Add a person"))
    say(_("The person is off the card. The history keeps what was recorded."), link=back)
    return redirect(url_for("children.show", child=child), 303)


@pages.route("/children/<uuid:child>/care", methods=["GET", "POST"])
@needs(_ARRANGE)
def care(child: UUID) -> Answer | str:
    """Who looks after the child, since when."""
    wanted = str(child)

    def form() -> str:
        return render_template("children/care.html", child=call("registry", "child", {"child": wanted}))

    if request.method == "GET":
        return form()
    data = {"child": wanted} | _filled("arrangement", "since", "carer")
    said = _("Recorded who cares for the child.")
    return _ordered(wanted, "arrange_care", data, form, said, "arrangement", "since")


def _correcting(child: str) -> str:
    people = if_answered("registry", "staff", {"limit": 200}, needs="registry:staff:view")
    return render_template(
        "children/correct.html",
        child=call("registry", "child", {"child": child}),
        villages=village_options(),
        staff=[(one["staff"], one["name"]) for one in people["items"]] if people else [],
    )


@pages.get("/children/<uuid:child>/correct")
@needs(_CORRECT)
def correct(child: UUID) -> str:
    """Every fact that can be put right, each with a form of its own."""
    return _correcting(str(child))


@pages.post("/children/<uuid:child>/correct/facts")
@needs(_CORRECT)
def correct_facts(child: UUID) -> Answer:
    """Name, sex, day of birth."""
    data = {"child": str(child)} | _filled("name", "sex", "born")
    return _corrected(str(child), "correct_child", data, "name", "sex", "born")


@pages.post("/children/<uuid:child>/correct/address")
@needs(_CORRECT)
def correct_address(child: UUID) -> Answer:
    """Where the child lives."""
    return _corrected(str(child), "record_address", {"child": str(child)} | _filled("address"), "address")


@pages.post("/children/<uuid:child>/correct/identity")
@needs(_CORRECT)
def correct_identity(child: UUID) -> Answer:
    """The identity number, or why there is none."""
    given = _filled("identity_number", "identity_missing")
    data = {"child": str(child), "number": given.get("identity_number"), "missing": given.get("identity_missing")}
    return _corrected(str(child), "record_identity", data)


@pages.post("/children/<uuid:child>/correct/village")
@needs(_CORRECT)
def correct_village(child: UUID) -> Answer:
    """The village that the child lives in."""
    return _corrected(str(child), "move_child", {"child": str(child)} | _filled("village"), "village")


@pages.post("/children/<uuid:child>/correct/departure")
@needs(_CORRECT)
def correct_departure(child: UUID) -> Answer:
    """The child is no longer under watch."""
    data = {"child": str(child)} | _filled("reason")
    said, undo = _("The child is no longer under watch."), (url_for("children.correct_return", child=child), _("Undo"))
    return _ordered(str(child), "record_departure", data, lambda: _correcting(str(child)), said, "reason", undo=undo)


@pages.post("/children/<uuid:child>/correct/return")
@needs(_CORRECT)
def correct_return(child: UUID) -> Answer:
    """The child is under watch again."""
    return _corrected(str(child), "record_return", {"child": str(child)})


@pages.post("/children/<uuid:child>/correct/responsible")
@needs("registry:responsible:name")
def correct_responsible(child: UUID) -> Answer:
    """Who answers for the child."""
    data = {"child": str(child)} | _filled("staff")
    return _corrected(str(child), "name_responsible", data, "staff")


def _corrected(child: str, door: str, data: dict[str, Any], *required: str) -> Answer:
    return _ordered(child, door, data, lambda: _correcting(child), _("The record is up to date."), *required)


def _ordered(
    child: str,
    door: str,
    data: dict[str, Any],
    form: Callable[[], str],
    said: str,
    *required: str,
    undo: tuple[str, str] | None = None,
) -> Answer:
    """Send the order and go back to the child's page; the form again where something in it has to be mended."""
    try:
        if wrong := missing(*required):
            raise wrong
        command("registry", door, data)
    except Refusal as refusal:
        return again(_about_details(refusal), form)
    say(said, undo=undo)
    return redirect(url_for("children.show", child=child), 303)


def _about_details(refusal: Refusal) -> Refusal:
    """Problems of a contact's details, named as the fields of the form."""
    errors = refusal.facts.get("errors", {})
    if refusal.code != "invalid" or not isinstance(errors.get("details"), dict):
        return refusal
    return Refusal("invalid", errors={**errors["details"], **{k: v for k, v in errors.items() if k != "details"}})


def _details() -> dict[str, Any]:
    details: dict[str, Any] = _filled(*_DETAILS)
    details["away"] = request.form.get("away") == "yes"
    age = request.form.get("age", "").strip()
    if age:
        details["age"] = int(age) if age.isdecimal() and len(age) < 4 else age
    return details


def _filled(*names: str) -> dict[str, Any]:
    return {name: request.form[name].strip() for name in names if request.form.get(name, "").strip()}
