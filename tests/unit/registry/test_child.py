"""A child is registered, corrected, moved; leaves and comes back; someone always answers for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.registry.domain import events as e
from services.registry.domain.child import Child
from services.registry.domain.codes import (
    Arrangement,
    ChildScope,
    ContactStatus,
    IdentityMissing,
    LeaveReason,
    Relation,
    Risk,
    Sex,
)
from services.registry.domain.commands import ContactDetails, CorrectChild, RegisterChild
from shared.kernel.ids import derived_id
from shared.localisation.identity import make_identity
from shared.testing.aggregates import AN_ID, given

TODAY = date(2026, 9, 10)
BORN = date(2016, 5, 3)
VILLAGE, ELSEWHERE = "01890000-0000-7000-8000-0000000d0001", "01890000-0000-7000-8000-0000000d0002"
SCHOOL, KLASS = "01890000-0000-7000-8000-0000000d0003", "01890000-0000-7000-8000-0000000d0004"
TEACHER, DIRECTOR = "01890000-0000-7000-8000-0000000f0001", "01890000-0000-7000-8000-0000000f0002"
NUMBER = make_identity("439901", BORN, 7, "female")
GRANDMOTHER = ContactDetails(relation=Relation.GRANDMOTHER, name="杜秀", phone="19900000191")
FATHER = ContactDetails(relation=Relation.FATHER, name="唐海", phone="19900001031", away=True)
FULL = RegisterChild(
    name="唐曦",
    sex=Sex.FEMALE,
    born=BORN,
    village=VILLAGE,
    school=SCHOOL,
    klass=KLASS,
    address="示范镇桥口村5组",
    identity_number=NUMBER,
    contacts=(GRANDMOTHER, FATHER),
    arrangement=Arrangement.GRANDPARENTS,
    since=date(2026, 2, 1),
    carer=1,
)
ONE, TWO = derived_id(AN_ID, "contact 1"), derived_id(AN_ID, "contact 2")
REGISTERED = e.ChildRegistered(
    child=AN_ID,
    village=VILLAGE,
    school=SCHOOL,
    klass=KLASS,
    scope=ChildScope.LEFT_BEHIND,
    name="唐曦",
    sex=Sex.FEMALE,
    born=BORN,
)
NAMED = e.ResponsibleNamed(child=AN_ID, staff=TEACHER)
HISTORY = (REGISTERED, NAMED)
LEFT = e.ChildLeft(child=AN_ID, reason=LeaveReason.PARENTS_RETURNED)


def register(it: RegisterChild, today: date = TODAY):
    return lambda child: child.register(it, responsible=TEACHER, today=today)


def contact(one: str, order: int, details: ContactDetails) -> e.ContactRecorded:
    return e.ContactRecorded(child=AN_ID, contact=one, order=order, **vars(details))


def test_a_child_is_registered_with_all_that_is_known_and_someone_who_answers_for_it():
    given(Child).when(register(FULL)).then(
        REGISTERED,
        NAMED,
        e.IdentityRecorded(child=AN_ID, number=NUMBER),
        e.AddressRecorded(child=AN_ID, address="示范镇桥口村5组"),
        contact(ONE, 1, GRANDMOTHER),
        contact(TWO, 2, FATHER),
        e.CareArranged(child=AN_ID, arrangement=Arrangement.GRANDPARENTS, since=date(2026, 2, 1), carer=ONE),
    )


def test_a_child_is_registered_once():
    given(Child, HISTORY).when(register(FULL)).refused("registry.child_exists", child=AN_ID)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"born": date(2026, 9, 11), "identity_number": None}, "registry.born_in_future"),
        ({"born": date(2008, 9, 10), "identity_number": None}, "registry.child_too_old"),
        ({"born": date(2016, 5, 4)}, "registry.identity_disagrees"),
        ({"carer": 3}, "registry.carer_unknown"),
        ({"since": date(2026, 9, 11)}, "registry.since_in_future"),
        ({"since": date(2016, 5, 2)}, "registry.since_before_birth"),
        ({"contacts": (FATHER, FATHER)}, "registry.relation_taken"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, object], code: str):
    given(Child).when(register(replace(FULL, **change))).refused(code)


def risks(it: RegisterChild, today: date = TODAY) -> set[Risk]:
    return {one.risk for one in given(Child).when(register(it, today)).events if isinstance(one, e.RiskFound)}


def alone(born: date) -> RegisterChild:
    return RegisterChild(name="孟㛃", sex=Sex.MALE, born=born, village=VILLAGE, arrangement=Arrangement.ALONE)


def test_living_alone_is_a_risk_until_the_sixteenth_birthday():
    assert risks(alone(date(2010, 9, 11))) == {Risk.LIVING_ALONE}
    assert risks(alone(date(2010, 9, 10))) == set()


def test_living_alone_under_eight_is_also_unattended():
    assert risks(alone(date(2018, 9, 11))) == {Risk.LIVING_ALONE, Risk.UNATTENDED_UNDER_8}
    assert risks(alone(date(2018, 9, 10))) == {Risk.LIVING_ALONE}


def test_lodging_without_a_named_carer_leaves_a_small_child_unattended():
    lodging = replace(alone(date(2019, 1, 1)), arrangement=Arrangement.LODGING)
    assert risks(lodging) == {Risk.UNATTENDED_UNDER_8}
    assert risks(replace(lodging, contacts=(GRANDMOTHER,), carer=1)) == set()


def test_a_child_without_household_registration_is_registered_and_the_risk_is_found():
    unregistered = replace(FULL, identity_number=None, identity_missing=IdentityMissing.NO_HOUSEHOLD_REGISTRATION)
    assert risks(unregistered) == {Risk.NO_HOUSEHOLD_REGISTRATION}


def test_a_risk_is_cleared_in_the_decision_that_ends_it():
    care = e.CareArranged(child=AN_ID, arrangement=Arrangement.ALONE, since=TODAY)
    found = e.RiskFound(child=AN_ID, risk=Risk.LIVING_ALONE)
    history = (*HISTORY, contact(ONE, 1, GRANDMOTHER), care, found)
    given(Child, history).when(lambda it: it.arrange_care(Arrangement.GRANDPARENTS, TODAY, ONE, today=TODAY)).then(
        e.CareArranged(child=AN_ID, arrangement=Arrangement.GRANDPARENTS, since=TODAY, carer=ONE),
        e.RiskCleared(child=AN_ID, risk=Risk.LIVING_ALONE),
    )
    given(Child, history).when(lambda it: it.weigh(today=date(2032, 5, 3))).then(
        e.RiskCleared(child=AN_ID, risk=Risk.LIVING_ALONE)
    )
    given(Child, history).when(lambda it: it.weigh(today=date(2032, 5, 2))).then()


def test_the_same_care_told_again_changes_nothing():
    care = e.CareArranged(child=AN_ID, arrangement=Arrangement.BOARDING, since=TODAY)
    arrange = lambda it: it.arrange_care(Arrangement.BOARDING, TODAY, None, today=TODAY)  # noqa: E731
    given(Child, HISTORY).when(arrange).then(care)
    given(Child, HISTORY, care).when(arrange).then()


def test_a_carer_stands_on_the_card_and_lives():
    arrange = lambda it: it.arrange_care(Arrangement.CARER, TODAY, ONE, today=TODAY)  # noqa: E731
    given(Child, HISTORY).when(arrange).refused("registry.carer_unknown", contact=ONE)
    dead = contact(ONE, 1, replace(GRANDMOTHER, status=ContactStatus.DEAD))
    given(Child, HISTORY, dead).when(arrange).refused("registry.carer_dead", contact=ONE)


def test_a_correction_gives_all_three_facts_and_is_made_once():
    right = e.ChildCorrected(child=AN_ID, name="唐熙", sex=Sex.FEMALE, born=BORN)
    correct = lambda it: it.correct(CorrectChild(child=AN_ID, name="唐熙"), today=TODAY)  # noqa: E731
    given(Child, HISTORY).when(correct).then(right)
    given(Child, HISTORY, right).when(correct).then()


def test_a_correction_that_the_identity_number_denies_is_refused():
    number = e.IdentityRecorded(child=AN_ID, number=NUMBER)
    given(Child, HISTORY, number).when(
        lambda it: it.correct(CorrectChild(child=AN_ID, born=date(2016, 3, 5)), today=TODAY)
    ).refused("registry.identity_disagrees", field="born")


def test_an_identity_number_or_a_reason_is_recorded_once():
    missing = e.IdentityRecorded(child=AN_ID, missing=IdentityMissing.LOST)
    given(Child, HISTORY).when(lambda it: it.identify(None, IdentityMissing.LOST, today=TODAY)).then(missing)
    given(Child, HISTORY, missing).when(lambda it: it.identify(None, IdentityMissing.LOST, today=TODAY)).then()
    given(Child, HISTORY).when(lambda it: it.identify(None, None, today=TODAY)).refused("registry.identity_or_reason")
    given(Child, HISTORY).when(lambda it: it.identify(NUMBER, IdentityMissing.LOST, today=TODAY)).refused(
        "registry.identity_or_reason"
    )


def test_household_registration_that_was_found_clears_the_risk():
    missing = e.IdentityRecorded(child=AN_ID, missing=IdentityMissing.NO_HOUSEHOLD_REGISTRATION)
    found = e.RiskFound(child=AN_ID, risk=Risk.NO_HOUSEHOLD_REGISTRATION)
    given(Child, HISTORY, missing, found).when(lambda it: it.identify(NUMBER, None, today=TODAY)).then(
        e.IdentityRecorded(child=AN_ID, number=NUMBER),
        e.RiskCleared(child=AN_ID, risk=Risk.NO_HOUSEHOLD_REGISTRATION),
    )


MOVES = {
    "enrol": (lambda it: it.enrol(SCHOOL, None), e.ChildEnrolled(child=AN_ID, school=SCHOOL, klass=None)),
    "move": (lambda it: it.move(ELSEWHERE), e.ChildMoved(child=AN_ID, village=ELSEWHERE)),
    "live_at": (lambda it: it.live_at("西山村1组"), e.AddressRecorded(child=AN_ID, address="西山村1组")),
}


@pytest.mark.parametrize("what", MOVES)
def test_where_it_lives_and_learns_is_recorded_once_and_only_while_it_is_under_watch(what: str):
    decide, recorded = MOVES[what]
    given(Child, HISTORY).when(decide).then(recorded)
    given(Child, HISTORY, recorded).when(decide).then()
    given(Child, HISTORY, LEFT).when(decide).refused("registry.child_left", child=AN_ID)


def test_a_child_that_leaves_shows_no_risks_and_shows_them_again_when_it_comes_back():
    care = e.CareArranged(child=AN_ID, arrangement=Arrangement.ALONE, since=TODAY)
    found, cleared = (kind(child=AN_ID, risk=Risk.LIVING_ALONE) for kind in (e.RiskFound, e.RiskCleared))
    leave = lambda it: it.leave(LeaveReason.PARENTS_RETURNED, today=TODAY)  # noqa: E731
    come_back = lambda it: it.come_back(today=TODAY)  # noqa: E731
    given(Child, HISTORY, care, found).when(leave).then(LEFT, cleared)
    given(Child, HISTORY, care, found, LEFT, cleared).when(leave).then()
    given(Child, HISTORY, care, found, LEFT, cleared).when(come_back).then(e.ChildReturned(child=AN_ID), found)
    given(Child, HISTORY).when(come_back).then()


def test_another_answers_for_the_child_from_the_moment_of_being_named():
    handed = e.ResponsibleNamed(child=AN_ID, staff=DIRECTOR)
    given(Child, HISTORY).when(lambda it: it.name_responsible(DIRECTOR)).then(handed)
    given(Child, HISTORY, handed).when(lambda it: it.name_responsible(DIRECTOR)).then()


def test_someone_still_answers_for_a_child_that_has_left():
    it = (
        given(Child, HISTORY)
        .when(lambda it: it.leave(LeaveReason.MOVED_AWAY, today=TODAY))
        .then(e.ChildLeft(child=AN_ID, reason=LeaveReason.MOVED_AWAY))
    )
    assert it.responsible == TEACHER
