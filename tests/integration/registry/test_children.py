"""Children and their contact cards, through the doors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.registry.domain.places import division_id
from shared.eventstore.timers import TimerRunner
from shared.kernel.ids import new_id
from shared.localisation.identity import make_identity
from tests.integration.registry.house import COUNTY, OTHER_TOWNSHIP, OTHER_VILLAGE, VILLAGE, House, Refused, a_child

ANOTHER = make_identity("439901", date(2016, 5, 3), 8, "female")


def refused_with(house: House, door: str, data: dict[str, Any], by: str = "admin", **message: Any) -> Refused:
    before = house.events()
    with pytest.raises(Refused) as refused:
        house.ask(door, data, by=by, **message)
    assert house.events() == before
    return refused.value


def test_a_child_is_shown_with_its_facts_and_the_version_of_its_history(house: House):
    child = house.child()
    shown = house.ask("child", {"child": child})
    assert (shown["name"], shown["age"], shown["address"]) == ("唐曦", 10, "示范镇桥口村5组")
    assert (shown["village_name"], shown["township_name"], shown["class_name"]) == ("桥口村", "示范镇", "（1）班")
    assert shown["identity"].startswith("4399")
    assert "0503" not in shown["identity"]
    assert [one["relation"] for one in shown["contacts"]] == ["grandmother", "father"]
    changed = house.ask("record_address", {"child": child, "address": "桥口村6组"}, expected_version=shown["version"])
    assert changed["version"] == shown["version"] + 1
    assert (
        refused_with(
            house, "record_address", {"child": child, "address": "7组"}, expected_version=shown["version"]
        ).code
        == "changed"
    )


def test_the_teacher_answers_then_the_director_then_whoever_registers(house: House):
    def responsible(child: str) -> str:
        return str(house.ask("child", {"child": child})["responsible_name"])

    assert responsible(house.child()) == "职工admin"
    house.hire("director", "village_director", division=division_id(VILLAGE))
    assert responsible(house.child(name="唐熙", identity_number=ANOTHER)) == "职工director"
    house.hire("teacher", "teacher", place=house.klass)
    third = make_identity("439901", date(2016, 5, 3), 9, "female")
    assert responsible(house.child(name="唐洋", identity_number=third)) == "职工teacher"


def test_an_identity_number_belongs_to_one_child(house: House):
    child = house.child()
    refusal = refused_with(house, "register_child", {**a_child(house), "name": "完全不同"})
    assert (refusal.code, refusal.facts) == ("registry.identity_number_taken", {"child": child})


def test_a_number_taken_in_error_is_free_again(house: House):
    child = house.child()
    house.ask("record_departure", {"child": child, "reason": "error"})
    assert house.child() != child


def test_a_namesake_of_the_same_day_and_parents_is_asked_about_and_twins_judged_different_are_not(house: House):
    child = house.child(identity_number=None, identity_missing="lost")
    again = {**a_child(house), "identity_number": None, "identity_missing": "lost"}
    refusal = refused_with(house, "register_child", again)
    assert (refusal.code, refusal.facts) == ("registry.child_looks_registered", {"children": [child]})
    assert house.child(identity_number=None, identity_missing="lost", different_from=[child]) != child


def test_two_numbers_are_two_children(house: House):
    assert house.child() != house.child(identity_number=ANOTHER)


def test_a_repeated_command_is_answered_again_and_its_id_serves_for_nothing_else(house: House):
    command_id, said = new_id(house.clock.now()), a_child(house)
    first = house.ask("register_child", said, command_id=command_id)
    before = house.events()
    again = house.ask("register_child", said, command_id=command_id)
    assert (again["id"], again["repeated"], house.events()) == (first["id"], True, before)
    changed = {**said, "name": "别人"}
    assert refused_with(house, "register_child", changed, command_id=command_id).code == "command_id_reused"


def test_why_a_childs_data_is_kept_must_be_said_and_stands_in_the_history(house: House):
    said = a_child(house)
    del said["legal_basis"]
    refusal = refused_with(house, "register_child", said)
    assert refusal.facts == {"errors": {"legal_basis": ["Missing data for required field."]}}
    child = house.child()
    with house.database.read() as tx:
        causes = [one.cause.legal_basis for one in house.rooms.base.store.of_person(tx, child)]
    assert set(causes) == {"statutory_duty"}


def test_what_is_out_of_reach_is_neither_shown_nor_changed(house: House):
    child = house.child()
    house.hire("stranger", "village_director", division=division_id(OTHER_VILLAGE))
    for door, data in [
        ("child", {"child": child}),
        ("contact_card", {"child": child}),
        ("timeline", {"child": child}),
        ("record_address", {"child": child, "address": "西山村"}),
        ("record_departure", {"child": child, "reason": "moved_away"}),
        ("class_roster", {"klass": house.klass}),
    ]:
        assert refused_with(house, door, data, by="stranger").code == "denied"
    assert house.ask("children", by="stranger")["items"] == []
    assert house.ask("search_children", {"query": "唐曦"}, by="stranger")["items"] == []
    assert house.ask("figures", by="stranger")["children"] == 0
    assert refused_with(house, "register_child", a_child(house), by="stranger").code == "denied"


def test_a_child_that_moves_is_in_the_reach_of_its_new_village(house: House):
    child = house.child()
    house.hire("director", "village_director", division=division_id(OTHER_VILLAGE))
    house.ask("move_child", {"child": child, "village": division_id(OTHER_VILLAGE)})
    assert [one["child"] for one in house.ask("children", by="director")["items"]] == [child]


def test_a_class_belongs_to_its_school(house: House):
    other = house.ask(
        "open_school", {"name": "样例小学", "division": division_id(OTHER_TOWNSHIP), "stages": ["primary"]}
    )["id"]
    child = house.child()
    refusal = refused_with(house, "enrol_child", {"child": child, "school": other, "klass": house.klass})
    assert refusal.code == "registry.class_not_of_school"


def test_who_answers_for_a_child_is_known_to_the_register(house: House):
    child = house.child()
    refusal = refused_with(house, "name_responsible", {"child": child, "staff": new_id(house.clock.now())})
    assert refusal.code == "registry.responsible_unknown"
    person = house.hire("director", "village_director", division=division_id(VILLAGE))
    house.ask("name_responsible", {"child": child, "staff": person})
    assert house.ask("child", {"child": child})["responsible"] == person


def test_assigned_children_are_in_reach_wherever_they_live(house: House):
    child = house.child()
    person = house.hire("counsellor", "counsellor")
    assert refused_with(house, "child", {"child": child}, by="counsellor").code == "denied"
    house.ask("name_responsible", {"child": child, "staff": person})
    assert house.ask("child", {"child": child}, by="counsellor")["name"] == "唐曦"


def test_fields_are_masked_by_role_and_the_answer_says_which(house: House):
    child = house.child()
    house.hire("funder", "funding_officer", division=division_id(COUNTY))
    shown = house.ask("child", {"child": child}, by="funder")
    assert (shown["name"], shown["address"], shown["masked"]) == ("唐曦", None, ["address"])
    assert shown["contacts"][0]["name"] is None
    assert refused_with(house, "contact_card", {"child": child}, by="funder").code == "denied"
    assert house.ask("search_children", {"query": "19900000191"}, by="funder")["items"] == []


def readings(house: House) -> list[tuple[str, list[str]]]:
    with house.database.read() as tx:
        rows = tx.exec_driver_sql("SELECT actor, entry FROM events WHERE type = 'registry.records_read'").all()
    import json

    return [(actor, json.loads(bytes(entry))["persons"]) for actor, entry in rows]


def test_reading_a_contact_card_is_recorded_once_in_fifteen_minutes(house: House):
    child = house.child()
    card = house.ask("contact_card", {"child": child})
    assert [(one["order"], one["name"], one["phone"]) for one in card["contacts"]] == [
        (1, "杜秀", "19900000191"),
        (2, "唐海", "19900001031"),
    ]
    assert (card["contacts"][0]["health"], card["contacts"][1]["employer"]) == ("体弱", "演示市建筑公司")
    house.clock.move(14 * 60)
    house.ask("contact_card", {"child": child})
    assert readings(house) == [(house.staff["admin"][0], [child])]
    house.clock.move(60)
    house.ask("contact_card", {"child": child})
    assert len(readings(house)) == 2


def test_a_reading_that_is_denied_is_not_recorded(house: House):
    child = house.child()
    house.hire("stranger", "village_director", division=division_id(OTHER_VILLAGE))
    refused_with(house, "contact_card", {"child": child}, by="stranger")
    assert readings(house) == []


def test_contacts_are_changed_moved_and_removed(house: House):
    child = house.child()
    one = house.ask("contact_card", {"child": child})["contacts"][1]["contact"]
    mother = {"relation": "mother", "name": "丁浩", "phone": "199 0000 2006"}
    house.ask("record_contact", {"child": child, "details": mother, "order": 1})
    house.ask("remove_contact", {"child": child, "contact": one})
    card = house.ask("contact_card", {"child": child})["contacts"]
    assert [(it["order"], it["relation"], it["phone"]) for it in card] == [
        (1, "mother", "19900002006"),
        (2, "grandmother", "19900000191"),
    ]
    stranger = {"child": child, "details": mother, "contact": new_id(house.clock.now())}
    assert refused_with(house, "record_contact", stranger).code == "registry.contact_unknown"


def test_a_birthday_ends_the_risk_of_living_alone(house: House):
    child = house.child(born="2010-10-01", identity_number=None, identity_missing="lost", arrangement="alone")
    assert house.ask("children", {"risk": "living_alone"})["items"][0]["child"] == child
    runner = TimerRunner(house.database, house.clock, dict(house.rooms.ring))
    house.clock.at = datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)
    assert runner.step() == 0
    house.clock.move(1)
    assert runner.step() == 1
    assert house.ask("child", {"child": child})["risks"] == []


def test_a_risk_that_ends_otherwise_waits_for_no_birthday(house: House):
    child = house.child(arrangement="alone")
    house.ask("arrange_care", {"child": child, "arrangement": "boarding", "since": "2026-09-01"})
    with house.database.read() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM timers").scalar() == 0


def test_children_are_listed_by_sound_in_pages_whose_cursors_hold_no_name(house: House):
    house.child(name="张三", identity_number=None)
    house.child(name="阿依古丽·买买提", identity_number=None)
    house.child(name="唐曦", identity_number=None)
    first = house.ask("children", {"limit": 2, "klass": house.klass})
    assert [one["name"] for one in first["items"]] == ["阿依古丽·买买提", "唐曦"]
    second = house.ask("children", {"limit": 2, "klass": house.klass, "after": first["next"]})
    assert ([one["name"] for one in second["items"]], second["next"]) == (["张三"], None)
    import base64

    raw = base64.urlsafe_b64decode(first["next"] + "==")
    assert "唐曦".encode() not in raw


def test_who_left_is_listed_only_when_asked_for(house: House):
    child = house.child()
    house.ask("record_departure", {"child": child, "reason": "parents_returned"})
    assert house.ask("children")["items"] == []
    (left,) = house.ask("children", {"present": None})["items"]
    assert (left["child"], left["left_reason"]) == (child, "parents_returned")
    house.ask("record_return", {"child": child})
    assert len(house.ask("children")["items"]) == 1


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("阿依古丽买买提", "name"),
        ("古丽・买", "name"),
        ("ayiguli", "pinyin"),
        ("aygl", "initials"),
        ("ayigunimaimaiti", "sounds_like"),
        ("桥口", "village"),
        ("(1)班", "class"),
        ("杜秀", "contact"),
        ("0000191", "phone"),
    ],
)
def test_search_forgives_and_says_why(house: House, query: str, why: str):
    child = house.child(name="阿依古丽·买买提")
    (found,) = house.ask("search_children", {"query": query})["items"]
    assert found["child"] == child
    assert found["because"][0]["why"] == why


def test_search_knows_zh_from_z_and_ng_from_n_only_as_a_last_resort(house: House):
    house.child(name="张三", identity_number=None)
    house.child(name="臧珊", identity_number=None)
    found = house.ask("search_children", {"query": "zhangs"})["items"]
    assert [(one["name"], one["because"][0]["why"]) for one in found] == [("张三", "pinyin"), ("臧珊", "sounds_like")]


def test_the_timeline_tells_of_the_child_and_of_nobody_else(house: House):
    child, other = house.child(), house.child(name="别人", identity_number=ANOTHER)
    house.ask("record_address", {"child": other, "address": "西山村"})
    kinds = {one["type"] for one in house.ask("timeline", {"child": child})["items"]}
    assert {"registry.child_registered", "registry.responsible_named"} <= kinds
    assert all(child in one["stream"] for one in house.ask("timeline", {"child": child})["items"])
