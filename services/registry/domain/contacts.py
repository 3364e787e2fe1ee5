"""The contact card: whom to call about a child, in which order."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from services.registry.domain.codes import Relation
from services.registry.domain.commands import ContactDetails
from services.registry.domain.events import ContactRecorded, ContactRemoved
from shared.kernel.messages import Event, Person
from shared.kernel.refusals import Refusal

MOST_CONTACTS = 8
_ONE_OF = (Relation.FATHER, Relation.MOTHER)
_DETAILS = tuple(field.name for field in dataclasses.fields(ContactDetails))


@dataclass(frozen=True, slots=True)
class Contact:
    """A person on the card."""

    id: str
    details: ContactDetails


class Card:
    """The contacts in calling order. `with_…` answer a changed card, `changes` what must be recorded to get there."""

    def __init__(self, contacts: tuple[Contact, ...] = ()) -> None:
        self.contacts = contacts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Card) and self.contacts == other.contacts

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Card({[(one.id, one.details.relation) for one in self.contacts]})"

    def find(self, contact: str) -> Contact | None:
        """The contact of this id."""
        return next((one for one in self.contacts if one.id == contact), None)

    def parent(self, relation: Relation) -> Contact | None:
        """The father or the mother."""
        return next((one for one in self.contacts if one.details.relation == relation), None)

    def with_contact(self, contact: str, details: ContactDetails, order: int | None) -> Card:
        """The card with this contact at a place of the calling order (from 1; None: where it is, else last).

        Refuses `registry.contact_nameless` (a living contact needs a name or a number), `registry.relation_taken` (a
        second father or mother), `registry.contact_order`, `registry.too_many_contacts`.
        """
        if not (details.name or details.phone) and details.status == "living":
            raise Refusal("registry.contact_nameless")
        others = [one for one in self.contacts if one.id != contact]
        taken = self.parent(details.relation) if details.relation in _ONE_OF else None
        if taken is not None and taken.id != contact:
            raise Refusal("registry.relation_taken", relation=details.relation, contact=taken.id)
        if len(others) >= MOST_CONTACTS:
            raise Refusal("registry.too_many_contacts", most=MOST_CONTACTS)
        here = next((place for place, one in enumerate(self.contacts, 1) if one.id == contact), len(others) + 1)
        place = order or here
        if not 1 <= place <= len(others) + 1:
            raise Refusal("registry.contact_order", order=place, most=len(others) + 1)
        others.insert(place - 1, Contact(contact, details))
        return Card(tuple(others))

    def without(self, contact: str) -> Card:
        """The card without this contact."""
        return Card(tuple(one for one in self.contacts if one.id != contact))

    def changes(self, child: str, wanted: Card) -> list[Event]:
        """The events that turn this card into the wanted one: who goes, then who is new, changed or in a new place."""
        before = {one.id: (place, one.details) for place, one in enumerate(self.contacts, 1)}
        kept = {one.id for one in wanted.contacts}
        events: list[Event] = [
            ContactRemoved(child=Person(child), contact=Person(one)) for one in before if one not in kept
        ]
        for place, one in enumerate(wanted.contacts, 1):
            if before.get(one.id) != (place, one.details):
                events.append(recorded(child, one, place))
        return events


def recorded(child: str, one: Contact, place: int) -> ContactRecorded:
    """The event that says all of a contact."""
    known = {name: getattr(one.details, name) for name in _DETAILS}
    return ContactRecorded(child=Person(child), contact=Person(one.id), order=place, **known)


def details_of(it: ContactRecorded) -> ContactDetails:
    """What an event says of a contact."""
    return ContactDetails(**{name: getattr(it, name) for name in _DETAILS})
