"""Townships and villages, schools and classes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from services.console.codes import CODES
from services.console.doors import call
from services.console.pages.places.room import Answer, ordered, pages
from services.console.visits import may, needs
from services.console.words import _
from shared.kernel.refusals import NotFound

_VIEW = "registry:division:view"


@pages.get("/places")
@needs(_VIEW)
def listed() -> str:
    """The county's townships with their villages, and its schools with their counts."""
    divisions = call("registry", "divisions")["items"]
    watched = call("registry", "figures", {"by": "village"})["items"] if may("registry:child:view") else []
    below: dict[str | None, list[dict[str, Any]]] = {}
    for one in divisions:
        below.setdefault(one["parent"], []).append(one)
    return render_template(
        "places/listed.html",
        counties=below.get(None, []),
        below=below,
        children={one["key"]: one["children"] for one in watched},
        schools=call("registry", "schools")["items"],
    )


@pages.route("/places/schools/new", methods=["GET", "POST"])
@needs("registry:school:open")
def open_school() -> str | Answer:
    """Open a school."""

    def form() -> str:
        divisions = [(one["division"], one["name"]) for one in call("registry", "divisions")["items"]]
        return render_template("places/school_new.html", divisions=divisions)

    if request.method == "GET":
        return form()
    data = {name: request.form.get(name, "").strip() for name in ("name", "division")}
    order = data | {"stages": [one for one in request.form.getlist("stages") if one in CODES["stage"]]}
    return ordered("open_school", order, form, _("The school is open."), "name", "division", "stages")


@pages.get("/places/schools/<uuid:school>")
@needs(_VIEW)
def school(school: UUID) -> str:
    """A school with its classes."""
    return _school(str(school))


@pages.post("/places/schools/<uuid:school>")
@needs("registry:class:form")
def form_class(school: UUID) -> Answer:
    """Form a class of the school."""
    grade = request.form.get("grade", "").strip()
    data = {"school": str(school), "name": request.form.get("name", "").strip()}
    order = data | {"grade": int(grade) if grade.isdecimal() and len(grade) < 3 else grade}
    back = url_for("places.school", school=school)
    return ordered(
        "form_class", order, lambda: _school(str(school)), _("The class is formed."), "name", "grade", back=back
    )


@pages.get("/places/classes/<uuid:klass>")
@needs("registry:child:view")
def klass(klass: UUID) -> str:
    """The children under watch of a class, with its teachers."""
    return render_template("places/klass.html", found=call("registry", "class_roster", {"klass": str(klass)}))


def _school(wanted: str) -> str:
    found = next((one for one in call("registry", "schools")["items"] if one["school"] == wanted), None)
    if found is None:
        raise NotFound("school", id=wanted)
    classes = call("registry", "classes", {"school": wanted})["items"]
    return render_template("places/school.html", school=found, classes=classes)
