"""Commands and questions about who answers for children: hand-overs, transfers, and who did on a past date."""

from __future__ import annotations

from marshmallow import fields

from services.registry.domain import commands
from services.registry.domain.authority_codes import HandOverKind, HandOverState, TransferState
from shared.access.roles import FieldClass
from shared.access.schemas import Command, Id, Paged, Query, View, kept

_IDENTITY = kept(FieldClass.IDENTITY)


class DrawUpHandOver(Command):
    """Draw up the list of what one person hands over to another."""

    makes = commands.DrawUpHandOver
    kind = fields.Enum(HandOverKind, by_value=True, required=True)
    giver = Id(required=True)
    receiver = Id(required=True)
    klass = Id(load_default=None, allow_none=True)


class OfHandOver(Command):
    """Sign or withdraw a hand-over."""

    makes = commands.OfHandOver
    hand_over = Id(required=True)


class SignTransfer(Command):
    """Sign a child away to a village of another township."""

    makes = commands.SignTransfer
    child = Id(required=True)
    village = Id(required=True)
    school = Id(load_default=None, allow_none=True)
    klass = Id(load_default=None, allow_none=True)


class AcceptTransfer(Command):
    """Sign a transfer for the receiving side."""

    makes = commands.AcceptTransfer
    transfer = Id(required=True)
    responsible = Id(load_default=None, allow_none=True)


class OfTransfer(Command):
    """Refuse or withdraw a transfer."""

    makes = commands.OfTransfer
    transfer = Id(required=True)


class Answering(Query):
    """Who answers for a child: on a day, or without one from the beginning until now."""

    child = Id(required=True)
    on = fields.Date(load_default=None, allow_none=True)


class AnsweredBy(Paged):
    """The children that somebody answers for, now or at the end of a day."""

    staff = Id(required=True)
    on = fields.Date(load_default=None, allow_none=True)


class HandOvers(Paged):
    """Hand-overs, of a state."""

    state = fields.Enum(HandOverState, by_value=True, load_default=None, allow_none=True)


class OneHandOver(Query):
    """A hand-over."""

    hand_over = Id(required=True)


class Transfers(Paged):
    """Transfers, of a state."""

    state = fields.Enum(TransferState, by_value=True, load_default=None, allow_none=True)


class OneTransfer(Query):
    """A transfer."""

    transfer = Id(required=True)


class AnsweredChild(View):
    """A child that somebody answers for, with the ground and since when."""

    child = fields.String()
    name = fields.String(metadata=_IDENTITY)
    standing = fields.String()
    village_name = fields.String()
    class_name = fields.String()
    present = fields.Boolean()
    since = fields.String()
    basis = fields.String()


class ListedChild(View):
    """A child on a list. `passed`: whether it passed on with the second signature."""

    child = fields.String()
    name = fields.String(metadata=_IDENTITY)
    standing = fields.String()
    village_name = fields.String()
    passed = fields.Boolean()


class TransferView(View):
    """A transfer: from where to where, who signed for each side, and who answers for the child since."""

    transfer = fields.String()
    request = fields.Integer()
    child = fields.String()
    name = fields.String(metadata=_IDENTITY)
    standing = fields.String()
    origin_name = fields.String()
    village = fields.String()
    village_name = fields.String()
    school_name = fields.String()
    class_name = fields.String()
    state = fields.String()
    signed_by = fields.String()
    signed_by_name = fields.String()
    signed_at = fields.String()
    decided_by = fields.String()
    decided_by_name = fields.String()
    decided_at = fields.String()
    staff = fields.String()
    staff_name = fields.String()
    responsible_name = fields.String()
    version = fields.Integer()
