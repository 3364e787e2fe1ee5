"""Lifting a restriction: asked for by one, approved by another, done by each service, and told anew at the end."""

from __future__ import annotations

from services.registry.domain.codes import Carrier, ErasureState, LiftingEnd, LiftingReason
from services.registry.domain.events import LiftingApproved, LiftingAsked, LiftingDone, LiftingEnded
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Ref
from shared.kernel.refusals import Refusal

WAITING = (ErasureState.REQUESTED, ErasureState.SECONDED)
"""The states in which a request for erasure is not decided."""


class Liftable(Aggregate):
    """A request for erasure as far as it has restricted somebody, and that may end."""

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.request = 0
        self.state = ErasureState.WITHDRAWN
        self.closed = False
        self.lifting_by: str | None = None
        self.lift_approved_by: str | None = None
        self.lifted: set[str] = set()

    def forget_lifting(self) -> None:
        """What was asked and done about lifting is over: a new request is made."""
        self.lifting_by, self.lift_approved_by, self.lifted = None, None, set()

    def ask_to_lift(self, reason: LiftingReason, *, by: str) -> None:
        """Ask that the restriction that it became end. Asking again changes nothing for who asked.

        Refuses `registry.not_restricted {state}`, and `registry.lifting_asked_already` to another.
        """
        self._must_be_restricted()
        if self.lifting_by == by:
            return
        if self.lifting_by is not None:
            raise Refusal("registry.lifting_asked_already")
        self.record(LiftingAsked(erasure=Ref(self.id), request=self.request, reason=reason, by=Ref(by)))

    def end_lifting(self, end: LiftingEnd, *, by: str) -> None:
        """Refuse to lift it, as a second person, or take the request back, as who asked.

        Refuses `registry.lifting_not_asked`, `registry.lifting_needs_another`, `registry.lifting_not_yours`.
        """
        self._must_be_restricted()
        if self.lifting_by is None:
            raise Refusal("registry.lifting_not_asked")
        if end is LiftingEnd.REFUSED and by == self.lifting_by:
            raise Refusal("registry.lifting_needs_another")
        if end is LiftingEnd.WITHDRAWN and by != self.lifting_by:
            raise Refusal("registry.lifting_not_yours")
        self.record(LiftingEnded(erasure=Ref(self.id), request=self.request, end=end))

    def lift(self, *, by: str) -> bool:
        """Approve the lifting as a second person; whether it was lifted by this. Approving again changes nothing.

        Refuses `registry.not_restricted {state}`, `registry.lifting_not_asked`, `registry.lifting_needs_another`.
        """
        if self.state is ErasureState.LIFTED and self.lift_approved_by == by:
            return False
        self._must_be_restricted()
        if self.lifting_by is None:
            raise Refusal("registry.lifting_not_asked")
        if by == self.lifting_by:
            raise Refusal("registry.lifting_needs_another")
        self.record(LiftingApproved(erasure=Ref(self.id), request=self.request, by=Ref(by)))
        return True

    def note_lifted(self, *, service: Carrier, request: int) -> bool:
        """A service uses again what it kept; whether it was the last. Hearing it again changes nothing."""
        if self.state is not ErasureState.LIFTED or request != self.request or service in self.lifted:
            return False
        self.record(LiftingDone(erasure=Ref(self.id), request=request, service=service))
        return len(self.lifted) == len(Carrier)

    def _must_be_restricted(self) -> None:
        # A later request that was refused or withdrawn leaves the restriction as it was.
        if not self.closed or self.state in WAITING:
            raise Refusal("registry.not_restricted", state=self.state.value)

    def _apply_lifting_asked(self, it: LiftingAsked) -> None:
        self.lifting_by = it.by

    def _apply_lifting_ended(self, _: LiftingEnded) -> None:
        self.lifting_by = None

    def _apply_lifting_approved(self, it: LiftingApproved) -> None:
        self.state, self.lift_approved_by, self.closed = ErasureState.LIFTED, it.by, False

    def _apply_lifting_done(self, it: LiftingDone) -> None:
        self.lifted.add(it.service)
