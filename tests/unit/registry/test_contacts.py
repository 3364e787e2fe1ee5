"""The contact card: recorded, put in order, removed."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from services.registry.domain import events as e
from services.registry.domain.child import Child
from services.registry.domain.codes import Arrangement, ContactStatus, Relation
from services.registry.domain.commands import ContactDetails
from services.registry.domain.contacts import MOST_CONTACTS, Card, Contact
from shared.testing.aggregates import AN_ID, given
from tests.unit.registry.test_child import FATHER, GRANDMOTHER, HISTORY, LEFT, ONE, TODAY, TWO, contact

THREE = "01890000-0000-7000-8000-0000000a0003"
MOTHER = ContactDetails(relation=Relation.MOTHER, name="丁浩", phone="19900002006", away=True)
CARD = (contact(ONE, 1, GRANDMOTHER), contact(TWO, 2, FATHER))


def record(one: str, details: ContactDetails, order: int | None = None):
    return lambda it: it.record_contact(one, details, order)


def test_a_new_contact_comes_last():
    given(Child, HISTORY, CARD).when(record(THREE, MOTHER)).then(contact(THREE, 3, MOTHER))


def test_the_same_contact_told_again_changes_nothing():
    given(Child, HISTORY, CARD).when(record(TWO, FATHER)).then()


def test_a_contact_that_is_to_be_called_first_moves_the_others_down():
    given(Child, HISTORY, CARD).when(record(THREE, MOTHER, 1)).then(
        contact(THREE, 1, MOTHER), contact(ONE, 2, GRANDMOTHER), contact(TWO, 3, FATHER)
    )


def test_a_changed_number_keeps_the_place():
    changed = replace(GRANDMOTHER, phone="19900000192")
    given(Child, HISTORY, CARD).when(record(ONE, changed)).then(contact(ONE, 1, changed))


def test_a_place_that_leaves_a_gap_is_refused():
    given(Child, HISTORY, CARD).when(record(THREE, MOTHER, 4)).refused("registry.contact_order", order=4, most=3)


def test_a_second_father_is_refused():
    given(Child, HISTORY, CARD).when(record(THREE, FATHER)).refused(
        "registry.relation_taken", relation="father", contact=TWO
    )


def test_a_living_contact_needs_a_name_or_a_number():
    nobody = ContactDetails(relation=Relation.OTHER)
    given(Child, HISTORY).when(record(THREE, nobody)).refused("registry.contact_nameless")
    unknown = replace(nobody, relation=Relation.FATHER, status=ContactStatus.UNKNOWN)
    given(Child, HISTORY).when(record(THREE, unknown)).then(contact(THREE, 1, unknown))


def test_a_card_is_not_endless():
    many = [
        contact(f"01890000-0000-7000-8000-0000000b000{n}", n, replace(GRANDMOTHER, phone=f"1990000000{n}"))
        for n in range(1, MOST_CONTACTS + 1)
    ]
    given(Child, HISTORY, many).when(record(THREE, MOTHER)).refused("registry.too_many_contacts", most=MOST_CONTACTS)


def test_a_removed_contact_leaves_no_gap_and_is_removed_once():
    remove = lambda it: it.remove_contact(ONE)  # noqa: E731
    gone = (e.ContactRemoved(child=AN_ID, contact=ONE), contact(TWO, 1, FATHER))
    given(Child, HISTORY, CARD).when(remove).then(*gone)
    given(Child, HISTORY, CARD, gone).when(remove).then()


def test_who_looks_after_the_child_stays_on_the_card():
    care = e.CareArranged(child=AN_ID, arrangement=Arrangement.GRANDPARENTS, since=TODAY, carer=ONE)
    given(Child, HISTORY, CARD, care).when(lambda it: it.remove_contact(ONE)).refused(
        "registry.contact_is_carer", contact=ONE
    )


def test_the_card_of_a_child_that_left_is_closed():
    given(Child, HISTORY, CARD, LEFT).when(record(THREE, MOTHER)).refused("registry.child_left", child=AN_ID)
    given(Child, HISTORY, CARD, LEFT).when(lambda it: it.remove_contact(ONE)).refused("registry.child_left")


def test_the_changes_between_any_two_cards_lead_from_one_to_the_other():
    people = [Contact(f"01890000-0000-7000-8000-0000000b000{n}", replace(GRANDMOTHER, age=n)) for n in range(5)]
    cards = [Card(some) for size in range(5) for some in permutations(people, size)]
    start = cards[60]
    history = [*HISTORY, *Card().changes(AN_ID, start)]
    for wanted in cards:
        changes = Child.replayed(AN_ID, history).card.changes(AN_ID, wanted)
        assert Child.replayed(AN_ID, [*history, *changes]).card == wanted
