"""The gate lets through whom a grant covers, as far as it reaches, and nobody else."""

from __future__ import annotations

import pytest

from shared.access import tables as t
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.access.roles import PERMISSIONS, SYSTEM, Role
from shared.access.tokens import TokenSigner
from shared.kernel.refusals import Denied, Refusal
from tests.unit.access.house import ALERTS, CONSOLE, STRANGER, Rooms, ref


def denied(rooms: Rooms, who: str, role: str, permission: May, **touched: str) -> dict[str, object]:
    with pytest.raises(Denied) as said:
        rooms.clear(rooms.principal(rooms.token(who, role)), permission, **touched)
    return said.value.facts


def passes(rooms: Rooms, who: str, role: str, permission: May, **touched: str) -> bool:
    return rooms.clear(rooms.principal(rooms.token(who, role)), permission, **touched).cleared


@pytest.mark.parametrize("token", ["", "x", "a.b", "." * 3000])
def test_what_is_no_token_opens_nothing(rooms: Rooms, token: str) -> None:
    with pytest.raises(Refusal) as said:
        rooms.principal(token)
    assert said.value.code == "unauthenticated"


def test_a_token_that_a_stranger_signed_opens_nothing(rooms: Rooms) -> None:
    rooms.hire("wei", "supervisor", division="east")
    with pytest.raises(Refusal) as said:
        rooms.principal(rooms.token("wei", "supervisor", key=STRANGER))
    assert said.value.code == "unauthenticated"


def test_a_token_opens_nothing_once_its_minute_is_over(rooms: Rooms) -> None:
    rooms.hire("wei", "supervisor", division="east")
    token = rooms.token("wei", "supervisor")
    rooms.clock.move(120)
    with pytest.raises(Refusal) as said:
        rooms.principal(token)
    assert said.value.code == "unauthenticated"


def test_a_role_that_nobody_granted_is_denied_by_name(rooms: Rooms) -> None:
    rooms.hire("wei", "supervisor", division="east")
    with pytest.raises(Denied) as said:
        rooms.principal(rooms.token("wei", "county_admin"))
    assert said.value.facts == {"permission": "role", "role": "county_admin"}


def test_a_grant_that_ended_holds_no_longer(rooms: Rooms) -> None:
    rooms.hire("wei", "supervisor", ended=True, division="east")
    with pytest.raises(Denied):
        rooms.principal(rooms.token("wei", "supervisor"))


def test_only_the_grants_of_the_role_acted_in_count(rooms: Rooms) -> None:
    rooms.hire("wei", "supervisor", division="east")
    rooms.hire("wei", "duty_officer", division="west")
    assert denied(rooms, "wei", "supervisor", May.CHILD_VIEW, child="gu")["reach"] is True
    assert passes(rooms, "wei", "duty_officer", May.CHILD_VIEW, child="gu")


def test_a_role_without_the_permission_is_denied_within_its_own_reach(rooms: Rooms) -> None:
    rooms.hire("wei", "duty_officer", division="east")
    assert denied(rooms, "wei", "duty_officer", May.CHILD_REGISTER, child="chen") == {"permission": May.CHILD_REGISTER}


def test_a_grant_for_a_township_reaches_its_villages_and_the_children_there(rooms: Rooms) -> None:
    rooms.hire("wei", "supervisor", division="east")
    assert passes(rooms, "wei", "supervisor", May.CHILD_VIEW, child="chen")
    assert passes(rooms, "wei", "supervisor", May.CHILD_VIEW, division="mill")
    assert passes(rooms, "wei", "supervisor", May.CHILD_VIEW, place="class_two")


@pytest.mark.parametrize(
    "touched", [{"child": "gu"}, {"division": "west"}, {"division": "ford"}, {"division": "county"}]
)
def test_a_grant_for_a_township_reaches_no_other_and_not_the_county(rooms: Rooms, touched: dict[str, str]) -> None:
    rooms.hire("wei", "supervisor", division="east")
    assert denied(rooms, "wei", "supervisor", May.CHILD_VIEW, **touched)["reach"] is True


def test_a_grant_for_the_county_reaches_all_of_it(rooms: Rooms) -> None:
    rooms.hire("wei", "county_admin", division="county")
    assert passes(rooms, "wei", "county_admin", May.CHILD_VIEW, child="gu")
    assert passes(rooms, "wei", "county_admin", May.CHILD_VIEW, place="class_one")


def test_a_teacher_reaches_the_children_of_the_own_class_only(rooms: Rooms) -> None:
    rooms.hire("lin", "teacher", scope="place", place="class_one")
    assert passes(rooms, "lin", "teacher", May.CHILD_VIEW, child="chen")
    assert denied(rooms, "lin", "teacher", May.CHILD_VIEW, child="bai")["reach"] is True
    assert denied(rooms, "lin", "teacher", May.ROLL_CALL_TAKE, place="class_two")["reach"] is True


def test_a_headteacher_reaches_every_class_of_the_school_and_nobody_outside(rooms: Rooms) -> None:
    rooms.hire("lin", "headteacher", scope="place", place="school")
    assert passes(rooms, "lin", "headteacher", May.ROLL_CALL_TAKE, place="class_two")
    assert passes(rooms, "lin", "headteacher", May.CHILD_VIEW, child="bai")
    assert denied(rooms, "lin", "headteacher", May.CHILD_VIEW, child="gu")["reach"] is True


def test_a_grant_for_assigned_children_reaches_those_whom_one_answers_for(rooms: Rooms) -> None:
    rooms.hire("wei", "counsellor", scope="children")
    rooms.hire("lin", "counsellor", scope="children")
    assert passes(rooms, "wei", "counsellor", May.CHILD_VIEW, child="gu")
    assert denied(rooms, "lin", "counsellor", May.CHILD_VIEW, child="gu")["reach"] is True


def test_of_several_things_touched_each_must_be_within_reach(rooms: Rooms) -> None:
    rooms.hire("wei", "supervisor", division="east")
    assert denied(rooms, "wei", "supervisor", May.CHILD_VIEW, child="chen", division="ford")["reach"] is True


def test_a_child_that_nobody_knows_is_denied_like_one_out_of_reach(rooms: Rooms) -> None:
    rooms.hire("wei", "supervisor", division="east")
    unknown = denied(rooms, "wei", "supervisor", May.CHILD_VIEW, child="nobody")
    assert unknown == denied(rooms, "wei", "supervisor", May.CHILD_VIEW, child="gu")


def test_a_call_that_touches_nothing_is_a_mistake_and_not_a_pass(rooms: Rooms) -> None:
    rooms.hire("wei", "supervisor", division="east")
    with pytest.raises(ValueError, match="needs to know"):
        rooms.clear(rooms.principal(rooms.token("wei", "supervisor")), May.CHILD_VIEW)


def test_a_list_shows_the_children_within_reach(rooms: Rooms) -> None:
    rooms.hire("lin", "teacher", scope="place", place="class_two")
    principal = rooms.principal(rooms.token("lin", "teacher"))
    call: Call[None] = Call(
        data=None, principal=principal, permission=May.CHILD_VIEW, command_id=ref("c"), correlation=ref("c")
    )
    with rooms.database.read() as tx:
        reach = rooms.gate.listing(tx, call)
        rows = tx.execute(t.children.select().where(reach.children(t.children.c.child)))
        assert [row.child for row in rows] == [ref("bai")]
    assert call.cleared


def test_a_list_without_the_permission_is_denied(rooms: Rooms) -> None:
    rooms.hire("lin", "auditor", division="county")
    principal = rooms.principal(rooms.token("lin", "auditor"))
    call: Call[None] = Call(
        data=None, principal=principal, permission=May.CHILD_VIEW, command_id=ref("c"), correlation=ref("c")
    )
    with rooms.database.read() as tx, pytest.raises(Denied):
        rooms.gate.listing(tx, call)


def test_a_service_acts_everywhere_within_its_own_list(rooms: Rooms) -> None:
    alerts = rooms.principal(rooms.system("alerts"))
    assert (alerts.is_system, alerts.permissions) == (True, SYSTEM["alerts"])
    assert rooms.clear(alerts, May.ALERT_RAISE, child="gu").cleared
    with pytest.raises(Denied):
        rooms.clear(alerts, May.CASE_OPEN, child="gu")


def test_a_service_cannot_pass_for_another_nor_for_a_person(rooms: Rooms) -> None:
    with pytest.raises(Refusal) as said:
        rooms.principal(rooms.system("casework"))  # signed with the key of alerts
    assert said.value.code == "unauthenticated"
    rooms.hire("wei", "supervisor", division="east")
    with pytest.raises(ValueError, match="cannot sign"):
        TokenSigner(ALERTS, rooms.clock, issuer="alerts").issue(ref("wei"), "wei", "session", "supervisor")


def test_the_console_speaks_for_no_service_but_itself(rooms: Rooms) -> None:
    assert rooms.principal(rooms.system("console", key=CONSOLE)).permissions == SYSTEM["console"]


def test_every_role_has_permissions_and_no_role_has_all(rooms: Rooms) -> None:
    assert set(PERMISSIONS) == set(Role)
    assert all(granted and granted < frozenset(May) for granted in PERMISSIONS.values())
