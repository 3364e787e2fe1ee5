"""Who answers for a child: by the rule, by hand, by a list that both sign, by a transfer that both sides sign."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.registry.domain.places import division_id
from tests.integration.registry.house import (
    COUNTY,
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    TOWNSHIP,
    VILLAGE,
    House,
    Refused,
)


@pytest.fixture
def staffed(house: House) -> House:
    """Two teachers of the class, a director of each village, a supervisor of each township."""
    house.hire("teacher", "teacher", place=house.klass)
    house.hire("director", "village_director", division=division_id(VILLAGE))
    house.hire("there", "village_director", division=division_id(OTHER_VILLAGE))
    house.hire("supervisor", "supervisor", division=division_id(TOWNSHIP))
    house.hire("receiver", "supervisor", division=division_id(OTHER_TOWNSHIP))
    return house


def who(house: House, child: str, **asked: Any) -> list[tuple[str | None, str]]:
    """Who answered, the latest first, by how the house calls them, and on what ground."""
    people = {person: name for name, (person, _) in house.staff.items()}
    return [(people.get(one["staff"]), one["basis"]) for one in spans(house, child, **asked)]


def spans(house: House, child: str, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.ask("answering", {"child": child, **asked})["items"]
    return found


def staff(house: House, name: str) -> str:
    return house.staff[name][0]


def a_list(house: House, giver: str, receiver: str, by: str = "admin", kind: str = "class") -> str:
    said = {"kind": kind, "giver": staff(house, giver), "receiver": staff(house, receiver)}
    if kind == "class":
        said["klass"] = house.klass
    return str(house.ask("draw_up_hand_over", said, by=by)["id"])


def away(house: House, child: str, by: str = "supervisor", **more: Any) -> str:
    said = {"child": child, "village": division_id(OTHER_VILLAGE), **more}
    return str(house.ask("sign_transfer", said, by=by)["id"])


def test_the_rule_follows_the_child_to_another_class_and_back_to_its_village(staffed: House) -> None:
    child = staffed.child()
    assert who(staffed, child) == [("teacher", "rule")]
    staffed.ask("enrol_child", {"child": child})
    assert who(staffed, child) == [("director", "rule"), ("teacher", "rule")]


def test_whoever_was_named_by_hand_stays_when_the_child_changes_its_class(staffed: House) -> None:
    child = staffed.child()
    staffed.ask("name_responsible", {"child": child, "staff": staff(staffed, "director")})
    staffed.ask("enrol_child", {"child": child})
    assert who(staffed, child) == [("director", "hand"), ("teacher", "rule")]


def test_nobody_is_named_whose_roles_do_not_reach_the_child(staffed: House) -> None:
    child = staffed.child()
    staffed.hire("books", "accountant", division=division_id(COUNTY))
    for name in ("there", "books"):
        with pytest.raises(Refused, match="hand_over_outside_area"):
            staffed.ask("name_responsible", {"child": child, "staff": staff(staffed, name)})


def test_who_answered_on_a_past_day_is_told_and_a_day_before_or_to_come_is_refused(staffed: House) -> None:
    child = staffed.child()
    staffed.clock.move(2 * 86400)
    staffed.ask("name_responsible", {"child": child, "staff": staff(staffed, "director")})
    staffed.clock.move(86400)
    assert who(staffed, child, on="2026-09-21") == [("teacher", "rule")]
    assert who(staffed, child, on="2026-09-22") == [("director", "hand"), ("teacher", "rule")], "the day it passed on"
    assert who(staffed, child, on="2026-09-23") == [("director", "hand")]
    for day, refusal in (("2026-09-19", "as_of_too_early"), ("2026-09-30", "as_of_in_future")):
        with pytest.raises(Refused, match=refusal):
            who(staffed, child, on=day)
    asked = {"staff": staff(staffed, "teacher")}
    assert [one["child"] for one in staffed.ask("answered_by", asked | {"on": "2026-09-21"})["items"]] == [child]
    assert staffed.ask("answered_by", asked)["items"] == []


def test_a_class_passes_on_with_the_second_signature_and_not_before(staffed: House) -> None:
    child = staffed.child()
    staffed.hire("successor", "teacher", place=staffed.klass)
    listed = a_list(staffed, "teacher", "successor")
    staffed.ask("sign_hand_over", {"hand_over": listed}, by="teacher")
    assert who(staffed, child)[0] == ("teacher", "rule")
    staffed.ask("sign_hand_over", {"hand_over": listed}, by="successor")
    assert who(staffed, child) == [("successor", "hand_over"), ("teacher", "rule")]
    assert spans(staffed, child)[0]["source"] == listed
    told = staffed.ask("hand_over", {"hand_over": listed}, by="successor")
    assert (told["state"], [one["passed"] for one in told["children"]]) == ("done", [True])


def test_a_list_is_refused_for_oneself_and_for_somebody_outside_the_area(staffed: House) -> None:
    staffed.child()
    with pytest.raises(Refused, match="hand_over_to_oneself"):
        a_list(staffed, "teacher", "teacher")
    with pytest.raises(Refused, match=r"hand_over_outside_area \{'children': 1\}"):
        a_list(staffed, "teacher", "there")


def test_whoever_leaves_hands_everything_over_in_one_list_and_their_roles_end(staffed: House) -> None:
    children = [staffed.child(), staffed.child(name="欧阳清", identity_number=None, identity_missing="not_given")]
    grant = staffed.ask("grants", {"staff": staff(staffed, "teacher")})["items"][0]["id"]
    with pytest.raises(Refused, match="staff_answers_for_children"):
        staffed.ask("end_grant", {"staff": staff(staffed, "teacher"), "grant": grant})
    listed = a_list(staffed, "teacher", "director", kind="departure")
    staffed.ask("sign_hand_over", {"hand_over": listed}, by="admin")
    staffed.ask("sign_hand_over", {"hand_over": listed}, by="director")
    assert [who(staffed, one)[0] for one in children] == [("director", "hand_over")] * 2
    assert staffed.ask("grants", {"staff": staff(staffed, "teacher")})["items"] == []
    assert staffed.ask("hand_over", {"hand_over": listed})["given_by"] == staff(staffed, "admin")


def test_a_list_that_has_grown_since_is_drawn_up_anew(staffed: House) -> None:
    staffed.child()
    listed = a_list(staffed, "teacher", "director", kind="departure")
    staffed.child(name="欧阳清", identity_number=None, identity_missing="not_given")
    staffed.ask("sign_hand_over", {"hand_over": listed}, by="teacher")
    with pytest.raises(Refused, match="hand_over_list_changed"):
        staffed.ask("sign_hand_over", {"hand_over": listed}, by="director")


def test_who_may_not_end_roles_lets_nobody_go_and_strangers_see_and_sign_no_list(staffed: House) -> None:
    staffed.child()
    with pytest.raises(Refused, match="denied"):
        a_list(staffed, "teacher", "director", by="supervisor", kind="departure")
    listed = a_list(staffed, "teacher", "director", by="supervisor")
    for door in ("hand_over", "sign_hand_over"):
        with pytest.raises(Refused, match="denied"):
            staffed.ask(door, {"hand_over": listed}, by="receiver")
    assert staffed.ask("hand_overs", by="there")["items"] == []
    assert [one["hand_over"] for one in staffed.ask("hand_overs", by="director")["items"]] == [listed]


def test_a_child_is_transferred_when_both_sides_have_signed(staffed: House) -> None:
    child = staffed.child()
    transfer = away(staffed, child)
    assert who(staffed, child)[0] == ("teacher", "rule")
    assert staffed.ask("transfers", by="receiver")["items"][0]["name"] == "唐曦"
    staffed.ask("accept_transfer", {"transfer": transfer}, by="receiver")
    assert who(staffed, child) == [("there", "transfer"), ("teacher", "rule")]
    shown = staffed.ask("child", {"child": child}, by="receiver")
    assert (shown["village"], shown["school"], shown["klass"]) == (division_id(OTHER_VILLAGE), None, None)
    with pytest.raises(Refused, match="denied"):
        staffed.ask("child", {"child": child}, by="supervisor")
    before, after = spans(staffed, child)[::-1]
    assert before["until"] == after["since"], "no moment at which nobody answers"


def test_a_transfer_is_refused_to_oneself_within_a_township_and_for_somebody_outside(staffed: House) -> None:
    child = staffed.child()
    with pytest.raises(Refused, match="transfer_within_township"):
        away(staffed, child, village=division_id(VILLAGE))
    transfer = away(staffed, child, by="admin")
    with pytest.raises(Refused, match="transfer_to_oneself"):
        staffed.ask("accept_transfer", {"transfer": transfer}, by="admin")
    with pytest.raises(Refused, match="denied"):
        staffed.ask("accept_transfer", {"transfer": transfer}, by="supervisor")
    named = {"transfer": transfer, "responsible": staff(staffed, "director")}
    with pytest.raises(Refused, match="hand_over_outside_area"):
        staffed.ask("accept_transfer", named, by="receiver")
    assert who(staffed, child) == [("teacher", "rule")]


def test_a_supervisor_moves_no_child_into_the_township_of_another(staffed: House) -> None:
    child = staffed.child()
    with pytest.raises(Refused, match="transfer_needed"):
        staffed.ask("move_child", {"child": child, "village": division_id(OTHER_VILLAGE)}, by="supervisor")


def test_a_child_that_comes_back_after_its_teacher_has_gone_is_answered_for_by_the_rule(staffed: House) -> None:
    child = staffed.child()
    staffed.ask("record_departure", {"child": child, "reason": "parents_returned"})
    grant = staffed.ask("grants", {"staff": staff(staffed, "teacher")})["items"][0]["id"]
    staffed.ask("end_grant", {"staff": staff(staffed, "teacher"), "grant": grant})
    staffed.ask("record_return", {"child": child})
    assert who(staffed, child)[0] == ("director", "rule")


def test_no_entry_about_it_holds_a_name_in_the_clear(staffed: House) -> None:
    child = staffed.child()
    staffed.ask("accept_transfer", {"transfer": away(staffed, child)}, by="receiver")
    with staffed.database.read() as tx:
        entries = [bytes(one[0]).decode() for one in tx.exec_driver_sql("SELECT entry FROM events")]
    told = [one for one in entries if json.loads(one)["type"].startswith(("registry.transfer", "registry.resp"))]
    assert len(told) >= 4
    assert [word for word in ("唐曦", "职工", "19900001111", "杜秀") for one in entries if word in one] == []
