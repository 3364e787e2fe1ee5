"""A request to erase a person: asked by one, answered by each service, approved by another, carried out everywhere.

Between asking and approving there may be days. So what stands against it is weighed three times: when it is asked for;
when a second person is for it, before anything is done; and in each service when it does it.

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
    ErasurePostponed,
    ErasureRefused,
    ErasureRequested,
    ErasureSeconded,
    ErasureWithdrawn,
)
from services.registry.domain.lifting import WAITING, Liftable
from shared.kernel.erasing import Against
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal

ASKED = (Carrier.ALERTS, Carrier.CASEWORK, Carrier.FUNDING)
"""The services whose answers an approval waits for. Registry has nothing to say against it."""

_DECIDED = (ErasureState.ERASED, ErasureState.RESTRICTED)


def erasure_id(person: str) -> str:
    """The id under which everything about erasing a person stands: one history a person."""
    return derived_id(person, "registry.erasure")


class Erasure(Liftable):
    """The requests to erase one person, the latest of which counts."""

    service, kind = "registry", "erasure"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.person = ""
        self.child = ""
        self.people: tuple[Person, ...] = ()
        self.by = ""
        self.approved_by: str | None = None
        self.answers: dict[str, Against] = {}
        self.carried: set[str] = set()
        self.postponed: set[str] = set()

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
        if self.state is ErasureState.REQUESTED and self.by == by:
            return
        if self.state in WAITING:
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
        if self.state not in WAITING or request != self.request or service in self.answers:
            return
        known = tuple(_known(one) for one in reasons)
        if self.state is ErasureState.SECONDED:
            # Who approved has asked the second question; that they are named in a case is no objection.
            known = tuple(one for one in known if one is not AgainstErasure.REQUESTER_NAMED)
        said = {"service": service, "reasons": known, "until": until if known else None}
        self.record(ErasureAnswered(erasure=Ref(self.id), request=request, **said))  # type: ignore[arg-type]
        if AgainstErasure.REQUESTER_NAMED in known:
            self._refuse(ErasureRefusal.REQUESTER_NAMED)

    def approve(self, *, by: str, people: Sequence[str]) -> None:
        """Be for it as a second person: every service weighs it once more. `people` are those whose fields go now.

        Approving again changes nothing. Refuses `registry.erasure_not_waiting {state}`,
        `registry.erasure_needs_another` for who asked, and `registry.erasure_unanswered {waiting}` while services have
        not answered.
        """
        if by == self.approved_by and self.state in (ErasureState.SECONDED, *_DECIDED):
            return
        self._must_wait(ErasureState.REQUESTED)
        if by == self.by:
            raise Refusal("registry.erasure_needs_another")
        if self.unanswered:
            raise Refusal("registry.erasure_unanswered", waiting=self.unanswered)
        self.record(
            ErasureSeconded(
                erasure=Ref(self.id),
                request=self.request + 1,
                person=Person(self.person),
                child=Person(self.child),
                people=tuple(map(Person, people)),
                by=Ref(by),
            )
        )

    @property
    def unanswered(self) -> list[str]:
        """The services whose answer to the present question is still to come."""
        return [str(one) for one in ASKED if one not in self.answers]

    def settle(self) -> ErasureOutcome | None:
        """Decide what an approved request becomes, once every service has weighed it again. None before, and after."""
        if self.state is not ErasureState.SECONDED or self.unanswered or self.approved_by is None:
            return None
        against = self.against
        outcome = ErasureOutcome.RESTRICTED if against.reasons else ErasureOutcome.ERASED
        self.record(
            ErasureApproved(
                erasure=Ref(self.id),
                request=self.request,
                outcome=outcome,
                reasons=against.reasons,
                until=against.until,
                by=Ref(self.approved_by),
            )
        )
        return outcome

    def refuse(self, reason: ErasureRefusal, *, by: str) -> None:
        """Refuse it as a second person. Refuses itself as `approve` does."""
        if self.state is ErasureState.REFUSED:
            return
        self._must_wait(ErasureState.REQUESTED)
        if by == self.by:
            raise Refusal("registry.erasure_needs_another")
        self._refuse(reason)

    def withdraw(self) -> None:
        """Take it back before it is decided. Refuses `registry.erasure_not_waiting`."""
        if self.state is ErasureState.WITHDRAWN:
            return
        self._must_wait(*WAITING)
        self.record(ErasureWithdrawn(erasure=Ref(self.id), request=self.request))

    def carry_out(self, *, service: Carrier, request: int, erased: bool) -> None:
        """A service has done it: it erased, or it restricted. Hearing it again changes nothing.

        Where an erasure was decided and the service restricted, something had come up there: the erasure is postponed.
        """
        if request != self.request or service in self.carried:
            return
        if self.state is ErasureState.ERASED and not erased:
            if service not in self.postponed:
                self.record(ErasurePostponed(erasure=Ref(self.id), request=request, service=service))
            return
        self.record(ErasureDone(erasure=Ref(self.id), request=request, service=service))

    def look_again(self, *, request: int) -> bool:
        """Whether services that postponed it are to look again now: then they are waited for anew."""
        if request != self.request or self.state is not ErasureState.ERASED or not self.postponed:
            return False
        for service in sorted(self.postponed):
            self.record(ErasurePostponed(erasure=Ref(self.id), request=request, service=Carrier(service)))
        return True

    def _refuse(self, reason: ErasureRefusal) -> None:
        self.record(ErasureRefused(erasure=Ref(self.id), request=self.request, reason=reason))

    def _must_wait(self, *states: ErasureState) -> None:
        if self.state not in states:
            raise Refusal("registry.erasure_not_waiting", state=self.state.value)

    def _apply_erasure_requested(self, it: ErasureRequested) -> None:
        self.request, self.state, self.by = it.request, ErasureState.REQUESTED, it.by
        self.person, self.child, self.people = it.person, it.child, it.people
        self.approved_by, self.answers, self.carried, self.postponed = None, {}, set(), set()
        self.forget_lifting()

    def _apply_erasure_seconded(self, it: ErasureSeconded) -> None:
        self.request, self.state, self.approved_by = it.request, ErasureState.SECONDED, it.by
        self.people, self.answers = it.people, {}

    def _apply_erasure_postponed(self, it: ErasurePostponed) -> None:
        self.postponed.add(it.service)

    def _apply_erasure_answered(self, it: ErasureAnswered) -> None:
        self.answers[it.service] = Against(it.reasons, it.until)

    def _apply_erasure_approved(self, it: ErasureApproved) -> None:
        self.state, self.approved_by = ErasureState(it.outcome.value), it.by
        self.closed = it.outcome is ErasureOutcome.RESTRICTED

    def _apply_erasure_refused(self, _: ErasureRefused) -> None:
        self.state = ErasureState.REFUSED

    def _apply_erasure_withdrawn(self, _: ErasureWithdrawn) -> None:
        self.state = ErasureState.WITHDRAWN

    def _apply_erasure_done(self, it: ErasureDone) -> None:
        self.carried.add(it.service)
        self.postponed.discard(it.service)


def _known(code: str) -> AgainstErasure:
    try:
        return AgainstErasure(code)
    except ValueError:
        return AgainstErasure.OTHER  # a neighbour that is newer: whatever it is, it stands against the erasure
