"""`/hand-overs`, `/transfers`, and who answers for a child: how children pass from one person to another."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import ASSIGNMENT_BASES, HAND_OVER_KINDS, HAND_OVER_STATES, TRANSFER_STATES
from services.console.doors import call, command

answering = Resources("answering", "Who answers for children")
_VIEW, _DRAW, _SIGN = "registry:responsible:view", "registry:hand_over:draw", "registry:hand_over:sign"
_LISTS, _TRANSFERS, _TRANSFER = "registry:hand_over:view", "registry:transfer:view", "registry:transfer:sign"


class DayQuery(Schema):
    """A day; none: from the beginning until now."""

    on = fields.Date()


class DayPageQuery(PageQuery):
    """The end of a day; none: now."""

    on = fields.Date()


class Span(Schema):
    """Somebody who answered for a child from `since` until `until` (null: until now)."""

    staff = fields.String()
    staff_name = fields.String(allow_none=True)
    since = fields.String()
    until = fields.String(allow_none=True)
    basis = fields.String(validate=validate.OneOf(list(ASSIGNMENT_BASES)))
    source = fields.String(allow_none=True, metadata={"description": "The hand-over or transfer by which it came."})


class Spans(Schema):
    """Who answered for a child, the latest first."""

    child = fields.String()
    on = fields.String(allow_none=True)
    items = fields.List(fields.Nested(Span))
    next = fields.String(allow_none=True)


class AnsweredChildItem(Schema):
    """A child that somebody answers for."""

    child = fields.String()
    name = fields.String(allow_none=True)
    village_name = fields.String(allow_none=True)
    class_name = fields.String(allow_none=True)
    present = fields.Boolean()
    since = fields.String()
    basis = fields.String()
    masked = fields.List(fields.String())


class StateOfListQuery(PageQuery):
    """Lists of a state."""

    state = fields.String(validate=validate.OneOf(list(HAND_OVER_STATES)))


class HandOverRow(Schema):
    """A list of children. `given_at` and `taken_at`: when either side signed."""

    hand_over = fields.String()
    kind = fields.String()
    giver = fields.String()
    giver_name = fields.String(allow_none=True)
    receiver = fields.String()
    receiver_name = fields.String(allow_none=True)
    klass = fields.String(allow_none=True)
    class_name = fields.String(allow_none=True)
    state = fields.String()
    listed = fields.Integer()
    drawn_by = fields.String()
    drawn_at = fields.String()
    given_by = fields.String(allow_none=True)
    given_at = fields.String(allow_none=True)
    taken_at = fields.String(allow_none=True)
    ended_at = fields.String(allow_none=True)
    version = fields.Integer()


class HandOverOne(HandOverRow):
    """A list with the children on it."""

    children = fields.List(fields.Dict())


class HandOverIn(Schema):
    """A list to draw up. `klass` for a class; none for a departure."""

    kind = fields.String(required=True, validate=validate.OneOf(list(HAND_OVER_KINDS)))
    giver = fields.UUID(required=True)
    receiver = fields.UUID(required=True)
    klass = fields.UUID()


class StateOfTransferQuery(PageQuery):
    """Transfers of a state."""

    state = fields.String(validate=validate.OneOf(list(TRANSFER_STATES)))


class TransferRow(Schema):
    """A transfer. `signed_by` signed for the sending side, `decided_by` for the other."""

    transfer = fields.String()
    request = fields.Integer()
    child = fields.String()
    name = fields.String(allow_none=True)
    origin_name = fields.String(allow_none=True)
    village = fields.String()
    village_name = fields.String(allow_none=True)
    state = fields.String()
    signed_by = fields.String()
    signed_at = fields.String()
    decided_by = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True)
    staff = fields.String(allow_none=True)
    responsible_name = fields.String(allow_none=True)
    version = fields.Integer()
    masked = fields.List(fields.String())


class TransferIn(Schema):
    """A child to sign away to a village of another township."""

    child = fields.UUID(required=True)
    village = fields.UUID(required=True)
    school = fields.UUID()
    klass = fields.UUID()


class AcceptanceIn(Schema):
    """Who answers for the child from now on; none: the rule says."""

    responsible = fields.UUID()


class NamedIn(Schema):
    """Who answers for the child from now on."""

    staff = fields.UUID(required=True)


def _text(given: dict[str, Any]) -> dict[str, Any]:
    return {name: one if one is None or isinstance(one, int) else str(one) for name, one in given.items()}


@answering.get("/children/<uuid:child>/answering", needs=_VIEW, query=DayQuery, answers=Spans)
def of_child(asked: dict[str, Any], child: str) -> dict[str, Any]:
    """Who answers for a child, or did on a past day."""
    return call("registry", "answering", {"child": child} | _text(asked))


@answering.post("/children/<uuid:child>/answering", needs="registry:responsible:name", takes=NamedIn, answers=Done)
def name(given: dict[str, Any], child: str) -> dict[str, Any]:
    """Name by hand who answers for a child."""
    return command("registry", "name_responsible", {"child": child} | _text(given))


@answering.get(
    "/staff/<uuid:member>/children",
    needs=_VIEW,
    query=DayPageQuery,
    answers=page_of(AnsweredChildItem, "AnsweredChildren"),
)
def of_staff(asked: dict[str, Any], member: str) -> dict[str, Any]:
    """The children that somebody answers for, or did at the end of a day."""
    return call("registry", "answered_by", {"staff": member} | _text(asked))


@answering.get("/hand-overs", needs=_LISTS, query=StateOfListQuery, answers=page_of(HandOverRow, "HandOvers"))
def hand_overs(asked: dict[str, Any]) -> dict[str, Any]:
    """Hand-overs, the latest first."""
    return call("registry", "hand_overs", asked)


@answering.post("/hand-overs", needs=_DRAW, takes=HandOverIn, answers=Done, status=201)
def draw_up(given: dict[str, Any]) -> dict[str, Any]:
    """Draw a list up."""
    return command("registry", "draw_up_hand_over", _text(given))


@answering.get("/hand-overs/<uuid:hand_over>", needs=_LISTS, answers=HandOverOne)
def hand_over(hand_over: str) -> dict[str, Any]:
    """One list."""
    return call("registry", "hand_over", {"hand_over": hand_over})


@answering.post("/hand-overs/<uuid:hand_over>/signature", needs=_SIGN, answers=Done)
def sign(hand_over: str) -> dict[str, Any]:
    """Sign a list. The second signature passes the children on."""
    return command("registry", "sign_hand_over", {"hand_over": hand_over})


@answering.post("/hand-overs/<uuid:hand_over>/withdrawal", needs=_DRAW, answers=Done)
def withdraw(hand_over: str) -> dict[str, Any]:
    """Take a list back."""
    return command("registry", "withdraw_hand_over", {"hand_over": hand_over})


@answering.get("/transfers", needs=_TRANSFERS, query=StateOfTransferQuery, answers=page_of(TransferRow, "Transfers"))
def transfers(asked: dict[str, Any]) -> dict[str, Any]:
    """Transfers, the latest first."""
    return call("registry", "transfers", asked)


@answering.post("/transfers", needs=_TRANSFER, takes=TransferIn, answers=Done, status=201)
def transfer_away(given: dict[str, Any]) -> dict[str, Any]:
    """Sign a child away."""
    return command("registry", "sign_transfer", _text(given))


@answering.get("/transfers/<uuid:transfer>", needs=_TRANSFERS, answers=TransferRow)
def transfer(transfer: str) -> dict[str, Any]:
    """One transfer."""
    return call("registry", "transfer", {"transfer": transfer})


@answering.post("/transfers/<uuid:transfer>/acceptance", needs=_TRANSFER, takes=AcceptanceIn, answers=Done)
def accept(given: dict[str, Any], transfer: str) -> dict[str, Any]:
    """Sign for the receiving side. Not by who signed the child away."""
    return command("registry", "accept_transfer", {"transfer": transfer} | _text(given))


@answering.post("/transfers/<uuid:transfer>/refusal", needs=_TRANSFER, answers=Done)
def refuse(transfer: str) -> dict[str, Any]:
    """Refuse it for the receiving side."""
    return command("registry", "refuse_transfer", {"transfer": transfer})


@answering.post("/transfers/<uuid:transfer>/withdrawal", needs=_TRANSFER, answers=Done)
def take_back(transfer: str) -> dict[str, Any]:
    """Take it back for the sending side."""
    return command("registry", "withdraw_transfer", {"transfer": transfer})
