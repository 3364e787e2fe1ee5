"""Commands about a child; and the note that is taken when someone reads a contact card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from services.registry.domain import commands as c
from services.registry.domain.access import AccessLog, access_id
from services.registry.domain.authority_codes import AssignmentBasis
from services.registry.domain.child import Child
from services.registry.domain.codes import AccessKind
from services.registry.domain.places import Division
from services.registry.domain.staff import StaffMember
from services.registry.handlers.ground import Ground
from services.registry.handlers.responsible import Area, Responsibles
from shared.access.permissions import Permission
from shared.access.principals import Call, by_system
from shared.eventstore.timers import Timer
from shared.eventstore.work import Decision, Work
from shared.kernel.clock import SHANGHAI
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Denied, Refusal


class ChildHandlers(Ground):
    """Children and their contact cards."""

    def register_child(self, call: Call[c.RegisterChild]) -> Decision:
        """Register a child; its reference is the command's id.

        Refuses `registry.identity_number_taken` {child}, `registry.child_looks_registered` {children} unless they are
        named as judged different, and what the child refuses. The one who answers for it is the one named, else the
        class's teacher, else the village's director, else whoever registers it.
        """
        data = call.data

        def register(work: Work) -> Child:
            places: list[dict[str, str]] = [{"division": data.village}]
            places[:0] = [{"place": one} for one in (data.klass, data.school) if one is not None]
            self._clear_somewhere(work.tx, call, *places)
            work.load(Division, data.village)
            self._check_place(work, data.school, data.klass)
            self._check_double(work, data)
            responsible = data.responsible or Responsibles(work.tx).of(data.klass, data.village) or call.principal.id
            if work.find(StaffMember, responsible).exists is False:
                raise Refusal("registry.responsible_unknown", staff=responsible)
            child = work.find(Child, call.command_id, opened=True)
            child.register(data, responsible=responsible, today=self._today())
            return child

        return self._decide(call.order(), register)

    def correct_child(self, call: Call[c.CorrectChild]) -> Decision:
        """Put name, sex or birth date right."""
        return self._on(call, lambda child, _: child.correct(call.data, today=self._today()))

    def record_identity(self, call: Call[c.RecordIdentity]) -> Decision:
        """Record the identity number, or why it is missing. Refuses `registry.identity_number_taken` {child}."""

        def identify(child: Child, work: Work) -> None:
            self._check_number(work.tx, call.data.number, child.id)
            child.identify(call.data.number, call.data.missing, today=self._today())

        return self._on(call, identify)

    def record_address(self, call: Call[c.RecordAddress]) -> Decision:
        """Record where the child lives."""
        return self._on(call, lambda child, _: child.live_at(call.data.address))

    def enrol_child(self, call: Call[c.EnrolChild]) -> Decision:
        """Enrol the child at a school and in a class of it, or nowhere."""

        def enrol(child: Child, work: Work) -> None:
            self._check_place(work, call.data.school, call.data.klass)
            child.enrol(call.data.school, call.data.klass)
            Responsibles(work.tx).follow(child)

        return self._on(call, enrol)

    def move_child(self, call: Call[c.MoveChild]) -> Decision:
        """The child lives in another village.

        Refuses `registry.transfer_needed` for a village that the caller does not answer for: both sides sign then.
        """

        def move(child: Child, work: Work) -> None:
            work.load(Division, call.data.village)
            try:
                self._gate.clear(work.tx, call, division=call.data.village)
            except Denied as denied:
                raise Refusal("registry.transfer_needed", village=call.data.village) from denied
            child.move(call.data.village)
            Responsibles(work.tx).follow(child)

        return self._on(call, move)

    def record_departure(self, call: Call[c.RecordDeparture]) -> Decision:
        """The child is no longer under watch."""
        return self._on(call, lambda child, _: child.leave(call.data.reason, today=self._today()))

    def record_return(self, call: Call[c.RecordReturn]) -> Decision:
        """The child is under watch again: with whoever answered for it, where they still may.

        Else the teacher of its class or the director of its village does, or who records that it is back.
        """

        def come_back(child: Child, work: Work) -> None:
            child.come_back(today=self._today())
            self._settle(child, work, call.principal.id)

        return self._on(call, come_back)

    def arrange_care(self, call: Call[c.ArrangeCare]) -> Decision:
        """Who looks after the child since a day."""
        it = call.data
        return self._on(
            call, lambda child, _: child.arrange_care(it.arrangement, it.since, it.carer, today=self._today())
        )

    def record_contact(self, call: Call[c.RecordContact]) -> Decision:
        """Put a person on the contact card, or change what it says; a new one's reference follows from the command."""
        it = call.data
        contact = it.contact or derived_id(call.command_id, "contact")

        def record(child: Child, _: Work) -> None:
            if it.contact is not None and child.card.find(it.contact) is None:
                raise Refusal("registry.contact_unknown", contact=it.contact)
            child.record_contact(contact, it.details, it.order)

        return self._on(call, record, contact=contact, card=True)

    def remove_contact(self, call: Call[c.RemoveContact]) -> Decision:
        """Take a person off the contact card."""
        return self._on(call, lambda child, _: child.remove_contact(call.data.contact), card=True)

    def name_responsible(self, call: Call[c.NameResponsible]) -> Decision:
        """Name the one member of staff who answers for the child.

        Refuses `registry.responsible_unknown`, and `registry.hand_over_outside_area` for whose roles do not reach it.
        """

        def name(child: Child, work: Work) -> None:
            if not work.find(StaffMember, call.data.staff).exists:
                raise Refusal("registry.responsible_unknown", staff=call.data.staff)
            if not Area(work.tx, self._gate, call.data.staff).holds(child):
                raise Refusal("registry.hand_over_outside_area", children=1)
            child.name_responsible(call.data.staff)

        return self._on(call, name)

    def weigh_risks(self, tx: Connection, timer: Timer) -> None:
        """A birthday has come on which a risk ends: look again."""
        command = c.WeighRisks(child=timer.subject)
        may = Permission.CHILD_CORRECT
        call = by_system("registry", command, may, name="weigh", command_id=timer.command_id, within=tx)
        self._on(call, lambda child, _: child.weigh(today=self._today()))

    def note_reading(self, call: Call[Any], people: list[str], what: AccessKind) -> None:
        """Record that the caller, who was cleared to, reads sensitive records of these people."""
        now = self._now().astimezone(SHANGHAI)

        def note(work: Work) -> AccessLog:
            log = work.find(AccessLog, access_id(call.principal.id, now.date()))
            log.read(people, what, minute=now.hour * 60 + now.minute)
            return log

        self._desk.decide(call.order(), note)

    def _settle(self, child: Child, work: Work, caller: str) -> None:
        """See to it that the one who answers for a child still may."""
        if child.responsible and Area(work.tx, self._gate, child.responsible).holds(child):
            return
        found = Responsibles(work.tx).of(child.klass, child.village)
        if found is not None or Area(work.tx, self._gate, caller).holds(child):
            child.name_responsible(found or caller, basis=AssignmentBasis.RULE)

    def _on(
        self, call: Call[Any], act: Callable[[Child, Work], None], *, contact: str | None = None, card: bool = False
    ) -> Decision:
        def decide(work: Work) -> Child:
            self._gate.clear(work.tx, call, child=call.data.child)
            child = work.load(Child, call.data.child, opened=True)
            if not call.principal.is_system:
                child.open_to_change(contact, card=card)
            work.expect(child)
            act(child, work)
            return child

        return self._decide(call.order(), decide)

    def _check_double(self, work: Work, data: c.RegisterChild) -> None:
        self._check_number(work.tx, data.identity_number, None)
        alike = [one for one in self.lookalikes(work.tx).like([data])[0].alike if one not in data.different_from]
        if alike:
            raise Refusal("registry.child_looks_registered", children=alike)
