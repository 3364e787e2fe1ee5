"""A hand-over: a list of children that one person gives and another takes, and that both sign.

Until the second signature the giver answers for every child of the list; with it the receiver does (summaries 7, 14).
"""

from __future__ import annotations

from collections.abc import Sequence

from services.registry.domain.authority_codes import HandOverKind, HandOverSide, HandOverState
from services.registry.domain.events import HandOverDone, HandOverListed, HandOverSigned, HandOverWithdrawn
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal

MOST = 400
"""Children on one list: what one transaction passes on."""


class HandOver(Aggregate):
    """A list, and who has signed it."""

    service, kind = "registry", "hand_over"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.what = HandOverKind.CLASS
        self.state = HandOverState.LISTED
        self.giver, self.receiver, self.by = "", "", ""
        self.klass: str | None = None
        self.children: tuple[str, ...] = ()
        self.signed: dict[HandOverSide, str] = {}

    @property
    def both_signed(self) -> bool:
        """Whether giver and receiver, or somebody in the giver's place, have signed."""
        given = HandOverSide.GIVER in self.signed or HandOverSide.IN_PLACE in self.signed
        return given and HandOverSide.RECEIVER in self.signed

    def draw_up(
        self,
        kind: HandOverKind,
        *,
        giver: str,
        receiver: str,
        children: Sequence[str],
        outside: int,
        by: str,
        klass: str | None = None,
    ) -> None:
        """Draw the list up. `outside`: how many of its children lie outside the receiver's area.

        Refuses `registry.hand_over_to_oneself`, `registry.hand_over_empty` (but for a departure, which ends roles as
        well), `registry.hand_over_too_long` {children, most} and `registry.hand_over_outside_area` {children}.
        """
        if giver == receiver:
            raise Refusal("registry.hand_over_to_oneself")
        if not children and kind is not HandOverKind.DEPARTURE:
            raise Refusal("registry.hand_over_empty")
        if len(children) > MOST:
            raise Refusal("registry.hand_over_too_long", children=len(children), most=MOST)
        if outside:
            raise Refusal("registry.hand_over_outside_area", children=outside)
        if self.exists:
            return
        self.record(
            HandOverListed(
                hand_over=Ref(self.id),
                kind=kind,
                giver=Person(giver),
                receiver=Person(receiver),
                klass=Ref(klass) if klass else None,
                children=tuple(map(Person, sorted(children))),
                by=Ref(by),
            )
        )

    def sign(self, *, by: str, in_place: bool) -> None:
        """Sign it as giver or receiver, or (`in_place`) for a giver who no longer can. Signing twice changes nothing.

        Refuses `registry.hand_over_not_open` {state}, and `registry.hand_over_not_yours` for whoever is neither.
        """
        side = HandOverSide.RECEIVER if by == self.receiver else HandOverSide.GIVER
        if by not in (self.giver, self.receiver):
            if not in_place:
                raise Refusal("registry.hand_over_not_yours")
            side = HandOverSide.IN_PLACE
        if by in self.signed.values():
            return
        self._must_be_open()
        self.record(HandOverSigned(hand_over=Ref(self.id), side=side, by=Ref(by)))

    def carry_out(self, passed: Sequence[str]) -> None:
        """These children of the list have passed on with the second signature."""
        self.record(
            HandOverDone(
                hand_over=Ref(self.id),
                giver=Person(self.giver),
                receiver=Person(self.receiver),
                children=tuple(map(Person, sorted(passed))),
            )
        )

    def withdraw(self) -> None:
        """The list holds no longer. Refuses `registry.hand_over_not_open` {state} for one that is done."""
        if self.state is not HandOverState.WITHDRAWN:
            self._must_be_open()
            self.record(HandOverWithdrawn(hand_over=Ref(self.id)))

    def _must_be_open(self) -> None:
        if self.state is not HandOverState.LISTED:
            raise Refusal("registry.hand_over_not_open", state=self.state.value)

    def _apply_hand_over_listed(self, it: HandOverListed) -> None:
        self.what, self.giver, self.receiver, self.by = it.kind, it.giver, it.receiver, it.by
        self.klass, self.children = it.klass, it.children

    def _apply_hand_over_signed(self, it: HandOverSigned) -> None:
        self.signed[it.side] = it.by

    def _apply_hand_over_done(self, _: HandOverDone) -> None:
        self.state = HandOverState.DONE

    def _apply_hand_over_withdrawn(self, _: HandOverWithdrawn) -> None:
        self.state = HandOverState.WITHDRAWN
