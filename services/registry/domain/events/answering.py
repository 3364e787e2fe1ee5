"""Who answers for a child and why; hand-overs of many children, and transfers of one to another township."""

from __future__ import annotations

from dataclasses import dataclass

from services.registry.domain.authority_codes import AssignmentBasis, HandOverKind, HandOverSide, TransferEnd
from shared.kernel.messages import Event, Person, Ref, event


@event("registry.responsible_grounded", version=1)
@dataclass(frozen=True, kw_only=True)
class ResponsibleGrounded(Event):
    """On what ground the one who was named answers for the child, and by which hand-over or transfer. Private.

    Where it is not recorded, the first who was named answers by the rule and whoever came later by hand.
    """

    child: Person
    staff: Person
    basis: AssignmentBasis
    source: Ref | None = None


@event("registry.hand_over_listed", version=1)
@dataclass(frozen=True, kw_only=True)
class HandOverListed(Event):
    """A list of children that one person is to hand over to another. Nobody answers for anybody new by it. Private.

    `klass`: the class that is handed over. `by` drew the list up.
    """

    hand_over: Ref
    kind: HandOverKind
    giver: Person
    receiver: Person
    klass: Ref | None
    children: tuple[Person, ...]
    by: Ref


@event("registry.hand_over_signed", version=1)
@dataclass(frozen=True, kw_only=True)
class HandOverSigned(Event):
    """Somebody, `by`, signed the list. Private."""

    hand_over: Ref
    side: HandOverSide
    by: Ref


@event("registry.hand_over_done", version=1)
@dataclass(frozen=True, kw_only=True)
class HandOverDone(Event):
    """Both have signed: the receiver answers for these children of the list.

    The others had come into other hands, or had left, before the second signature. Private.
    """

    hand_over: Ref
    giver: Person
    receiver: Person
    children: tuple[Person, ...]


@event("registry.hand_over_withdrawn", version=1)
@dataclass(frozen=True, kw_only=True)
class HandOverWithdrawn(Event):
    """The list holds no longer. Private."""

    hand_over: Ref


@event("registry.transfer_signed", version=1)
@dataclass(frozen=True, kw_only=True)
class TransferSigned(Event):
    """The sending side, `by`, signs a child away to a village of another township; it still answers for it. Private.

    `request` counts the transfers of this child. `school` and `klass`: where it is to learn, if known.
    """

    transfer: Ref
    request: int
    child: Person
    origin: Ref
    village: Ref
    school: Ref | None
    klass: Ref | None
    by: Ref


@event("registry.transfer_done", version=1)
@dataclass(frozen=True, kw_only=True)
class TransferDone(Event):
    """The receiving side, `by`, signed too: from this moment `staff` answers for the child. Private."""

    transfer: Ref
    request: int
    child: Person
    origin: Ref
    village: Ref
    staff: Person
    by: Ref


@event("registry.transfer_ended", version=1)
@dataclass(frozen=True, kw_only=True)
class TransferEnded(Event):
    """The receiving side refused, or the sending side took it back: who answered before answers still. Private."""

    transfer: Ref
    request: int
    child: Person
    end: TransferEnd
