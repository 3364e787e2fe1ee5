"""What is asked of registry."""

from __future__ import annotations

from marshmallow import fields, validate

from services.registry.domain.codes import Arrangement, Level, Risk
from shared.access.schemas import AsOf, Id, Line, Paged, Query


class Nothing(Query):
    """A question that needs no words."""


class SearchChildren(Paged):
    """Children by whatever somebody remembers of them: name, pinyin, initials, village, class, a contact's phone."""

    query = Line(required=True, most=60)
    village = Id(load_default=None, allow_none=True)
    klass = Id(load_default=None, allow_none=True)


class Children(Paged):
    """Children, of a village, school, class, responsible person or risk. `present`: null for those who left as well."""

    village = Id(load_default=None, allow_none=True)
    school = Id(load_default=None, allow_none=True)
    klass = Id(load_default=None, allow_none=True)
    responsible = Id(load_default=None, allow_none=True)
    risk = fields.Enum(Risk, by_value=True, load_default=None, allow_none=True)
    arrangement = fields.Enum(Arrangement, by_value=True, load_default=None, allow_none=True)
    present = fields.Boolean(load_default=True, allow_none=True)


class OneChild(Query):
    """A child."""

    child = Id(required=True)


class ChildAsOf(AsOf):
    """A child as it stood."""

    child = Id(required=True)


class Timeline(Paged):
    """A child's timeline."""

    child = Id(required=True)


class OneClass(Query):
    """A class."""

    klass = Id(required=True)


class Divisions(Query):
    """Divisions, under a parent or of a level."""

    parent = Id(load_default=None, allow_none=True)
    level = fields.Enum(Level, by_value=True, load_default=None, allow_none=True)


class Schools(Query):
    """Schools, of a division with what lies under it."""

    division = Id(load_default=None, allow_none=True)


class Classes(Query):
    """Classes, of a school."""

    school = Id(load_default=None, allow_none=True)


class Staff(Paged):
    """Staff; `role` leaves out those who do not hold it, `division` those without a role there or under it.

    `query` is a part of the name.
    """

    query = Line(load_default=None, allow_none=True, most=60)
    division = Id(load_default=None, allow_none=True)
    role = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))


class OfStaff(Query):
    """A member of staff."""

    staff = Id(required=True)


class Grants(Query):
    """Grants in force, of a member of staff, a division or a place."""

    staff = Id(load_default=None, allow_none=True)
    division = Id(load_default=None, allow_none=True)
    place = Id(load_default=None, allow_none=True)


class Figures(Query):
    """Counts of children under watch, by `school`, `village`, `arrangement` or `risk`."""

    by = fields.String(
        load_default="arrangement",
        validate=validate.OneOf(["school", "village", "arrangement", "risk"], error="unknown"),
    )
