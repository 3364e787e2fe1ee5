"""Commands about divisions, schools, classes and staff."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from services.registry.domain import commands
from services.registry.domain.codes import AccountAct, GrantScope, Level, StaffRole, Stage
from services.registry.schemas.values import Name, Phone
from shared.access.schemas import Command, Id, Line

MOST_DIVISIONS = 500
_CODE = validate.Regexp(r"^(\d{6}|\d{9}|\d{12})$", error="division_code")


class DivisionRow(Schema):
    """A division by its code of six, nine or twelve digits; `parent` is the parent's code."""

    class Meta:
        """Nothing unknown comes in."""

        unknown = RAISE

    code = fields.String(required=True, validate=_CODE)
    name = Line(required=True, most=100)
    level = fields.Enum(Level, by_value=True, required=True)
    parent = fields.String(load_default=None, allow_none=True, validate=_CODE)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> commands.DivisionRow:
        return commands.DivisionRow(**data)


class RegisterDivisions(Command):
    """Register divisions, all or none."""

    makes = commands.RegisterDivisions
    divisions = fields.List(
        fields.Nested(DivisionRow), required=True, validate=validate.Length(1, MOST_DIVISIONS, error="length")
    )
    valid_from = fields.Date(load_default=None)


class OpenSchool(Command):
    """Open a school."""

    makes = commands.OpenSchool
    name = Line(required=True, most=100)
    division = Id(required=True)
    stages = fields.List(
        fields.Enum(Stage, by_value=True), required=True, validate=validate.Length(1, len(Stage), error="length")
    )


class FormClass(Command):
    """Form a class."""

    makes = commands.FormClass
    school = Id(required=True)
    name = Line(required=True, most=50)
    grade = fields.Integer(required=True, strict=True, validate=validate.Range(0, 12, error="range"))


class RegisterStaff(Command):
    """Register a member of staff or a volunteer."""

    makes = commands.RegisterStaff
    name = Name(required=True)
    phone = Phone(load_default=None, allow_none=True)


class GrantRole(Command):
    """Grant a role."""

    makes = commands.GrantRole
    staff = Id(required=True)
    role = fields.Enum(StaffRole, by_value=True, required=True)
    scope = fields.Enum(GrantScope, by_value=True, required=True)
    division = Id(load_default=None, allow_none=True)
    place = Id(load_default=None, allow_none=True)


class EndGrant(Command):
    """End a grant."""

    makes = commands.EndGrant
    staff = Id(required=True)
    grant = Id(required=True)


class ManageAccount(Command):
    """Record an act on somebody's account."""

    makes = commands.ManageAccount
    staff = Id(required=True)
    act = fields.Enum(AccountAct, by_value=True, required=True)
