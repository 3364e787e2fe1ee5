"""`/divisions`, `/schools`, `/classes`: the ground on which everybody works."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.requests import page_of
from services.console.api.resources import Resources
from services.console.codes import CODES
from services.console.doors import call, command
from shared.kernel.refusals import NotFound

places = Resources("places", "Townships and villages, schools and classes")
_VIEW = "registry:division:view"
_MOST_DIVISIONS = 500
_CODE = validate.Regexp(r"^(\d{6}|\d{9}|\d{12})$", error="malformed")
_LEVEL = validate.OneOf(list(CODES["level"]), error="unknown")


class DivisionQuery(Schema):
    """Divisions right under a parent, or of a level."""

    parent = fields.UUID()
    level = fields.String(validate=_LEVEL)


class Division(Schema):
    """A county, township or village. `code` is its official number."""

    division = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    level = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True)


class DivisionIn(Schema):
    """A division by its code of six, nine or twelve digits; `parent` is the code of the one above."""

    code = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=validate.Length(1, 100))
    level = fields.String(required=True, validate=_LEVEL)
    parent = fields.String(load_default=None, allow_none=True, validate=_CODE)


class DivisionsIn(Schema):
    """Divisions to register, parents before children; `valid_from` is the day from which they hold."""

    divisions = fields.List(
        fields.Nested(DivisionIn), required=True, validate=validate.Length(1, _MOST_DIVISIONS, error="length")
    )
    valid_from = fields.Date()


class SchoolQuery(Schema):
    """Schools of a division with what lies under it."""

    division = fields.UUID()


class School(Schema):
    """A school with its pupils as last counted."""

    school = fields.String(required=True)
    name = fields.String(required=True)
    division = fields.String(required=True)
    division_name = fields.String(allow_none=True)
    stages = fields.List(fields.String(), required=True)
    classes = fields.Integer(required=True)
    pupils = fields.Integer(required=True)
    left_behind = fields.Integer(required=True)


class SchoolIn(Schema):
    """A school to open, and which stages it teaches."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    division = fields.UUID(required=True)
    stages = fields.List(
        fields.String(validate=validate.OneOf(list(CODES["stage"]), error="unknown")),
        required=True,
        validate=validate.Length(1, len(CODES["stage"]), error="length"),
    )


class ClassQuery(Schema):
    """Classes of a school."""

    school = fields.UUID()


class Class(Schema):
    """A class: its pupils and those left behind as last counted, and the children under watch in it."""

    klass = fields.String(required=True)
    name = fields.String(required=True)
    grade = fields.Integer(required=True)
    school = fields.String(required=True)
    school_name = fields.String(required=True)
    pupils = fields.Integer(allow_none=True)
    left_behind = fields.Integer(allow_none=True)
    counted_on = fields.String(allow_none=True)
    children = fields.Integer(required=True)


class ClassIn(Schema):
    """A class to form. `grade` counts from the first year of primary school; 0 is kindergarten."""

    name = fields.String(required=True, validate=validate.Length(1, 50))
    grade = fields.Integer(required=True, strict=True, validate=validate.Range(0, 12, error="range"))


@places.get("/divisions", needs=_VIEW, query=DivisionQuery, answers=page_of(Division, "Divisions"))
def divisions(asked: dict[str, Any]) -> dict[str, Any]:
    """Townships and villages by code."""
    return call("registry", "divisions", _plain(asked))


@places.post("/divisions", needs="registry:division:register", takes=DivisionsIn, answers=Done, status=201)
def register_divisions(given: dict[str, Any]) -> dict[str, Any]:
    """Register divisions, all or none."""
    data = given | ({"valid_from": given["valid_from"].isoformat()} if "valid_from" in given else {})
    return command("registry", "register_divisions", data)


@places.get("/schools", needs=_VIEW, query=SchoolQuery, answers=page_of(School, "Schools"))
def schools(asked: dict[str, Any]) -> dict[str, Any]:
    """Schools by name."""
    return call("registry", "schools", _plain(asked))


@places.post("/schools", needs="registry:school:open", takes=SchoolIn, answers=Done, status=201)
def open_school(given: dict[str, Any]) -> dict[str, Any]:
    """Open a school."""
    return command("registry", "open_school", given | {"division": str(given["division"])})


@places.get("/schools/<uuid:school>", needs=_VIEW, answers=School)
def school(school: str) -> dict[str, Any]:
    """One school."""
    items: list[dict[str, Any]] = call("registry", "schools")["items"]
    found = next((one for one in items if one["school"] == school), None)
    if found is None:
        raise NotFound("school", id=school)
    return found


@places.post("/schools/<uuid:school>/classes", needs="registry:class:form", takes=ClassIn, answers=Done, status=201)
def form_class(given: dict[str, Any], school: str) -> dict[str, Any]:
    """Form a class."""
    return command("registry", "form_class", given | {"school": school})


@places.get("/classes", needs=_VIEW, query=ClassQuery, answers=page_of(Class, "Classes"))
def classes(asked: dict[str, Any]) -> dict[str, Any]:
    """Classes by school, grade and name."""
    return call("registry", "classes", _plain(asked))


def _plain(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) for name, value in asked.items()}
