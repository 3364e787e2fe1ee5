"""Commands and questions about calendars, and about who keeps the daily watch."""

from __future__ import annotations

from marshmallow import fields, validate

from services.registry.domain import commands
from services.registry.domain.authority_codes import SchoolHalf
from shared.access.schemas import Command, Id, Query


class SetTerm(Command):
    """Set a term of an area."""

    makes = commands.SetTerm
    division = Id(required=True)
    year = fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2100, error="range"))
    half = fields.Enum(SchoolHalf, by_value=True, required=True)
    first = fields.Date(required=True)
    last = fields.Date(required=True)


class SetDay(Command):
    """Say how a day of an area is; null: as the calendar has it."""

    makes = commands.SetDay
    division = Id(required=True)
    day = fields.Date(required=True)
    worked = fields.Boolean(load_default=None, allow_none=True)
    taught = fields.Boolean(load_default=None, allow_none=True)


class CalendarDays(Query):
    """What the days of an area are, from `first` (today, where none is said) for so many `days`."""

    division = Id(required=True)
    first = fields.Date(load_default=None, allow_none=True)
    days = fields.Integer(load_default=31, strict=True, validate=validate.Range(1, 400, error="range"))


class Watch(Query):
    """Who keeps the daily watch over a child, today or on a coming day."""

    child = Id(required=True)
    on = fields.Date(load_default=None, allow_none=True)
