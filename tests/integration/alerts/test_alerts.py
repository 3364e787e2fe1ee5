"""Alerts from a roll call to the end, through the doors."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from shared.contracts import registry as r
from tests.integration.alerts.house import (
    CHILD,
    COUNTY,
    FATHER,
    GRANDMOTHER,
    KLASS,
    SECOND,
    STRANGER,
    THIRD,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    House,
    Refused,
    a_contact,
)


def refused_with(house: House, door: str, data: dict[str, Any], by: str = "officer", **message: Any) -> Refused:
    before = house.events()
    with pytest.raises(Refused) as refused:
        house.ask(door, data, by=by, **message)
    assert house.events() == before
    return refused.value


def test_an_absence_without_a_reason_raises_an_alert_in_the_same_decision(house: House):
    house.call_roll((CHILD, "absent", None), (SECOND, "absent", "sick"), (THIRD, "present", None))
    (alert,) = house.board()
    assert (alert["child"], alert["child_name"], alert["kind"]) == (CHILD, "唐曦", "absence")
    assert (alert["level"], alert["state"], alert["version"]) == ("orange", "raised", 1)
    assert (alert["village_name"], alert["school_name"], alert["class_name"]) == ("桥口村", "示范镇中心学校", "（1）班")
    assert (alert["step"], alert["step_role"], alert["next_role"]) == (1, "duty_officer", "duty_leader")
    assert alert["next_at"].startswith("2026-09-21T01:10")


def test_a_roll_call_shows_what_was_found(house: House):
    untaken = house.ask("roll_call", {"klass": KLASS, "day": TODAY.isoformat(), "session": "morning"}, by="teacher")
    assert (untaken["taken"], untaken["version"], untaken["class_name"]) == (False, 0, "（1）班")
    assert {one["state"] for one in untaken["pupils"]} == {None}
    house.call_roll((CHILD, "absent", None), (SECOND, "absent", "sick"), (THIRD, "present", None))
    shown = house.ask("roll_call", {"klass": KLASS, "day": TODAY.isoformat(), "session": "morning"}, by="teacher")
    found = {one["child"]: (one["name"], one["state"], one["reason"]) for one in shown["pupils"]}
    assert found == {
        CHILD: ("唐曦", "absent", None),
        SECOND: ("唐熙", "absent", "sick"),
        THIRD: ("唐洋", "present", None),
    }
    assert [one["child"] for one in shown["pupils"] if one["alert"]] == [CHILD]
    assert (shown["taken"], shown["version"]) == (True, 3)


def test_an_amended_roll_call_tells_the_alert_and_resolves_nothing(house: House):
    house.call_roll((CHILD, "absent", None))
    house.call_roll((CHILD, "late", None))
    (row,) = house.board()
    shown = house.ask("alert", {"alert": row["alert"]})
    assert [one["signal"] for one in shown["signals"]] == ["marked_late"]
    assert shown["state"] == "raised"


def test_a_second_absence_is_a_signal_to_the_open_alert(house: House):
    house.call_roll((CHILD, "absent", None))
    house.call_roll((CHILD, "absent", None), session="afternoon")
    (row,) = house.board()
    signals = house.ask("alert", {"alert": row["alert"]})["signals"]
    assert [(one["signal"], one["by_name"]) for one in signals] == [("absent_again", "职工teacher")]


def test_a_roll_call_of_a_version_that_is_gone_is_refused(house: House):
    answer = house.call_roll((CHILD, "present", None))
    house.call_roll((CHILD, "late", None))
    data = {"klass": KLASS, "day": TODAY.isoformat(), "session": "morning"}
    marks = {"marks": [{"child": CHILD, "state": "present"}]}
    assert (
        refused_with(house, "take_roll_call", data | marks, "teacher", expected_version=answer["version"]).code
        == "changed"
    )


def test_only_pupils_of_the_class_are_marked(house: House):
    data = {"klass": KLASS, "day": TODAY.isoformat(), "session": "morning"}
    marks = {"marks": [{"child": STRANGER, "state": "present"}]}
    refusal = refused_with(house, "take_roll_call", data | marks, "teacher")
    assert (refusal.code, refusal.facts) == ("alerts.not_in_class", {"children": [STRANGER]})
    nobody = {"marks": []}
    assert refused_with(house, "take_roll_call", data | nobody, "teacher").code == "invalid"
    assert refused_with(house, "take_roll_call", data | marks, "elsewhere").code == "denied"


def test_the_whole_way_to_the_end(house: House):
    alert = house.raise_alert(note="放学后没有回家")
    house.ask("acknowledge_alert", {"alert": alert})
    attempt = {"alert": alert, "contact": GRANDMOTHER, "result": "reached", "note": "在奶奶家"}
    house.ask("record_contact_attempt", attempt)
    house.ask("resolve_alert", {"alert": alert, "outcome": "with_family", "note": "已接到电话"})
    assert house.board() == []
    (row,) = house.board(state="resolved")
    assert (row["alert"], row["outcome"], row["next_at"]) == (alert, "with_family", None)
    shown = house.ask("alert", {"alert": alert})
    assert (shown["note"], shown["resolution_note"]) == ("放学后没有回家", "已接到电话")
    assert (shown["acknowledged_by_name"], shown["resolved_by_name"]) == ("职工officer", "职工officer")
    assert [(one["contact_name"], one["result"], one["note"]) for one in shown["attempts"]] == [
        ("杜秀", "reached", "在奶奶家")
    ]
    assert house.ring() == 0
    assert [one["type"] for one in house.ask("timeline", {"child": CHILD})["items"]] == [
        "alerts.alert_resolved",
        "alerts.contact_attempted",
        "alerts.alert_acknowledged",
        "alerts.alert_raised",
    ]


def test_after_the_end_a_new_alert_can_be_raised(house: House):
    first = house.raise_alert()
    house.ask("resolve_alert", {"alert": first, "outcome": "false_alarm"})
    assert house.raise_alert() != first


def test_a_repeated_command_is_answered_again(house: House):
    said = {"child": CHILD, "kind": "missing"}
    first = house.ask("raise_alert", said, by="teacher")
    before = house.events()
    again = house.ask("raise_alert", said, by="teacher", command_id=first["id"])
    assert (again["id"], again["repeated"], house.events()) == (first["id"], True, before)


def test_who_is_late_to_acknowledge_hears_who_has_it(house: House):
    alert = house.raise_alert()
    house.ask("acknowledge_alert", {"alert": alert}, expected_version=1)
    refusal = refused_with(house, "acknowledge_alert", {"alert": alert}, "leader", expected_version=1)
    assert refusal.code == "alerts.already_acknowledged"
    assert refusal.facts["by"] == house.staff["officer"][0]
    assert refusal.facts["by_name"] == "职工officer"
    assert refusal.facts["at"].startswith("2026-09-21T01:00")


@pytest.mark.parametrize(
    ("door", "said"),
    [
        ("acknowledge_alert", {}),
        ("record_contact_attempt", {"contact": FATHER, "result": "no_answer"}),
        ("resolve_alert", {"outcome": "ill"}),
    ],
)
def test_a_command_for_a_version_that_is_gone_is_refused(house: House, door: str, said: dict[str, Any]):
    alert = house.raise_alert()
    house.raise_alert(note="还是没有消息")
    assert refused_with(house, door, {"alert": alert, **said}, expected_version=1).code == "changed"


def test_only_people_on_the_card_are_called(house: House):
    alert = house.raise_alert(SECOND)
    data = {"alert": alert, "contact": FATHER, "result": "reached"}
    assert refused_with(house, "record_contact_attempt", data).code == "alerts.contact_unknown"


def test_what_is_out_of_reach_is_neither_shown_nor_touched(house: House):
    alert = house.raise_alert()
    assert house.board("elsewhere") == []
    for door, data in [
        ("alert", {"alert": alert}),
        ("contact_card", {"child": CHILD}),
        ("timeline", {"child": CHILD}),
        ("acknowledge_alert", {"alert": alert}),
        ("resolve_alert", {"alert": alert, "outcome": "ill"}),
        ("raise_alert", {"child": CHILD, "kind": "incident"}),
    ]:
        assert refused_with(house, door, data, "elsewhere").code == "denied"
    assert refused_with(house, "alert", {"alert": COUNTY}).code == "not_found"


def test_the_board_shows_who_waits_first_then_the_gravest_then_the_oldest(house: House):
    taken = house.raise_alert(CHILD, "missing")
    house.ask("acknowledge_alert", {"alert": taken})
    yellow = house.raise_alert(SECOND, "other")
    older = house.raise_alert(SECOND, "incident")
    newer = house.raise_alert(THIRD, "missing")
    orange = house.raise_alert(THIRD, "absence")
    wanted = [older, newer, orange, yellow, taken]
    assert [one["alert"] for one in house.board()] == wanted
    paged, after = [], None
    while True:
        answer = house.ask("board", {"limit": 2, "after": after})
        paged += [one["alert"] for one in answer["items"]]
        after = answer["next"]
        if after is None:
            break
    assert paged == wanted
    house.raise_alert(SECOND, "other", level="red")
    assert [one["alert"] for one in house.board()] == [yellow, older, newer, orange, taken]


def test_resolved_alerts_are_listed_by_their_end(house: House):
    first, second, third = (house.raise_alert(one) for one in (CHILD, SECOND, THIRD))
    for alert in (second, first, third):
        house.ask("resolve_alert", {"alert": alert, "outcome": "false_alarm"})
    page = house.ask("board", {"state": "resolved", "limit": 2})
    rest = house.ask("board", {"state": "resolved", "limit": 2, "after": page["next"]})
    assert [one["alert"] for one in page["items"] + rest["items"]] == [third, first, second]


def test_the_card_comes_from_the_services_own_copy_and_says_whom_to_call_next(house: House):
    alert = house.raise_alert()
    card = house.ask("contact_card", {"child": CHILD})
    assert (card["name"], card["address"], card["next_to_call"]) == ("唐曦", "示范镇桥口村5组", GRANDMOTHER)
    assert [(one["order"], one["relation"], one["phone"]) for one in card["contacts"]] == [
        (1, "grandmother", "19900000191"),
        (2, "father", "19900001031"),
    ]
    house.ask("record_contact_attempt", {"alert": alert, "contact": GRANDMOTHER, "result": "no_answer"})
    assert house.ask("contact_card", {"child": CHILD})["next_to_call"] == FATHER
    house.ask("record_contact_attempt", {"alert": alert, "contact": FATHER, "result": "wrong_number"})
    assert house.ask("contact_card", {"child": CHILD})["next_to_call"] == GRANDMOTHER


def test_reading_a_card_is_recorded(house: House):
    before = house.events()
    house.ask("contact_card", {"child": CHILD})
    assert house.events() == before + 1
    house.ask("contact_card", {"child": CHILD})
    assert house.events() == before + 1


def test_the_copy_follows_registry(house: House):
    house.tell(
        r.ContactRemoved(child=CHILD, contact=GRANDMOTHER),
        a_contact(FATHER, 1, "father", name="唐海", phone="19900001099"),
        r.ChildCorrected(child=CHILD, name="唐晞", sex="female"),
        r.AddressRecorded(child=CHILD, address="桥口村6组"),
    )
    card = house.ask("contact_card", {"child": CHILD})
    assert (card["name"], card["address"]) == ("唐晞", "桥口村6组")
    assert [(one["order"], one["phone"]) for one in card["contacts"]] == [(1, "19900001099")]


@pytest.mark.parametrize(("risk", "level"), [("living_alone", "orange"), ("unattended_under_8", "red")])
def test_a_risk_raises_an_alert_once_however_often_it_is_told(house: House, risk: str, level: str):
    house.react(r.RiskFound(child=CHILD, risk=risk), times=3)
    (row,) = house.board()
    assert (row["kind"], row["level"], row["version"], row["village_name"]) == (risk, level, 1, "桥口村")
    house.react(r.RiskCleared(child=CHILD, risk=risk), times=3)
    shown = house.ask("alert", {"alert": row["alert"]})
    assert ([one["signal"] for one in shown["signals"]], shown["state"]) == (["risk_cleared"], "raised")


def test_other_risks_raise_nothing(house: House):
    house.react(
        r.RiskFound(child=CHILD, risk="no_household_registration"), r.RiskCleared(child=CHILD, risk="living_alone")
    )
    assert house.board() == []


def test_the_nearest_policy_holds_and_an_open_alert_keeps_its_own(house: House):
    def policy(division: str, minutes: int) -> dict[str, Any]:
        steps = [{"role": "supervisor", "wait_minutes": minutes}]
        return {"division": division, "kind": "missing", "steps": steps}

    house.ask("set_policy", policy(TOWNSHIP, 7), by="admin")
    alert = house.raise_alert()
    house.ask("set_policy", policy(VILLAGE, 3), by="admin")
    house.ask("set_policy", policy(VILLAGE, 4), by="admin")
    later = house.raise_alert(SECOND)
    shown = [house.ask("alert", {"alert": one}) for one in (alert, later)]
    assert [(one["policy_version"], one["steps"]) for one in shown] == [
        (1, [{"role": "supervisor", "wait_minutes": 7}]),
        (2, [{"role": "supervisor", "wait_minutes": 4}]),
    ]
    listed = house.ask("policies", by="admin")["items"]
    assert [(one["division_name"], one["kind"], one["number"]) for one in listed] == [
        (None, None, 1),
        ("示范镇", "missing", 1),
        ("桥口村", "missing", 2),
    ]
    assert refused_with(house, "set_policy", policy(COUNTY, 7), "officer").code == "denied"
    assert refused_with(house, "set_policy", policy(VILLAGE, 9), "admin", expected_version=1).code == "changed"


def test_no_entry_holds_a_note_or_a_reason_in_the_clear(house: House):
    house.raise_alert(note="放学后没有回家")
    house.call_roll((SECOND, "absent", "sick"))
    with house.rooms.database.read() as tx:
        entries = b"".join(bytes(one) for one in tx.execute(text("SELECT entry FROM events")).scalars())
    assert b"sick" not in entries
    assert "放学后".encode() not in entries
