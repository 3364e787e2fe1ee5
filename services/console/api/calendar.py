"""`/calendar`: terms and exceptional days of areas, whether a day is a workday or a school day, who keeps the watch."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.resources import Resources
from services.console.codes import SCHOOL_HALVES, WATCHERS
from services.console.doors import call, command

calendar = Resources("calendar", "School terms and workdays")
_VIEW, _SET = "registry:division:view", "registry:calendar:set"


class DaysQuery(Schema):
    """The days of an area, from `first` (today) on."""

    division = fields.UUID(required=True)
    first = fields.Date()
    days = fields.Integer(validate=validate.Range(1, 400))


class Day(Schema):
    """A day. `in_term` is null where no term is known near it; `basis` says on what `worked` rests."""

    day = fields.String(required=True)
    worked = fields.Boolean(required=True)
    basis = fields.String(required=True)
    in_term = fields.Boolean(required=True, allow_none=True)
    taught = fields.Boolean(required=True)


class Days(Schema):
    """What days are, and what is set for the area itself."""

    division = fields.String()
    terms = fields.List(fields.Dict())
    days = fields.List(fields.Dict())
    items = fields.List(fields.Nested(Day))
    next = fields.String(allow_none=True)


class TermIn(Schema):
    """A term to set; `year` is the one in which the school year begins."""

    division = fields.UUID(required=True)
    year = fields.Integer(required=True, strict=True)
    half = fields.String(required=True, validate=validate.OneOf(list(SCHOOL_HALVES), error="unknown"))
    first = fields.Date(required=True)
    last = fields.Date(required=True)


class DayIn(Schema):
    """A day to set; null: as the calendar has it."""

    division = fields.UUID(required=True)
    day = fields.Date(required=True)
    worked = fields.Boolean(allow_none=True)
    taught = fields.Boolean(allow_none=True)


class WatchQuery(Schema):
    """Today or a coming day."""

    on = fields.Date()


class WatchOf(Day):
    """Who keeps the daily watch over a child on a day, and as what."""

    child = fields.String(required=True)
    staff = fields.String(allow_none=True)
    staff_name = fields.String(allow_none=True)
    by = fields.String(required=True, validate=validate.OneOf(list(WATCHERS)))


@calendar.get("/calendar/days", needs=_VIEW, query=DaysQuery, answers=Days)
def days(asked: dict[str, Any]) -> dict[str, Any]:
    """Whether days are workdays and school days."""
    return call("registry", "calendar_days", _text(asked))


@calendar.post("/calendar/terms", needs=_SET, takes=TermIn, answers=Done)
def set_term(given: dict[str, Any]) -> dict[str, Any]:
    """Set a term of an area."""
    return command("registry", "set_term", _text(given))


@calendar.post("/calendar/days", needs=_SET, takes=DayIn, answers=Done)
def set_day(given: dict[str, Any]) -> dict[str, Any]:
    """Set a day of an area."""
    return command("registry", "set_day", _text(given))


@calendar.get("/children/<uuid:child>/watch", needs="registry:responsible:view", query=WatchQuery, answers=WatchOf)
def watch(asked: dict[str, Any], child: str) -> dict[str, Any]:
    """Who keeps the daily watch over a child."""
    return call("registry", "watch", {"child": child} | _text(asked))


def _text(given: dict[str, Any]) -> dict[str, Any]:
    return {name: one if one is None or isinstance(one, int) else str(one) for name, one in given.items()}
