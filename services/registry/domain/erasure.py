"""A request to erase a person: asked by one, answered by each service, approved by another, carried out everywhere.

个人信息保护法 art. 47: erasure on request or after retention; where retention still runs, processing stops instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.registry.domain.codes import (
    AgainstErasure,
    Carrier,
    ErasureGrounds,
    ErasureOutcome,
    ErasureRefusal,
    ErasureState,
)
from services.registry.domain.events import (
    ErasureAnswered,
    ErasureApproved,
    ErasureDone,
    ErasureRefused,
    ErasureRequested,
    ErasureWithdrawn,
)
from shared.kernel.aggregate import Aggregate
from shared.kernel.erasing import Against
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal

ASKED = (Carrier.ALERTS, Carrier.CASEWORK, Carrier.FUNDING)
"""The services whose answers an approval waits for. Registry has nothing to say against it."""


def erasure_id(person: str) -> str:
    """The id under which everything about erasing a person stands: one history a person."""
    return derived_id(person, "registry.erasure")


class Erasure(Aggregate):
    """The requests to erase one person, the latest of which counts."""

    service, kind = "registry", "erasure"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.request = 0
        self.state = ErasureState.WITHDRAWN
        self.person = ""
        self.child = ""
        self.people: tuple[Person, ...] = ()
        self.by = ""
        self.approved_by: str | None = None
        self.answers: dict[str, Against] = {}
        self.carried: set[str] = set()

    @property
    def against(self) -> Against:
        """Everything that the services have said against it."""
        return Against.all_of(self.answers[one] for one in sorted(self.answers))

    def ask(self, *, person: str, child: str, people: Sequence[str], grounds: ErasureGrounds, by: str) -> None:
        """Ask for it, anew where an earlier request was refused, withdrawn or became a restriction.

        Asking again while it waits changes nothing for who asked, and refuses `registry.erasure_requested_already`
        {erasure} for another. Refuses `registry.already_erased`.
        """
        if self.state is ErasureState.ERASED:
            raise Refusal("registry.already_erased", person=person)
        if self.state is ErasureState.REQUESTED:
            if self.by == by:
                return
            raise Refusal("registry.erasure_requested_already", erasure=self.id)
        self.record(
            ErasureRequested(
                erasure=Ref(self.id),
                request=self.request + 1,
                person=Person(person),
                child=Person(child),
                people=tuple(map(Person, people)),
                grounds=grounds,
                by=Ref(by),
            )
        )

    def answer(self, *, service: Carrier, request: int, reasons: Sequence[str], until: date | None) -> None:
        """A service says what stands against it. Who is named in a case cannot ask: then it is refused at once."""
        if self.state is not ErasureState.REQUESTED or request != self.request or service in self.answers:
            return
        known = tuple(_known(one) for one in reasons)
        said = {"service": service, "reasons": known, "until": until}
        self.record(ErasureAnswered(erasure=Ref(self.id), request=request, **said))  # type: ignore[arg-type]
        if AgainstErasure.REQUESTER_NAMED in known:
            self._refuse(ErasureRefusal.REQUESTER_NAMED)

    def approve(self, *, by: str) -> ErasureOutcome | None:
        """Approve it as a second person: what it became. None where the same person approved it before.

        Refuses `registry.erasure_not_waiting {state}`, `registry.erasure_needs_another` for who asked, and
        `registry.erasure_unanswered {waiting}` while services have not answered.
        """
        if by == self.approved_by and self.state in (ErasureState.ERASED, ErasureState.RESTRICTED):
            return None
        self._must_wait()
        if by == self.by:
            raise Refusal("registry.erasure_needs_another")
        waiting = [str(one) for one in ASKED if one not in self.answers]
        if waiting:
            raise Refusal("registry.erasure_unanswered", waiting=waiting)
        against = self.against
        outcome = ErasureOutcome.RESTRICTED if against.reasons else ErasureOutcome.ERASED
        self.record(
            ErasureApproved(
                erasure=Ref(self.id),
                request=self.request,
                outcome=outcome,
                reasons=against.reasons,
                until=against.until,
                by=Ref(by),
            )
        )
        return outcome

    def refuse(self, reason: ErasureRefusal, *, by: str) -> None:
        """Refuse it as a second person. Refuses itself as `approve` does."""
        if self.state is ErasureState.REFUSED:
            return
        self._must_wait()
        if by == self.by:
            raise Refusal("registry.erasure_needs_another")
        self._refuse(reason)

    def withdraw(self) -> None:
        """Take it back before it is decided. Refuses `registry.erasure_not_waiting`."""
        if self.state is ErasureState.WITHDRAWN:
            return
        self._must_wait()
        self.record(ErasureWithdrawn(erasure=Ref(self.id), request=self.request))

    def carry_out(self, *, service: Carrier, request: int) -> None:
        """A service has done it. Hearing it again changes nothing."""
        if request == self.request and service not in self.carried:
            self.record(ErasureDone(erasure=Ref(self.id), request=request, service=service))

    def _refuse(self, reason: ErasureRefusal) -> None:
        self.record(ErasureRefused(erasure=Ref(self.id), request=self.request, reason=reason))

    def _must_wait(self) -> None:
        if self.state is not ErasureState.REQUESTED:
            raise Refusal("registry.erasure_not_waiting", state=self.state.value)

    def _apply_erasure_requested(self, it: ErasureRequested) -> None:
        self.request, self.state, self.by = it.request, ErasureState.REQUESTED, it.by
        self.person, self.child, self.people = it.person, it.child, it.people
        self.approved_by, self.answers, self.carried = None, {}, set()

    def _apply_erasure_answered(self, it: ErasureAnswered) -> None:
        self.answers[it.service] = Against(it.reasons, it.until)

    def _apply_erasure_approved(self, it: ErasureApproved) -> None:
        self.state, self.approved_by = ErasureState(it.outcome.value), it.by

    def _apply_erasure_refused(self, _: ErasureRefused) -> None:
        self.state = ErasureState.REFUSED

    def _apply_erasure_withdrawn(self, _: ErasureWithdrawn) -> None:
        self.state = ErasureState.WITHDRAWN

    def _apply_erasure_done(self, it: ErasureDone) -> None:
        self.carried.add(it.service)


def _known(code: str) -> AgainstErasure:
    try:
        return AgainstErasure(code)
    except ValueError:
        return AgainstErasure.OTHER  # a neighbour that is newer: whatever it is, it stands against the erasure
