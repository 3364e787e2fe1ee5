"""What is restricted is read by two people together: one asks, another approves, and for a while both read.

个人信息保护法 art. 47: where retention still runs, nothing is done with the data but keeping it safe. What a court, an
emergency or the family's own right to see it (art. 45) asks for is read under four eyes, and every reading is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.registry.domain.codes import OpeningEnd, OpeningReason, OpeningState
from services.registry.domain.events import OpeningApproved, OpeningAsked, OpeningEnded
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal

SHORTEST, LONGEST = 5, 60
"""Minutes for which something may be open."""
WAITS = timedelta(hours=24)
"""How long a request waits for a second person."""


def openings_id(child: str) -> str:
    """The id under which all reading together about a child stands: one history a child, one opening at a time."""
    return derived_id(child, "registry.opening")


class Opening(Aggregate):
    """The requests to open what is restricted about one child, the latest of which counts."""

    service, kind = "registry", "opening"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.request = 0
        self.state = OpeningState.WITHDRAWN
        self.child = ""
        self.reason = OpeningReason.OTHER
        self.minutes = 0
        self.by = ""
        self.approved_by: str | None = None

    def ask(self, *, child: str, closed: Sequence[str], reason: OpeningReason, minutes: int, by: str) -> None:
        """Ask for it. `closed` are those who are restricted now: the child, or people on its card.

        Asking again while it waits changes nothing for who asked. Refuses `opening_not_needed` where nobody is closed,
        `registry.opening_asked_already` {opening} and `registry.opening_open_already` {opening}.
        """
        if self.state is OpeningState.ASKED and self.by == by:
            return
        if self.state is OpeningState.ASKED:
            raise Refusal("registry.opening_asked_already", opening=self.id)
        if self.state is OpeningState.OPEN:
            raise Refusal("registry.opening_open_already", opening=self.id)
        if not closed:
            raise Refusal("opening_not_needed", person=child)
        self.record(
            OpeningAsked(
                opening=Ref(self.id),
                request=self.request + 1,
                child=Person(child),
                reason=reason,
                minutes=minutes,
                by=Ref(by),
            )
        )

    def approve(self, *, closed: Sequence[str], by: str) -> bool:
        """Approve it as a second person; whether it was opened by this. Approving again changes nothing.

        Refuses `registry.opening_needs_another` for who asked, `registry.opening_not_waiting` {state}, and
        `opening_not_needed` where nobody is restricted any more.
        """
        if self.state is OpeningState.OPEN and self.approved_by == by:
            return False
        self._must_wait()
        self._must_be_another(by)
        if not closed:
            raise Refusal("opening_not_needed", person=self.child)
        self.record(
            OpeningApproved(
                opening=Ref(self.id),
                request=self.request,
                child=Person(self.child),
                people=tuple(map(Person, closed)),
                reason=self.reason,
                minutes=self.minutes,
                asked_by=Ref(self.by),
                approved_by=Ref(by),
            )
        )
        return True

    def refuse(self, *, by: str) -> None:
        """Refuse it as a second person. Refuses itself as `approve` does."""
        if self.state is OpeningState.REFUSED:
            return
        self._must_wait()
        self._must_be_another(by)
        self._end(OpeningEnd.REFUSED)

    def withdraw(self, *, by: str) -> None:
        """Take it back. Refuses `registry.opening_not_yours` for anybody but who asked."""
        if self.state is OpeningState.WITHDRAWN and self.exists:
            return
        self._must_wait()
        if by != self.by:
            raise Refusal("registry.opening_not_yours")
        self._end(OpeningEnd.WITHDRAWN)

    def close(self) -> None:
        """End it before its time. Refuses `registry.opening_not_open` {state}."""
        if self.state is OpeningState.CLOSED:
            return
        if self.state is not OpeningState.OPEN:
            raise Refusal("registry.opening_not_open", state=self.state.value)
        self._end(OpeningEnd.CLOSED)

    def expire(self, *, request: int) -> None:
        """The time has come of what is open, or of what nobody decided about. What is over stays so."""
        if request != self.request:
            return
        if self.state is OpeningState.OPEN:
            self._end(OpeningEnd.EXPIRED)
        elif self.state is OpeningState.ASKED:
            self._end(OpeningEnd.LAPSED)

    def _end(self, end: OpeningEnd) -> None:
        self.record(OpeningEnded(opening=Ref(self.id), request=self.request, child=Person(self.child), end=end))

    def _must_wait(self) -> None:
        if self.state is not OpeningState.ASKED:
            raise Refusal("registry.opening_not_waiting", state=self.state.value)

    def _must_be_another(self, by: str) -> None:
        if by == self.by:
            raise Refusal("registry.opening_needs_another")

    def _apply_opening_asked(self, it: OpeningAsked) -> None:
        self.request, self.state, self.by, self.approved_by = it.request, OpeningState.ASKED, it.by, None
        self.child, self.reason, self.minutes = it.child, it.reason, it.minutes

    def _apply_opening_approved(self, it: OpeningApproved) -> None:
        self.state, self.approved_by = OpeningState.OPEN, it.approved_by

    def _apply_opening_ended(self, it: OpeningEnded) -> None:
        self.state = OpeningState(it.end.value)
