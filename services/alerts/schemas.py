"""What comes in at alerts' doors and what is shown."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from services.alerts.domain import commands
from services.alerts.domain.codes import (
    Answer,
    Kind,
    Level,
    Outcome,
    Part,
    Presence,
    Reason,
    Responder,
    Session,
    TroubleKind,
)
from services.alerts.domain.policy import DEFAULT
from shared.access.roles import FieldClass
from shared.access.schemas import AsOf, Command, Id, Paged, Prose, Query, View, kept

_NOTE = 2000
_MOST_PUPILS = 200
_LONGEST = 7 * 24 * 60


class _Part(Schema):
    """A part of a command, which becomes the domain's (`makes`)."""

    class Meta:
        """Nothing unknown comes in."""

        unknown = RAISE

    makes: type

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return self.makes(**data)


class Mark(_Part):
    """One pupil on a roll."""

    makes = commands.Mark
    child = Id(required=True)
    state = fields.Enum(Presence, by_value=True, required=True)
    reason = fields.Enum(Reason, by_value=True, load_default=None, allow_none=True)


class Step(_Part):
    """One step of a policy."""

    makes = commands.Step
    role = fields.Enum(Responder, by_value=True, required=True)
    wait_minutes = fields.Integer(required=True, strict=True, validate=validate.Range(1, _LONGEST, error="range"))


class TakeRollCall(Command):
    """Take or amend a roll call."""

    makes = commands.TakeRollCall
    klass = Id(required=True)
    day = fields.Date(required=True)
    session = fields.Enum(Session, by_value=True, required=True)
    marks = fields.List(fields.Nested(Mark), required=True, validate=validate.Length(1, _MOST_PUPILS, error="length"))


class RaiseAlert(Command):
    """Raise an alert."""

    makes = commands.RaiseAlert
    child = Id(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    level = fields.Enum(Level, by_value=True, load_default=None, allow_none=True)
    note = Prose(load_default=None, allow_none=True, most=_NOTE, least=0)


class AcknowledgeAlert(Command):
    """Acknowledge."""

    makes = commands.OfAlert
    alert = Id(required=True)


class RecordContactAttempt(Command):
    """A call to somebody on the card."""

    makes = commands.RecordContactAttempt
    alert = Id(required=True)
    contact = Id(required=True)
    result = fields.Enum(Answer, by_value=True, required=True)
    note = Prose(load_default=None, allow_none=True, most=_NOTE, least=0)


class ResolveAlert(Command):
    """Resolve."""

    makes = commands.ResolveAlert
    alert = Id(required=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True)
    note = Prose(load_default=None, allow_none=True, most=_NOTE, least=0)


class SetPolicy(Command):
    """Set a policy."""

    makes = commands.SetPolicy
    division = Id(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    steps = fields.List(fields.Nested(Step), required=True, validate=validate.Length(1, 10, error="length"))
    resolve_minutes = fields.Integer(
        load_default=DEFAULT.resolve_minutes, strict=True, validate=validate.Range(1, _LONGEST, error="range")
    )


class Met(_Part):
    """A trouble."""

    makes = commands.Met
    kind = fields.Enum(TroubleKind, by_value=True, required=True)
    source = fields.Enum(Part, by_value=True, required=True)


class ReportTroubles(Command):
    """All the troubles that a service has at present."""

    makes = commands.ReportTroubles
    troubles = fields.List(
        fields.Nested(Met), required=True, validate=validate.Length(0, len(Part) * len(TroubleKind), error="length")
    )


class Board(Paged):
    """The alert board."""

    state = fields.String(load_default="open", validate=validate.OneOf(["open", "resolved"]))


class OneAlert(Query):
    """An alert, by its reference."""

    alert = Id(required=True)


class OneChild(Query):
    """A child, by its reference."""

    child = Id(required=True)


class OneRollCall(Query):
    """A class's roll call."""

    klass = Id(required=True)
    day = fields.Date(required=True)
    session = fields.Enum(Session, by_value=True, required=True)


class Everything(Query):
    """No conditions."""


class AlertAsOf(AsOf):
    """An alert as it stood."""

    alert = Id(required=True)


class Timeline(Paged):
    """A child's alerts as a timeline."""

    child = Id(required=True)


class AlertPast(View):
    """An alert as it stood at a past moment, without words."""

    alert = fields.String()
    child = fields.String()
    child_name = fields.String(metadata=kept(FieldClass.IDENTITY))
    level = fields.String()
    state = fields.String()
    step = fields.Integer()
    by = fields.String()
    outcome = fields.String()


class AlertRow(View):
    """An alert on the board."""

    alert = fields.String()
    child = fields.String()
    child_name = fields.String(metadata=kept(FieldClass.IDENTITY))
    child_standing = fields.String()
    kind = fields.String()
    level = fields.String()
    state = fields.String()
    village = fields.String()
    village_name = fields.String()
    school_name = fields.String()
    class_name = fields.String()
    raised_at = fields.DateTime(format="iso")
    acknowledged_by = fields.String()
    acknowledged_by_name = fields.String()
    acknowledged_at = fields.DateTime(format="iso")
    step = fields.Integer()
    step_role = fields.String()
    next_role = fields.String()
    next_at = fields.DateTime(format="iso")
    resolved_at = fields.DateTime(format="iso")
    outcome = fields.String()
    version = fields.Integer()


class AlertPage(AlertRow):
    """One alert with all that is known of it."""

    policy = fields.String()
    policy_version = fields.Integer()
    steps = fields.List(fields.Dict())
    resolve_minutes = fields.Integer()
    attempts = fields.List(fields.Dict())
    signals = fields.List(fields.Dict())
    note = fields.String(metadata=kept(FieldClass.IDENTITY))
    resolved_by = fields.String()
    resolved_by_name = fields.String()
    resolution_note = fields.String(metadata=kept(FieldClass.IDENTITY))


class AttemptView(View):
    """A call to somebody on the card."""

    contact = fields.String()
    contact_name = fields.String(metadata=kept(FieldClass.CONTACT))
    result = fields.String()
    at = fields.DateTime(format="iso")
    by = fields.String()
    by_name = fields.String()
    note = fields.String(metadata=kept(FieldClass.IDENTITY))


class SignalView(View):
    """What was learnt while an alert was open."""

    signal = fields.String()
    at = fields.DateTime(format="iso")
    by = fields.String()
    by_name = fields.String()
    note = fields.String(metadata=kept(FieldClass.IDENTITY))


class ContactView(View):
    """Somebody on a contact card."""

    contact = fields.String()
    order = fields.Integer(attribute="place")
    relation = fields.String()
    status = fields.String()
    away = fields.Boolean()
    name = fields.String(metadata=kept(FieldClass.CONTACT))
    phone = fields.String(metadata=kept(FieldClass.CONTACT))
    other_phone = fields.String(metadata=kept(FieldClass.CONTACT))
    occupation = fields.String(metadata=kept(FieldClass.CONTACT))
    employer = fields.String(metadata=kept(FieldClass.CONTACT))
    workplace = fields.String(metadata=kept(FieldClass.CONTACT))
    employer_phone = fields.String(metadata=kept(FieldClass.CONTACT))
    address = fields.String(metadata=kept(FieldClass.CONTACT))


class CardView(View):
    """A contact card."""

    child = fields.String()
    name = fields.String(metadata=kept(FieldClass.IDENTITY))
    address = fields.String(metadata=kept(FieldClass.CONTACT))
    contacts = fields.List(fields.Dict())
    next_to_call = fields.String()


class PupilView(View):
    """A pupil on a roll."""

    child = fields.String()
    name = fields.String(metadata=kept(FieldClass.IDENTITY))
    state = fields.String()
    reason = fields.String(metadata=kept(FieldClass.IDENTITY))
    alert = fields.String()
