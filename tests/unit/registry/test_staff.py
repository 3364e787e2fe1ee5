"""Staff and the roles that they hold."""

from __future__ import annotations

from services.registry.domain.codes import AccountAct, GrantScope, LegalBasis, StaffRole
from services.registry.domain.events import AccountManaged, RoleEnded, RoleGranted, StaffRegistered
from services.registry.domain.staff import StaffMember
from shared.access.roles import ASSIGNABLE_SCOPES, Role
from shared.access.schemas import Command
from shared.testing.aggregates import AN_ID, given

GRANT, OTHER = "01890000-0000-7000-8000-0000000e0001", "01890000-0000-7000-8000-0000000e0002"
VILLAGE, SCHOOL = "01890000-0000-7000-8000-0000000d0001", "01890000-0000-7000-8000-0000000d0002"
REGISTERED = StaffRegistered(staff=AN_ID, name="唐守望", phone="19900001111")
DIRECTOR = RoleGranted(
    grant=GRANT, staff=AN_ID, role=StaffRole.VILLAGE_DIRECTOR, scope=GrantScope.DIVISION, division=VILLAGE
)
TEACHER = RoleGranted(grant=OTHER, staff=AN_ID, role=StaffRole.TEACHER, scope=GrantScope.PLACE, place=SCHOOL)


def test_a_member_of_staff_is_registered_once():
    register = lambda it: it.register(name="唐守望", phone="19900001111")  # noqa: E731
    given(StaffMember).when(register).then(REGISTERED)
    given(StaffMember, REGISTERED).when(register).then()


def test_one_person_holds_several_roles():
    given(StaffMember, REGISTERED, DIRECTOR).when(
        lambda it: it.grant(OTHER, StaffRole.TEACHER, GrantScope.PLACE, place=SCHOOL)
    ).then(TEACHER)


def test_a_role_held_for_the_same_is_not_granted_twice():
    given(StaffMember, REGISTERED, DIRECTOR).when(
        lambda it: it.grant(OTHER, StaffRole.VILLAGE_DIRECTOR, GrantScope.DIVISION, division=VILLAGE)
    ).then()


def test_a_grant_for_a_division_names_a_division_and_nothing_else():
    for where in ({}, {"place": SCHOOL}, {"division": VILLAGE, "place": SCHOOL}):
        given(StaffMember, REGISTERED).when(
            lambda it, where=where: it.grant(GRANT, StaffRole.SUPERVISOR, GrantScope.DIVISION, **where)
        ).refused("registry.grant_scope", scope="division")


def test_a_grant_for_assigned_children_names_no_place():
    given(StaffMember, REGISTERED).when(
        lambda it: it.grant(GRANT, StaffRole.COUNSELLOR, GrantScope.CHILDREN, place=SCHOOL)
    ).refused("registry.grant_scope", scope="children")


def test_a_grant_ends_once():
    end = lambda it: it.end_grant(GRANT, answers_for=0)  # noqa: E731
    ended = RoleEnded(grant=GRANT, staff=AN_ID)
    given(StaffMember, REGISTERED, DIRECTOR).when(end).then(ended)
    given(StaffMember, REGISTERED, DIRECTOR, ended).when(end).then()


def test_an_unknown_grant_cannot_be_ended():
    given(StaffMember, REGISTERED).when(lambda it: it.end_grant(GRANT, answers_for=0)).refused(
        "registry.grant_unknown", grant=GRANT
    )


def test_the_last_grant_of_someone_who_answers_for_children_stays():
    given(StaffMember, REGISTERED, DIRECTOR).when(lambda it: it.end_grant(GRANT, answers_for=3)).refused(
        "registry.staff_answers_for_children", children=3
    )


def test_another_grant_of_someone_who_answers_for_children_may_end():
    given(StaffMember, REGISTERED, DIRECTOR, TEACHER).when(lambda it: it.end_grant(GRANT, answers_for=3)).then(
        RoleEnded(grant=GRANT, staff=AN_ID)
    )


def test_a_role_that_ended_may_be_granted_again():
    given(StaffMember, REGISTERED, DIRECTOR, RoleEnded(grant=GRANT, staff=AN_ID)).when(
        lambda it: it.grant(OTHER, StaffRole.VILLAGE_DIRECTOR, GrantScope.DIVISION, division=VILLAGE)
    ).then(
        RoleGranted(
            grant=OTHER, staff=AN_ID, role=StaffRole.VILLAGE_DIRECTOR, scope=GrantScope.DIVISION, division=VILLAGE
        )
    )


def test_the_roles_scopes_and_grounds_are_those_that_access_knows():
    assert {str(one) for one in StaffRole} == {str(one) for one in Role}
    assert {str(one) for one in GrantScope} == set(ASSIGNABLE_SCOPES)
    grounds = Command().fields["legal_basis"].validate
    assert {str(one) for one in LegalBasis} == set(grounds.choices)


def test_the_last_administrators_grant_does_not_end():
    given(StaffMember, REGISTERED, DIRECTOR).when(
        lambda it: it.end_grant(GRANT, answers_for=0, last_administrator=True)
    ).refused("registry.last_administrator")


def test_what_is_done_with_an_account_is_recorded_each_time():
    locked = AccountManaged(staff=AN_ID, act=AccountAct.LOCKED)
    given(StaffMember, REGISTERED, locked).when(lambda it: it.manage_account(AccountAct.LOCKED)).then(locked)
