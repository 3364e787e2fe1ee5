"""Commands about a child."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from services.registry.domain import commands
from services.registry.domain.codes import (
    Arrangement,
    ChildScope,
    ContactStatus,
    IdentityMissing,
    LeaveReason,
    LegalBasis,
    Relation,
    Sex,
)
from services.registry.domain.contacts import MOST_CONTACTS
from services.registry.schemas.values import IdentityNumber, Name, Phone
from shared.access.schemas import Command, Id, Line


class ContactDetails(Schema):
    """What is known of a person on the contact card."""

    class Meta:
        """Nothing unknown comes in."""

        unknown = RAISE

    relation = fields.Enum(Relation, by_value=True, required=True)
    status = fields.Enum(ContactStatus, by_value=True, load_default=ContactStatus.LIVING)
    away = fields.Boolean(load_default=False)
    name = Name(load_default=None, allow_none=True)
    phone = Phone(load_default=None, allow_none=True)
    other_phone = Phone(load_default=None, allow_none=True)
    occupation = Line(load_default=None, allow_none=True, most=60)
    employer = Line(load_default=None, allow_none=True, most=120)
    workplace = Line(load_default=None, allow_none=True, most=200)
    employer_phone = Phone(load_default=None, allow_none=True)
    address = Line(load_default=None, allow_none=True, most=200)
    age = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 120))
    health = Line(load_default=None, allow_none=True, most=60)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> commands.ContactDetails:
        return commands.ContactDetails(**data)


class RegisterChild(Command):
    """Register a child. On what ground its data is kept must be said."""

    makes = commands.RegisterChild
    legal_basis = fields.String(
        required=True, validate=validate.OneOf([str(one) for one in LegalBasis], error="legal_basis")
    )
    name = Name(required=True)
    sex = fields.Enum(Sex, by_value=True, required=True)
    born = fields.Date(required=True)
    village = Id(required=True)
    scope = fields.Enum(ChildScope, by_value=True, load_default=ChildScope.LEFT_BEHIND)
    school = Id(load_default=None, allow_none=True)
    klass = Id(load_default=None, allow_none=True)
    address = Line(load_default=None, allow_none=True, most=200)
    identity_number = IdentityNumber(load_default=None, allow_none=True)
    identity_missing = fields.Enum(IdentityMissing, by_value=True, load_default=None, allow_none=True)
    contacts = fields.List(
        fields.Nested(ContactDetails), load_default=list, validate=validate.Length(max=MOST_CONTACTS, error="length")
    )
    arrangement = fields.Enum(Arrangement, by_value=True, load_default=None, allow_none=True)
    since = fields.Date(load_default=None, allow_none=True)
    carer = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, MOST_CONTACTS, error="range")
    )
    responsible = Id(load_default=None, allow_none=True)
    different_from = fields.List(Id(), load_default=list, validate=validate.Length(max=20, error="length"))


class OfChild(Command):
    """A command about one child."""

    child = Id(required=True)


class CorrectChild(OfChild):
    """Put name, sex or birth date right."""

    makes = commands.CorrectChild
    name = Name(load_default=None, allow_none=True)
    sex = fields.Enum(Sex, by_value=True, load_default=None, allow_none=True)
    born = fields.Date(load_default=None, allow_none=True)


class RecordIdentity(OfChild):
    """Record the identity number, or why it is missing."""

    makes = commands.RecordIdentity
    number = IdentityNumber(load_default=None, allow_none=True)
    missing = fields.Enum(IdentityMissing, by_value=True, load_default=None, allow_none=True)


class RecordAddress(OfChild):
    """Record where the child lives."""

    makes = commands.RecordAddress
    address = Line(required=True, most=200)


class EnrolChild(OfChild):
    """Enrol the child."""

    makes = commands.EnrolChild
    school = Id(load_default=None, allow_none=True)
    klass = Id(load_default=None, allow_none=True)


class MoveChild(OfChild):
    """The child lives in another village."""

    makes = commands.MoveChild
    village = Id(required=True)


class RecordDeparture(OfChild):
    """The child is no longer under watch."""

    makes = commands.RecordDeparture
    reason = fields.Enum(LeaveReason, by_value=True, required=True)


class RecordReturn(OfChild):
    """The child is under watch again."""

    makes = commands.RecordReturn


class ArrangeCare(OfChild):
    """Who looks after the child since a day."""

    makes = commands.ArrangeCare
    arrangement = fields.Enum(Arrangement, by_value=True, required=True)
    since = fields.Date(required=True)
    carer = Id(load_default=None, allow_none=True)


class RecordContact(OfChild):
    """Put a person on the contact card, or change what it says."""

    makes = commands.RecordContact
    details = fields.Nested(ContactDetails, required=True)
    contact = Id(load_default=None, allow_none=True)
    order = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, MOST_CONTACTS, error="range")
    )


class RemoveContact(OfChild):
    """Take a person off the contact card."""

    makes = commands.RemoveContact
    contact = Id(required=True)


class NameResponsible(OfChild):
    """Name who answers for the child."""

    makes = commands.NameResponsible
    staff = Id(required=True)
