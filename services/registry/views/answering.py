"""Who answered for each child since when; hand-overs and transfers as the lists of them show them."""

from __future__ import annotations

from typing import Any

from services.registry.domain import events as e
from services.registry.domain.authority_codes import AssignmentBasis, HandOverSide, HandOverState, TransferState
from services.registry.views import answering_tables as t
from services.registry.views.tables import metadata
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.messages import Recorded

answering = Projector("registry.answering", metadata, opens=())
_REGISTRATION = 2
"""The version of a child's history at which the first who answers for it is named: right behind the registration."""


@answering.when(e.ResponsibleNamed)
def _named(rows: Rows, event: e.ResponsibleNamed, recorded: Recorded) -> None:
    first = recorded.stream_version == _REGISTRATION
    rows.add(
        t.answering,
        child=event.child,
        version=recorded.stream_version,
        staff=event.staff,
        since=recorded.time,
        basis=AssignmentBasis.RULE if first else AssignmentBasis.HAND,
        source=None,
    )


@answering.when(e.ResponsibleGrounded)
def _grounded(rows: Rows, event: e.ResponsibleGrounded, recorded: Recorded) -> None:
    named = (event.child, recorded.stream_version - 1)
    before = rows.read(t.answering, named)
    if before is not None and before["since"] == recorded.time:
        rows.change(t.answering, named, basis=event.basis, source=event.source)
        return
    rows.add(
        t.answering,
        child=event.child,
        version=recorded.stream_version,
        staff=event.staff,
        since=recorded.time,
        basis=event.basis,
        source=event.source,
    )


@answering.when(e.HandOverListed)
def _listed(rows: Rows, event: e.HandOverListed, recorded: Recorded) -> None:
    rows.add(
        t.hand_overs,
        hand_over=event.hand_over,
        kind=event.kind,
        giver=event.giver,
        receiver=event.receiver,
        klass=event.klass,
        drawn_by=event.by,
        drawn_at=recorded.time,
        state=HandOverState.LISTED,
        version=recorded.stream_version,
    )
    for one in event.children:
        rows.add(t.hand_over_children, hand_over=event.hand_over, child=one, passed=0)


@answering.when(e.HandOverSigned)
def _list_signed(rows: Rows, event: e.HandOverSigned, recorded: Recorded) -> None:
    if event.side is HandOverSide.RECEIVER:
        _change(rows, event.hand_over, recorded, taken_at=recorded.time)
    else:
        _change(rows, event.hand_over, recorded, given_by=event.by, given_at=recorded.time)


@answering.when(e.HandOverDone)
def _list_done(rows: Rows, event: e.HandOverDone, recorded: Recorded) -> None:
    _change(rows, event.hand_over, recorded, state=HandOverState.DONE, ended_at=recorded.time)
    for one in event.children:
        rows.change(t.hand_over_children, (event.hand_over, one), passed=1)


@answering.when(e.HandOverWithdrawn)
def _list_withdrawn(rows: Rows, event: e.HandOverWithdrawn, recorded: Recorded) -> None:
    _change(rows, event.hand_over, recorded, state=HandOverState.WITHDRAWN, ended_at=recorded.time)


@answering.when(e.TransferSigned)
def _signed(rows: Rows, event: e.TransferSigned, recorded: Recorded) -> None:
    rows.put(
        t.transfers,
        transfer=event.transfer,
        request=event.request,
        child=event.child,
        origin=event.origin,
        village=event.village,
        school=event.school,
        klass=event.klass,
        state=TransferState.SIGNED,
        signed_by=event.by,
        signed_at=recorded.time,
        decided_by=None,
        decided_at=None,
        staff=None,
        version=recorded.stream_version,
    )


@answering.when(e.TransferDone)
def _done(rows: Rows, event: e.TransferDone, recorded: Recorded) -> None:
    _decided(rows, event.transfer, recorded, state=TransferState.DONE, staff=event.staff)


@answering.when(e.TransferEnded)
def _ended(rows: Rows, event: e.TransferEnded, recorded: Recorded) -> None:
    _decided(rows, event.transfer, recorded, state=TransferState(event.end.value))


def _change(rows: Rows, hand_over: str, recorded: Recorded, **facts: Any) -> None:
    rows.change(t.hand_overs, hand_over, version=recorded.stream_version, **facts)


def _decided(rows: Rows, transfer: str, recorded: Recorded, **facts: Any) -> None:
    decided = {"decided_by": recorded.cause.actor.id, "decided_at": recorded.time}
    rows.change(t.transfers, transfer, version=recorded.stream_version, **decided, **facts)
