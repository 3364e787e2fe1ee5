"""Commands about erasing people, and what the services say to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, delete

from services.registry.domain import commands as c
from services.registry.domain.child import Child
from services.registry.domain.codes import Carrier, ErasureOutcome, LiftingEnd
from services.registry.domain.erasure import Erasure, erasure_id
from services.registry.handlers.ground import Ground
from services.registry.handlers.importing.forgetting import forget
from services.registry.handlers.importing.holding import held
from services.registry.views.children import WEIGH
from shared.access.permissions import Permission
from shared.access.principals import Call, by_system
from shared.eventstore import tables as t
from shared.eventstore.timers import Timer
from shared.eventstore.work import Decision, Work
from shared.hosting.erasing import Eraser
from shared.kernel.refusals import NotFound, Refusal
from shared.vault.tables import among


class ErasureHandlers(Ground):
    """Erasing people: asked for by one, approved by another."""

    @cached_property
    def eraser(self) -> Eraser:
        """What takes away what registry keeps of people."""
        return Eraser(self._base, beside=self._forget, held=[held])

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
        """Be for a request as a second person. Each service weighs it once more before anything is done."""

        def approve(erasure: Erasure, work: Work) -> None:
            # Whoever came onto the card since goes with the child.
            people = work.load(Child, erasure.child).people_with(erasure.person)
            erasure.approve(by=call.principal.id, people=people)

        return self._on_erasure(call, approve)

    def refuse_erasure(self, call: Call[c.RefuseErasure]) -> Decision:
        """Refuse a request as a second person."""
        return self._on_erasure(call, lambda it, _: it.refuse(call.data.reason, by=call.principal.id))

    def withdraw_erasure(self, call: Call[c.OfErasure]) -> Decision:
        """Take a request back."""
        return self._on_erasure(call, lambda it, _: it.withdraw())

    def ask_to_lift(self, call: Call[c.AskToLift]) -> Decision:
        """Ask that a restriction end."""
        return self._on_erasure(call, lambda it, _: it.ask_to_lift(call.data.reason, by=call.principal.id))

    def refuse_lifting(self, call: Call[c.OfErasure]) -> Decision:
        """Refuse, as a second person, that it end."""
        return self._on_erasure(call, lambda it, _: it.end_lifting(LiftingEnd.REFUSED, by=call.principal.id))

    def withdraw_lifting(self, call: Call[c.OfErasure]) -> Decision:
        """Take that request back."""
        return self._on_erasure(call, lambda it, _: it.end_lifting(LiftingEnd.WITHDRAWN, by=call.principal.id))

    def approve_lifting(self, call: Call[c.OfErasure]) -> Decision:
        """Approve, as a second person, that it end: here at once, in the other services as they hear of it.

        Refuses `registry.identity_number_taken` {child} where another child has got the number meanwhile.
        """

        def approve(erasure: Erasure, work: Work) -> None:
            if not erasure.lift(by=call.principal.id):
                return
            freed = work.load(Child, erasure.child).lift(erasure.id, erasure.request)
            self.eraser.lift(work.tx, freed)
            if erasure.child in freed:
                known = self._base.store.aggregate(work.tx, Child, erasure.child, opened=True)
                self._check_number(work.tx, known.identity[0], erasure.child)
            erasure.note_lifted(service=Carrier.REGISTRY, request=erasure.request)

        return self._on_erasure(call, approve)

    def note_answer(self, call: Call[c.NoteAnswer]) -> None:
        """A service says what stands against an erasure. The last word about an approved one decides it."""
        it = call.data
        said = {"service": it.service, "request": it.request, "reasons": it.reasons, "until": it.until}

        def answer(erasure: Erasure, work: Work) -> None:
            erasure.answer(**said)  # type: ignore[arg-type]
            outcome = erasure.settle()
            if outcome is not None:
                self._do(erasure, outcome, work)

        self._hear(call, it.erasure, answer)

    def note_carried_out(self, call: Call[c.NoteCarriedOut]) -> None:
        """A service says that it has done it."""
        it = call.data
        done = {"service": it.service, "request": it.request, "erased": it.erased}
        self._hear(call, it.erasure, lambda erasure, _: erasure.carry_out(**done))  # type: ignore[arg-type]

    def note_lifted(self, call: Call[c.NoteLifted]) -> None:
        """A service uses again what it kept. Once the last does, what is known is told anew, so that views have it."""
        it = call.data

        def note(erasure: Erasure, work: Work) -> None:
            if erasure.note_lifted(service=it.service, request=it.request):
                work.load(Child, erasure.child, opened=True).tell_again(erasure.people)

        self._hear(call, it.erasure, note)

    def erase_again(self, tx: Connection, timer: Timer) -> None:
        """Services where something had come up are to look again whether it is over."""
        command = c.EraseAgain(erasure=timer.subject, request=timer.data["request"])
        may = Permission.ERASURE_PERFORM
        call = by_system("registry", command, may, name="again", command_id=timer.command_id, within=tx)

        def again(erasure: Erasure, work: Work) -> None:
            if erasure.look_again(request=command.request):
                child = work.load(Child, erasure.child)
                child.erase(erasure.id, erasure.request, child.people_with(erasure.person))

        self._hear(call, command.erasure, again)

    def _do(self, erasure: Erasure, outcome: ErasureOutcome, work: Work) -> None:
        child, against = work.load(Child, erasure.child), erasure.against
        people = child.people_with(erasure.person)
        erased = outcome is ErasureOutcome.ERASED
        if erased:
            self.eraser.erase(work.tx, people)
            child.erase(erasure.id, erasure.request, people)
        else:
            self.eraser.restrict(work.tx, people)
            child.restrict(erasure.id, erasure.request, people, reasons=against.reasons, until=against.until)
        erasure.carry_out(service=Carrier.REGISTRY, request=erasure.request, erased=erased)

    def _hear(self, call: Call[Any], wanted: str, act: Callable[[Erasure, Work], None]) -> None:
        def decide(work: Work) -> Erasure:
            self._gate.clear(work.tx, call, anywhere=True)
            erasure = work.load(Erasure, wanted)
            act(erasure, work)
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
