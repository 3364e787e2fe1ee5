"""Commands and questions about erasing people."""

from __future__ import annotations

from marshmallow import fields

from services.registry.domain import commands
from services.registry.domain.codes import ErasureGrounds, ErasureRefusal, ErasureState, LiftingReason
from shared.access.roles import FieldClass
from shared.access.schemas import Command, Id, Paged, Query, View, kept


class RequestErasure(Command):
    """Ask that a child, or a person of its card, be erased."""

    makes = commands.RequestErasure
    person = Id(required=True)
    grounds = fields.Enum(ErasureGrounds, by_value=True, required=True)


class OfErasure(Command):
    """Approve a request for erasure, or take it back."""

    makes = commands.OfErasure
    erasure = Id(required=True)


class RefuseErasure(Command):
    """Refuse a request for erasure."""

    makes = commands.RefuseErasure
    erasure = Id(required=True)
    reason = fields.Enum(ErasureRefusal, by_value=True, required=True)


class AskToLift(Command):
    """Ask that a restriction end."""

    makes = commands.AskToLift
    erasure = Id(required=True)
    reason = fields.Enum(LiftingReason, by_value=True, required=True)


class Erasures(Paged):
    """Requests for erasure, of a state or a child."""

    state = fields.Enum(ErasureState, by_value=True, load_default=None, allow_none=True)
    child = Id(load_default=None, allow_none=True)


class OneErasure(Query):
    """A request for erasure."""

    erasure = Id(required=True)


class ErasureView(View):
    """A request for erasure: who asked, what each service says, who decided, and which have carried it out.

    `waiting` are the services whose answer, or whose word that it is done, is still to come; `postponed` those of them
    where something came up. `closed`: whether it restricts somebody; `lifting`: who asked that this end, why, and where
    it has (`done`).
    """

    erasure = fields.String()
    request = fields.Integer()
    person = fields.String()
    child = fields.String()
    child_name = fields.String(metadata=kept(FieldClass.IDENTITY))
    child_standing = fields.String()
    grounds = fields.String()
    state = fields.String()
    requested_by = fields.String()
    requested_by_name = fields.String()
    requested_at = fields.String()
    decided_by = fields.String()
    decided_by_name = fields.String()
    decided_at = fields.String()
    refusal = fields.String()
    answers = fields.List(fields.Dict())
    carried = fields.List(fields.String())
    waiting = fields.List(fields.String())
    postponed = fields.List(fields.String())
    closed = fields.Boolean()
    lifting = fields.Dict(allow_none=True)
    until = fields.Date()
    version = fields.Integer()
