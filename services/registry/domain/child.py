"""A child under watch."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from services.registry.domain import commands as c
from services.registry.domain.answered import Answered
from services.registry.domain.authority_codes import AssignmentBasis
from services.registry.domain.births import check_birth, check_identity, check_since
from services.registry.domain.codes import Arrangement, ContactStatus, IdentityMissing, LeaveReason, Risk, Sex
from services.registry.domain.contacts import Card, Contact, details_of, recorded
from services.registry.domain.erasable import Erasable
from services.registry.domain.events import (
    AddressRecorded,
    CareArranged,
    ChildCorrected,
    ChildEnrolled,
    ChildLeft,
    ChildMoved,
    ChildRegistered,
    ChildReturned,
    ContactRecorded,
    ContactRemoved,
    IdentityRecorded,
    RiskCleared,
    RiskFound,
)
from services.registry.domain.risks import risks_of
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal


class Child(Answered, Erasable):
    """A child, its contact card, its care arrangement and the one person who answers for it.

    Decisions compare what is personal, so it is loaded with its personal fields opened. `today` is the day in
    Asia/Shanghai: risks depend on the child's age, and they are weighed in the decision that changes them.
    """

    service, kind = "registry", "child"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.name: str | None = None
        self.sex: Sex | None = None
        self.born: date | None = None
        self.village = ""
        self.school: str | None = None
        self.klass: str | None = None
        self.address: str | None = None
        self.identity: tuple[str | None, IdentityMissing | None] = (None, None)
        self.placed: dict[str, tuple[int, c.ContactDetails]] = {}
        self.care: tuple[Arrangement, date, str | None] | None = None
        self.risks: frozenset[Risk] = frozenset()

    @property
    def card(self) -> Card:
        """The contact card, in calling order."""
        inorder = sorted(self.placed.items(), key=lambda one: one[1][0])
        return Card(tuple(Contact(contact, details) for contact, (_, details) in inorder))

    @property
    def _me(self) -> Person:
        return Person(self.id)

    def register(self, it: c.RegisterChild, *, responsible: str, today: date) -> None:
        """Register the child with all that is known of it; `responsible` answers for it from this moment.

        Refuses `registry.child_exists`, `registry.born_in_future`, `registry.child_too_old`,
        `registry.identity_disagrees`, `registry.carer_unknown`, and what the contact card refuses.
        """
        if self.exists:
            raise Refusal("registry.child_exists", child=self.id)
        check_birth(it.born, it.identity_number, today)
        card = Card()
        for place, one in enumerate(it.contacts, 1):
            card = card.with_contact(derived_id(self.id, f"contact {place}"), one, place)
        if it.carer is not None and not 1 <= it.carer <= len(card.contacts):
            raise Refusal("registry.carer_unknown")
        carer = card.contacts[it.carer - 1].id if it.carer else None
        check_since(it.since, it.born, today)
        self.record(
            ChildRegistered(
                child=self._me,
                village=Ref(it.village),
                school=Ref(it.school) if it.school else None,
                klass=Ref(it.klass) if it.klass else None,
                scope=it.scope,
                name=it.name,
                sex=it.sex,
                born=it.born,
            )
        )
        self.name_responsible(responsible, basis=AssignmentBasis.HAND if it.responsible else AssignmentBasis.RULE)
        self._identify(it.identity_number, it.identity_missing)
        if it.address:
            self.record(AddressRecorded(child=self._me, address=it.address))
        self._turn_into(card)
        if it.arrangement is not None:
            self._arrange(it.arrangement, it.since or today, carer)
        self._weigh(today)

    def correct(self, it: c.CorrectChild, *, today: date) -> None:
        """Put name, sex or birth date right. Refuses `registry.born_in_future`, `registry.identity_disagrees`."""
        name, sex, born = it.name or self.name, it.sex or self.sex, it.born or self.born
        if (name, sex, born) == (self.name, self.sex, self.born):
            return
        if it.born is not None:
            check_birth(it.born, self.identity[0], today)
        self.record(ChildCorrected(child=self._me, name=name, sex=sex, born=born))
        self._weigh(today)

    def identify(self, number: str | None, missing: IdentityMissing | None, *, today: date) -> None:
        """Record the identity number, or why there is none.

        Refuses `registry.identity_or_reason` (one of the two must be given), `registry.identity_disagrees`.
        """
        if (number is None) == (missing is None):
            raise Refusal("registry.identity_or_reason")
        if self.born is not None:
            check_identity(self.born, number)
        self._identify(number, missing)
        self._weigh(today)

    def live_at(self, address: str) -> None:
        """Record the address. Refuses `registry.child_left`."""
        self._under_watch()
        if address != self.address:
            self.record(AddressRecorded(child=self._me, address=address))

    def enrol(self, school: str | None, klass: str | None) -> None:
        """Enrol at a school and in a class of it. Refuses `registry.child_left`."""
        self._under_watch()
        if (school, klass) != (self.school, self.klass):
            self.record(
                ChildEnrolled(
                    child=self._me, school=Ref(school) if school else None, klass=Ref(klass) if klass else None
                )
            )

    def move(self, village: str) -> None:
        """The child lives in another village. Refuses `registry.child_left`."""
        self._under_watch()
        if village != self.village:
            self.record(ChildMoved(child=self._me, village=Ref(village)))

    def leave(self, reason: LeaveReason, *, today: date) -> None:
        """No longer under watch. The responsible person stays the one to ask; risks are no longer shown."""
        if self.present:
            self.record(ChildLeft(child=self._me, reason=reason))
            self._weigh(today)

    def come_back(self, *, today: date) -> None:
        """Under watch again, with the same responsible person."""
        if not self.present:
            self.record(ChildReturned(child=self._me))
            self._weigh(today)

    def arrange_care(self, arrangement: Arrangement, since: date, carer: str | None, *, today: date) -> None:
        """Who looks after the child since a day.

        Refuses `registry.child_left`, `registry.carer_unknown` (not on the contact card), `registry.carer_dead`,
        `registry.since_in_future`, `registry.since_before_birth`.
        """
        self._under_watch()
        check_since(since, self.born, today)
        on_card = self.card.find(carer) if carer else None
        if carer and on_card is None:
            raise Refusal("registry.carer_unknown", contact=carer)
        if on_card is not None and on_card.details.status is ContactStatus.DEAD:
            raise Refusal("registry.carer_dead", contact=carer)
        self._arrange(arrangement, since, carer)
        self._weigh(today)

    def record_contact(self, contact: str, details: c.ContactDetails, order: int | None) -> None:
        """Put a person on the contact card, or change what it says. Those who move down or up are recorded anew."""
        self._under_watch()
        self._turn_into(self.card.with_contact(contact, details, order))

    def remove_contact(self, contact: str) -> None:
        """Take a person off the card. Refuses `registry.child_left`, `registry.contact_is_carer`."""
        self._under_watch()
        if self.care is not None and self.care[2] == contact and self.card.find(contact):
            raise Refusal("registry.contact_is_carer", contact=contact)
        self._turn_into(self.card.without(contact))

    def weigh(self, *, today: date) -> None:
        """Look at the risks again: a birthday may have ended one."""
        self._weigh(today)

    def tell_again(self, people: Collection[str]) -> None:
        """Say anew what is known of those of these people who are not closed any more, so that all views have it again.

        The same words as before: nothing is corrected by it.
        """
        told = set(people) - self.restricted - self.erased
        if self.id in told:
            self.record(ChildCorrected(child=self._me, name=self.name, sex=self.sex, born=self.born))
            number, missing = self.identity
            if number or missing:
                self.record(IdentityRecorded(child=self._me, number=number, missing=missing))
            if self.address:
                self.record(AddressRecorded(child=self._me, address=self.address))
        for contact, (place, details) in sorted(self.placed.items()):
            if contact in told:
                self.record(recorded(self.id, Contact(contact, details), place))

    def _turn_into(self, card: Card) -> None:
        for change in self.card.changes(self.id, card):
            self.record(change)

    def _identify(self, number: str | None, missing: IdentityMissing | None) -> None:
        if (number, missing) != self.identity:
            self.record(IdentityRecorded(child=self._me, number=number, missing=missing))

    def _arrange(self, arrangement: Arrangement, since: date, carer: str | None) -> None:
        # The same arrangement told again with another first day is a correction of the day, and recorded.
        if (arrangement, since, carer) != self.care:
            named = Person(carer) if carer else None
            self.record(CareArranged(child=self._me, arrangement=arrangement, since=since, carer=named))

    def _weigh(self, today: date) -> None:
        if self.born is None:
            # The birth date is erased or closed to this process: what was found stands until someone knows.
            return
        wanted: frozenset[Risk] = frozenset()
        if self.present:
            wanted = risks_of(
                born=self.born,
                today=today,
                arrangement=self.care[0] if self.care else None,
                has_carer=bool(self.care and self.care[2]),
                identity_missing=self.identity[1],
            )
        for risk in sorted(self.risks - wanted):
            self.record(RiskCleared(child=self._me, risk=risk))
        for risk in sorted(wanted - self.risks):
            self.record(RiskFound(child=self._me, risk=risk))

    def _under_watch(self) -> None:
        if not self.present:
            raise Refusal("registry.child_left", child=self.id)

    def _apply_child_registered(self, it: ChildRegistered) -> None:
        self.name, self.sex, self.born = it.name, it.sex, it.born
        self.village, self.school, self.klass = it.village, it.school, it.klass
        self.present = True

    def _apply_child_corrected(self, it: ChildCorrected) -> None:
        self.name, self.sex, self.born = it.name, it.sex, it.born

    def _apply_identity_recorded(self, it: IdentityRecorded) -> None:
        self.identity = (it.number, it.missing)

    def _apply_address_recorded(self, it: AddressRecorded) -> None:
        self.address = it.address

    def _apply_child_enrolled(self, it: ChildEnrolled) -> None:
        self.school, self.klass = it.school, it.klass

    def _apply_child_moved(self, it: ChildMoved) -> None:
        self.village = it.village

    def _apply_child_left(self, _: ChildLeft) -> None:
        self.present = False

    def _apply_child_returned(self, _: ChildReturned) -> None:
        self.present = True

    def _apply_contact_recorded(self, it: ContactRecorded) -> None:
        self.placed[it.contact] = (it.order, details_of(it))
        self.card_ever.add(it.contact)

    def _apply_contact_removed(self, it: ContactRemoved) -> None:
        self.placed.pop(it.contact, None)

    def _apply_care_arranged(self, it: CareArranged) -> None:
        self.care = (it.arrangement, it.since, it.carer)

    def _apply_risk_found(self, it: RiskFound) -> None:
        self.risks |= {it.risk}

    def _apply_risk_cleared(self, it: RiskCleared) -> None:
        self.risks -= {it.risk}
