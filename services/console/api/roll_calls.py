"""`/roll-calls`: what a class's roll call found, and taking it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.resources import Resources
from services.console.codes import MARKS, REASONS, SESSIONS
from services.console.doors import call, command

roll_calls = Resources("roll_calls", "Roll calls of classes")


class RollCallQuery(Schema):
    """Which roll call: class, day, and part of the day."""

    klass = fields.UUID(required=True)
    day = fields.Date(required=True)
    session = fields.String(required=True, validate=validate.OneOf(list(SESSIONS)))


class MarkIn(Schema):
    """One pupil: present, late or absent; an absence without `reason` raises an alert."""

    child = fields.UUID(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(MARKS)))
    reason = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(REASONS)))


class RollCallIn(RollCallQuery):
    """A roll call as it was taken. Taken again, it amends what was taken before."""

    marks = fields.List(fields.Nested(MarkIn), required=True, validate=validate.Length(1, 200))


class PupilOut(Schema):
    """A pupil, how it was marked (null before), and its open alert if there is one."""

    child = fields.String()
    name = fields.String(allow_none=True)
    state = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    alert = fields.String(allow_none=True)


class RollCallOut(Schema):
    """A class's roll call."""

    klass = fields.String()
    class_name = fields.String(allow_none=True)
    school_name = fields.String(allow_none=True)
    taken = fields.Boolean()
    version = fields.Integer()
    pupils = fields.List(fields.Nested(PupilOut))


@roll_calls.get("/roll-calls", needs="alerts:roll_call:view", query=RollCallQuery, answers=RollCallOut)
def show(query: dict[str, Any]) -> dict[str, Any]:
    """The roll call of a class on a day, with every pupil."""
    return call("alerts", "roll_call", _when(query))


@roll_calls.post("/roll-calls", needs="alerts:roll_call:take", takes=RollCallIn, answers=Done, status=201)
def take(given: dict[str, Any]) -> dict[str, Any]:
    """Take a roll call, or amend it."""
    marks = [one | {"child": str(one["child"])} for one in given["marks"]]
    return command("alerts", "take_roll_call", _when(given) | {"marks": marks})


def _when(given: dict[str, Any]) -> dict[str, Any]:
    return {"klass": str(given["klass"]), "day": given["day"].isoformat(), "session": given["session"]}
