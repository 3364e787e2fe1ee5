"""Commands and questions about reading together what is restricted."""

from __future__ import annotations

from marshmallow import fields, validate

from services.registry.domain import commands
from services.registry.domain.codes import OpeningReason, OpeningState
from services.registry.domain.opening import LONGEST, SHORTEST
from shared.access.schemas import Command, Id, Paged, Query, View


class AskToOpen(Command):
    """Ask to read, with a second person, what is restricted about a child and its card, for so many minutes."""

    makes = commands.AskToOpen
    child = Id(required=True)
    reason = fields.Enum(OpeningReason, by_value=True, required=True)
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(SHORTEST, LONGEST))


class OfOpening(Command):
    """Approve, refuse or withdraw a request to open, or close what is open."""

    makes = commands.OfOpening
    opening = Id(required=True)


class Openings(Paged):
    """Requests to open, of a state or a child."""

    state = fields.Enum(OpeningState, by_value=True, load_default=None, allow_none=True)
    child = Id(load_default=None, allow_none=True)


class OneOpening(Query):
    """A request to open."""

    opening = Id(required=True)


class OpeningView(View):
    """A request to open: who asked, why and for how long, who decided, until when it is open, how it ended.

    No name of the child: it is restricted.
    """

    opening = fields.String()
    request = fields.Integer()
    child = fields.String()
    village_name = fields.String()
    reason = fields.String()
    minutes = fields.Integer()
    state = fields.String()
    asked_by = fields.String()
    asked_by_name = fields.String()
    asked_at = fields.String()
    decided_by = fields.String()
    decided_by_name = fields.String()
    decided_at = fields.String()
    until = fields.String()
    ended_at = fields.String()
    version = fields.Integer()
