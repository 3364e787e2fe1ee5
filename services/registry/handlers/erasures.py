"""Commands about erasing people, and what the services say to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, delete

from services.registry.domain import commands as c
from services.registry.domain.child import Child
from services.registry.domain.codes import Carrier, ErasureOutcome
from services.registry.domain.erasure import Erasure, erasure_id
from services.registry.handlers.ground import Ground
from services.registry.handlers.importing.forgetting import forget
from services.registry.views.children import WEIGH
from shared.access.principals import Call
from shared.eventstore import tables as t
from shared.eventstore.work import Decision, Work
from shared.hosting.erasing import Eraser
from shared.kernel.refusals import NotFound, Refusal
from shared.vault.tables import among


class ErasureHandlers(Ground):
    """Erasing people: asked for by one, approved by another."""

    @cached_property
    def eraser(self) -> Eraser:
        """What takes away what registry keeps of people."""
        return Eraser(self._base, beside=self._forget)

    def request_erasure(self, call: Call[c.RequestErasure]) -> Decision:
        """Ask that a person be erased. Refuses `registry.already_erased`, and what the request refuses."""
        person = call.data.person

        def ask(work: Work) -> Erasure:
            child = self._child_of(work, person)
            self._gate.clear(work.tx, call, child=child.id)
            people = child.people_with(person)
            if person in child.erased:
                raise Refusal("registry.already_erased", person=person)
            erasure = work.find(Erasure, erasure_id(person))
            work.expect(erasure)
            erasure.ask(person=person, child=child.id, people=people, grounds=call.data.grounds, by=call.principal.id)
            return erasure

        return self._desk.decide(call.order(), ask)

    def approve_erasure(self, call: Call[c.OfErasure]) -> Decision:
        """Approve a request as a second person. Where nothing stands against it, the person is erased here at once.

        What stands against it makes it a restriction: what is kept is closed.
        """

        def approve(erasure: Erasure, work: Work) -> None:
            outcome = erasure.approve(by=call.principal.id)
            if outcome is None:
                return
            child, against = work.load(Child, erasure.child), erasure.against
            # Whoever came onto the card since goes with the child.
            people = child.people_with(erasure.person)
            if outcome is ErasureOutcome.ERASED:
                self.eraser.erase(work.tx, people)
                child.erase(erasure.id, erasure.request, people)
            else:
                self.eraser.restrict(work.tx, people)
                child.restrict(erasure.id, erasure.request, people, reasons=against.reasons, until=against.until)
            erasure.carry_out(service=Carrier.REGISTRY, request=erasure.request)

        return self._on_erasure(call, approve)

    def refuse_erasure(self, call: Call[c.RefuseErasure]) -> Decision:
        """Refuse a request as a second person."""
        return self._on_erasure(call, lambda it, _: it.refuse(call.data.reason, by=call.principal.id))

    def withdraw_erasure(self, call: Call[c.OfErasure]) -> Decision:
        """Take a request back."""
        return self._on_erasure(call, lambda it, _: it.withdraw())

    def note_answer(self, call: Call[c.NoteAnswer]) -> None:
        """A service says what stands against an erasure."""
        it = call.data
        said = {"service": it.service, "request": it.request, "reasons": it.reasons, "until": it.until}
        self._hear(call, it.erasure, lambda erasure: erasure.answer(**said))  # type: ignore[arg-type]

    def note_carried_out(self, call: Call[c.NoteCarriedOut]) -> None:
        """A service says that it has done it."""
        it = call.data
        self._hear(call, it.erasure, lambda erasure: erasure.carry_out(service=it.service, request=it.request))

    def _hear(self, call: Call[Any], wanted: str, act: Callable[[Erasure], None]) -> None:
        def decide(work: Work) -> Erasure:
            self._gate.clear(work.tx, call, anywhere=True)
            erasure = work.load(Erasure, wanted)
            act(erasure)
            return erasure

        self._desk.decide(call.order(), decide)

    def _on_erasure(self, call: Call[Any], act: Callable[[Erasure, Work], None]) -> Decision:
        def decide(work: Work) -> Erasure:
            erasure = work.load(Erasure, call.data.erasure)
            self._gate.clear(work.tx, call, child=erasure.child)
            work.expect(erasure)
            act(erasure, work)
            return erasure

        return self._desk.decide(call.order(), decide)

    def _child_of(self, work: Work, person: str) -> Child:
        """The child that a person is, or on whose card they stand or stood. Raises NotFound."""
        child = work.find(Child, person)
        if child.exists:
            return child
        told = self._base.store.of_person(work.tx, person, limit=1)
        named = getattr(told[0].event, "child", None) if told else None
        if named is None:
            raise NotFound("person", id=person)
        return work.load(Child, named)

    def _forget(self, tx: Connection, people: Sequence[str]) -> None:
        """What only registry has: what is held of rosters, and the birthdays on which risks end."""
        forget(tx, self._base.store, self._holding, people)
        timers = t.timers.c
        tx.execute(delete(t.timers).where(timers.kind == WEIGH, among(tx, timers.subject, sorted(people))))
