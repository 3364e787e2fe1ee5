"""What registry shows. Each field has its class; a reader whose role does not see the class gets none, and is told."""

from __future__ import annotations

from marshmallow import fields

from shared.access.roles import FieldClass
from shared.access.schemas import View, kept

_IDENTITY, _CONTACT = kept(FieldClass.IDENTITY), kept(FieldClass.CONTACT)


class ChildRow(View):
    """A child in a list."""

    child = fields.String()
    name = fields.String(metadata=_IDENTITY)
    standing = fields.String()
    sex = fields.String(metadata=_IDENTITY)
    born = fields.Date(metadata=_IDENTITY)
    age = fields.Integer(metadata=_IDENTITY)
    village = fields.String()
    village_name = fields.String()
    school = fields.String()
    school_name = fields.String()
    klass = fields.String()
    class_name = fields.String()
    grade = fields.Integer()
    scope = fields.String()
    present = fields.Boolean()
    left_reason = fields.String()
    arrangement = fields.String()
    responsible = fields.String()
    responsible_name = fields.String()
    risks = fields.List(fields.String())
    because = fields.List(fields.Dict())


class ContactView(View):
    """A person on the contact card."""

    contact = fields.String()
    relation = fields.String()
    order = fields.Integer()
    status = fields.String()
    away = fields.Boolean()
    erased = fields.Boolean()
    restricted = fields.Boolean()
    name = fields.String(metadata=_CONTACT)
    phone = fields.String(metadata=_CONTACT)
    other_phone = fields.String(metadata=_CONTACT)
    occupation = fields.String(metadata=_CONTACT)
    employer = fields.String(metadata=_CONTACT)
    workplace = fields.String(metadata=_CONTACT)
    employer_phone = fields.String(metadata=_CONTACT)
    address = fields.String(metadata=_CONTACT)
    age = fields.Integer(metadata=_CONTACT)
    health = fields.String(metadata=_CONTACT)


class ChildView(ChildRow):
    """A child with all that registry holds in the open. The contacts' numbers stand on the contact card."""

    version = fields.Integer()
    erased = fields.Boolean()
    restricted = fields.Boolean()
    township_name = fields.String()
    address = fields.String(metadata=_CONTACT)
    identity = fields.String(metadata=_IDENTITY)
    identity_missing = fields.String()
    since = fields.Date()
    carer = fields.String()
    contacts = fields.List(fields.Dict())


class ChildPast(View):
    """A child as it stood at a past moment. Places and people are named as they are called today."""

    child = fields.String()
    present = fields.Boolean()
    name = fields.String(metadata=_IDENTITY)
    sex = fields.String(metadata=_IDENTITY)
    born = fields.Date(metadata=_IDENTITY)
    identity = fields.String(metadata=_IDENTITY)
    identity_missing = fields.String()
    address = fields.String(metadata=_CONTACT)
    village = fields.String()
    school = fields.String()
    klass = fields.String()
    arrangement = fields.String()
    since = fields.Date()
    carer = fields.String(metadata=_CONTACT)
    responsible = fields.String()
    risks = fields.List(fields.String())
    contacts = fields.List(fields.Dict())


class ContactCardView(View):
    """The contact card: who the child is, where it lives, whom to call in which order, who answers for it."""

    child = fields.String()
    version = fields.Integer()
    name = fields.String(metadata=_IDENTITY)
    sex = fields.String(metadata=_IDENTITY)
    born = fields.Date(metadata=_IDENTITY)
    age = fields.Integer(metadata=_IDENTITY)
    address = fields.String(metadata=_CONTACT)
    village = fields.String()
    village_name = fields.String()
    township_name = fields.String()
    school = fields.String()
    school_name = fields.String()
    klass = fields.String()
    class_name = fields.String()
    grade = fields.Integer()
    arrangement = fields.String()
    since = fields.Date()
    carer = fields.String()
    risks = fields.List(fields.String())
    present = fields.Boolean()
    responsible = fields.String()
    responsible_name = fields.String()
    responsible_phone = fields.String(metadata=_CONTACT)
    contacts = fields.List(fields.Dict())


class StaffView(View):
    """A member of staff."""

    staff = fields.String()
    name = fields.String()
    phone = fields.String(metadata=_CONTACT)
    roles = fields.List(fields.String())
    grants = fields.List(fields.Dict())


class RowView(View):
    """What became of a row of a roster."""

    sheet = fields.String()
    row = fields.Integer()
    name = fields.String(metadata=_IDENTITY)
    outcome = fields.String()
    child = fields.String()
    problems = fields.List(fields.Dict())
