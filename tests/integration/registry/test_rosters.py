"""Rosters, through the doors: the dry run, the import in chunks, again, interrupted, next term."""

from __future__ import annotations

import base64
import csv
import io
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from services.registry.domain.places import division_id
from shared.eventstore.timers import TimerRunner
from shared.kernel.clock import FixedClock
from shared.localisation.identity import make_identity
from tests.infrastructure.database import TestDatabase
from tests.integration.registry.house import (
    HEAD,
    OTHER_VILLAGE,
    VILLAGE,
    House,
    Refused,
    another_house,
    open_house,
    roster,
    row,
)

BORN = date(2016, 5, 3)
GOOD = [row(number) for number in range(3)]
AT_HOME = [row(number, left_behind="否") for number in range(10, 15)]
WRONG = [
    row(20, name=""),
    row(21, identity=make_identity("439901", BORN, 21, "female")[:-1] + "?"),
    row(22, born=date(2016, 5, 4), identity=make_identity("439901", BORN, 22, "female")),
    row(23, born=date(2006, 1, 1)),
]
TWICE = row(0)
MIXED = roster(*GOOD, *AT_HOME, *WRONG, TWICE)


def held(house: House) -> int:
    with house.database.read() as tx:
        return int(tx.exec_driver_sql("SELECT count(*) FROM registry_held WHERE kind <> 'result'").scalar() or 0)


def preview(house: House, content: bytes, by: str = "admin", **said: Any) -> Any:
    sent = {"content": base64.b64encode(content).decode(), "school": house.school, **said}
    return house.ask("preview_roster", sent, by=by)


def test_a_dry_run_says_what_would_happen_and_leaves_nothing_behind(house: House):
    before = house.events()
    shown = preview(house, MIXED)
    assert (shown["kind"], shown["encoding"], house.events(), held(house)) == ("csv", "gb18030", before, 0)
    assert shown["counts"] == {
        "rows": 13, "pupils": 12, "left_behind": 7, "new": 3, "known": 0, "counted": 5, "duplicate": 1, "refused": 4,
    }  # fmt: skip
    problems = {
        one["row"]: (one["outcome"], one["problems"][0]["code"], one["problems"][0]["column"]) for one in shown["rows"]
    }
    assert problems == {
        11: ("refused", "roster.name_missing", "A"),
        12: ("refused", "roster.identity_characters", "D"),
        13: ("refused", "roster.birth_date_disagrees", "C"),
        14: ("refused", "roster.age_out_of_range", "C"),
        15: ("duplicate", "roster.duplicate_identity", None),
    }
    (sheet,) = shown["sheets"]
    assert (sheet["sure"], sheet["confirmed"], sheet["columns"][0]["field"]) == (True, False, "name")


def test_good_rows_go_in_and_every_row_says_what_became_of_it(house: House):
    done = house.import_roster(MIXED)
    assert {name: done[name] for name in ("state", "registered", "counted", "duplicate", "refused", "seen")} == {
        "state": "finished", "registered": 3, "counted": 5, "duplicate": 1, "refused": 4, "seen": None,
    }  # fmt: skip
    results = list(house.results(done["id"]))
    assert Counter(one["outcome"] for one in results) == {"registered": 3, "counted": 5, "duplicate": 1, "refused": 4}
    first = next(one for one in results if one["outcome"] == "registered")
    card = house.ask("contact_card", {"child": first["child"]})
    assert [(one["order"], one["relation"]) for one in card["contacts"]] == [
        (1, "grandmother"), (2, "father"), (3, "mother"),
    ]  # fmt: skip
    assert (card["arrangement"], card["village_name"], card["class_name"]) == ("grandparents", "桥口村", "（1）班")
    assert [one["away"] for one in card["contacts"]] == [False, True, True]


def test_of_the_rest_of_the_school_only_counts_are_kept(house: House):
    house.import_roster(MIXED)
    (klass,) = [one for one in house.ask("classes", {"school": house.school})["items"] if one["klass"] == house.klass]
    assert (klass["pupils"], klass["left_behind"], klass["children"]) == (12, 7, 3)
    assert len(house.ask("children", {"limit": 200})["items"]) == 3
    figures = house.ask("figures", {"by": "school"})
    assert (figures["children"], figures["pupils"], figures["left_behind"]) == (3, 12, 7)


def test_the_same_file_again_changes_nothing_and_says_so(house: House):
    first = house.import_roster(MIXED)
    children = house.ask("children")["items"]
    with house.database.read() as tx:
        before = tx.exec_driver_sql("SELECT count(*) FROM events WHERE type NOT LIKE 'registry.roster_%%'").scalar()
    again = house.import_roster(MIXED)
    assert (again["registered"], again["updated"], again["unchanged"]) == (0, 0, 3)
    assert again["seen"]["roster"] == first["id"]
    assert house.ask("children")["items"] == children
    with house.database.read() as tx:
        after = tx.exec_driver_sql("SELECT count(*) FROM events WHERE type NOT LIKE 'registry.roster_%%'").scalar()
    assert after == before
    assert preview(house, MIXED)["counts"]["known"] == 3


def test_an_import_goes_on_from_the_last_finished_chunk(test_database: TestDatabase, tmp_path: Path, clock: FixedClock):
    house = open_house(test_database, tmp_path, clock)
    content = roster(*(row(number) for number in range(150)))
    begun = house.start(content)
    assert (begun["chunks"], begun["done"]) == (5, 0)
    house.ask("import_chunk", {"roster": begun["id"]})
    after_crash = another_house(test_database, tmp_path, clock)
    after_crash.staff, after_crash.school = house.staff, house.school
    again = after_crash.start(content)
    assert (again["id"], again["done"], again["repeated"]) == (begun["id"], 1, True)
    for _ in range(6):
        progress = after_crash.ask("import_chunk", {"roster": begun["id"]})
    assert (progress["state"], progress["registered"], progress["rows"]) == ("finished", 150, 150)
    assert len(list(house.results(begun["id"]))) == 150


def test_a_chunk_is_done_once_however_often_it_is_asked_for(house: House):
    begun = house.start(roster(*(row(number) for number in range(80))))
    one = house.ask("import_chunk", {"roster": begun["id"], "chunk": 1})
    assert house.ask("import_chunk", {"roster": begun["id"], "chunk": 1})["registered"] == one["registered"] == 36
    with pytest.raises(Refused, match=r"registry\.roster_chunk_early"):
        house.ask("import_chunk", {"roster": begun["id"], "chunk": 3})


def test_nothing_of_the_file_is_held_when_the_import_is_done_and_the_results_for_thirty_days(house: House):
    done = house.import_roster(MIXED)
    assert held(house) == 0
    house.clock.move(timedelta(days=30).total_seconds() + 1)
    TimerRunner(house.database, house.clock, dict(house.rooms.ring)).step()
    assert list(house.results(done["id"])) == []
    assert house.ask("import_progress", {"roster": done["id"]})["state"] == "finished"


def test_an_import_that_nobody_continues_is_given_up_and_its_rows_destroyed(house: House):
    begun = house.start(MIXED)
    assert held(house) == 1
    house.clock.move(timedelta(days=30).total_seconds() + 1)
    TimerRunner(house.database, house.clock, dict(house.rooms.ring)).step()
    assert (house.ask("import_progress", {"roster": begun["id"]})["state"], held(house)) == ("abandoned", 0)


def test_an_import_is_given_up_by_hand(house: House):
    begun = house.start(MIXED)
    house.ask("abandon_import", {"roster": begun["id"]})
    assert held(house) == 0
    assert house.ask("import_chunk", {"roster": begun["id"]})["state"] == "abandoned"
    assert house.ask("children")["items"] == []


def test_the_next_terms_roster_brings_the_known_children_up_to_date(house: House):
    house.import_roster(roster(*GOOD))
    moved = row(0, klass="（2）班", phone="19900009999", village="西山村", care="寄宿在校")
    done = house.import_roster(roster(moved, *GOOD[1:]))
    assert (done["updated"], done["unchanged"]) == (1, 2)
    (child,) = [one["child"] for one in house.results(done["id"]) if one["outcome"] == "updated"]
    card = house.ask("contact_card", {"child": child})
    assert (card["class_name"], card["arrangement"]) == ("四年级（2）班", "boarding")
    assert card["village"] == division_id(OTHER_VILLAGE)
    guardian = card["contacts"][0]
    assert (guardian["phone"], guardian["other_phone"], len(card["contacts"])) == ("19900009999", "19900000000", 3)


def test_a_roster_takes_nothing_away_from_what_is_known(house: House):
    child = house.child()
    house.ask("record_contact", {"child": child, "details": {"relation": "mother", "status": "dead"}})
    bare = f"唐曦,女,2016.05.03,{make_identity('439901', BORN, 7, 'female')},四年级,（1）班" + "," * 7 + ",,是,,"
    done = house.import_roster(f"{HEAD}\n{bare}".encode())
    assert done["unchanged"] == 1
    assert [one["status"] for one in house.ask("contact_card", {"child": child})["contacts"]] == [
        "living", "living", "dead",
    ]  # fmt: skip


def test_a_child_without_a_number_is_met_again_by_name_day_and_parents(house: House):
    house.import_roster(roster(row(5, identity="")))
    with_number = house.import_roster(roster(row(5)))
    assert (with_number["registered"], with_number["updated"]) == (0, 1)
    assert house.ask("child", {"child": next(house.results(with_number["id"]))["child"]})["identity_missing"] is None


def test_a_namesake_of_whom_too_little_is_known_is_left_for_a_person_to_judge(house: House):
    child = house.child(identity_number=None, identity_missing="lost", contacts=[], carer=None)
    done = house.import_roster(roster(row(7, name="唐曦", identity="")))
    (result,) = house.results(done["id"])
    assert (result["outcome"], result["problems"][-1]["code"]) == ("refused", "registry.child_looks_registered")
    assert result["problems"][-1]["facts"] == {"children": [child]}


def test_a_child_known_elsewhere_is_not_pulled_over_by_a_list(house: House):
    house.import_roster(roster(*GOOD))
    there = house.ask("open_school", {"name": "样例小学", "division": division_id("439901102"), "stages": ["primary"]})[
        "id"
    ]
    house.hire("head", "headteacher", place=there)
    done = house.import_roster(roster(*GOOD), by="head", school=there)
    assert done["refused"] == 3
    assert {one["problems"][-1]["code"] for one in house.results(done["id"], by="head")} == {"registry.child_elsewhere"}
    assert house.ask("children", by="head")["items"] == []


def test_a_teacher_imports_for_their_school_and_for_no_other(house: House):
    house.hire("teacher", "teacher", place=house.school)
    house.hire("stranger", "village_director", division=division_id(OTHER_VILLAGE))
    assert house.import_roster(roster(*GOOD), by="teacher")["registered"] == 3
    before = house.events()
    for ask in (preview, House.start):
        with pytest.raises(Refused, match="denied"):
            ask(house, MIXED, by="stranger")
    assert house.events() == before


def test_an_upload_is_its_owners(house: House):
    house.hire("teacher", "teacher", place=house.school)
    upload = house.ask("upload_roster", {"content": base64.b64encode(MIXED).decode()})["upload"]
    for door, data in (
        ("upload_roster", {"upload": upload, "content": "AAAA"}),
        ("preview_roster", {"upload": upload, "school": house.school}),
        ("start_import", {"upload": upload, "school": house.school, "legal_basis": "consent"}),
    ):
        with pytest.raises(Refused, match="not_found"):
            house.ask(door, data, by="teacher")


def test_an_import_is_shown_to_those_in_whose_reach_its_school_is(house: House):
    begun = house.start(MIXED)
    house.hire("stranger", "village_director", division=division_id(OTHER_VILLAGE))
    for door in ("import_progress", "import_result", "import_chunk"):
        with pytest.raises(Refused, match="denied"):
            house.ask(door, {"roster": begun["id"]}, by="stranger")
    assert [one["roster"] for one in house.ask("imports")["items"]] == [begun["id"]]


def test_a_large_file_comes_in_parts_and_an_incomplete_one_is_refused(house: House):
    half = len(MIXED) // 2
    parts = [base64.b64encode(one).decode() for one in (MIXED[:half], MIXED[half:])]
    upload = house.ask("upload_roster", {"content": parts[1], "part": 2, "parts": 2})["upload"]
    said = {"upload": upload, "school": house.school}
    with pytest.raises(Refused) as refused:
        house.ask("preview_roster", said)
    assert (refused.value.code, refused.value.facts) == ("registry.roster_incomplete", {"missing": [1]})
    house.ask("upload_roster", {"upload": upload, "content": parts[0], "part": 1, "parts": 2})
    assert house.ask("preview_roster", said)["counts"]["rows"] == 13


def test_an_upload_that_nobody_imports_is_forgotten_within_a_day(house: House):
    house.ask("upload_roster", {"content": base64.b64encode(MIXED).decode()})
    house.clock.move(86_401)
    house.ask("upload_roster", {"content": "AAAA"})
    assert held(house) == 1


def test_a_guessed_mapping_is_confirmed_before_anything_goes_in_and_then_remembered(house: House):
    odd = MIXED.decode("gb18030").replace("是否留守", "留守否").encode()
    (sheet,) = preview(house, odd)["sheets"]
    guess = [one for one in sheet["columns"] if 0 < one["confidence"] < 0.8]
    assert not sheet["sure"]
    assert [(one["header"], one["field"]) for one in guess] == [("留守否", "left_behind")]
    with pytest.raises(Refused) as refused:
        house.start(odd)
    assert (refused.value.code, refused.value.facts["key"]) == ("registry.mapping_unconfirmed", sheet["key"])
    mapping = {one["number"]: one["field"] for one in sheet["columns"] if one["field"]}
    house.ask("confirm_mapping", {"key": sheet["key"], "mapping": mapping})
    assert preview(house, odd)["sheets"][0]["confirmed"]
    assert house.import_roster(odd)["registered"] == 3


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({1: "born"}, "registry.roster_mapping_name"),
        ({1: "name", 2: "shoe_size"}, "registry.roster_mapping_field"),
        ({1: "name", 2: "born", 3: "born"}, "registry.roster_mapping_twice"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(house: House, mapping: dict[int, str], code: str):
    with pytest.raises(Refused) as refused:
        house.ask("confirm_mapping", {"key": "0" * 32, "mapping": mapping})
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [(b" ", "registry.roster_empty"), (b"%PDF-1.7 ...", "registry.roster_not_a_spreadsheet")],
)
def test_what_is_no_roster_is_refused_by_name_and_starts_nothing(house: House, content: bytes, code: str):
    before = house.events()
    for ask in (preview, House.start):
        with pytest.raises(Refused) as refused:
            ask(house, content)
        assert refused.value.code == code
    assert house.events() == before


def test_a_county_file_names_its_schools(house: House):
    lines = [f"学校,{HEAD}", f"示范镇中心学校,{row(1)}", f"没有的学校,{row(2)}"]
    done = house.import_roster("\n".join(lines).encode(), school=None)
    assert (done["registered"], done["refused"]) == (1, 1)
    wrong = [one for one in house.results(done["id"]) if one["outcome"] == "refused"]
    assert [(one["row"], one["problems"][0]["code"]) for one in wrong] == [(3, "roster.school_unknown")]


def test_a_child_of_an_unknown_village_is_in_the_schools_division_until_somebody_knows(house: House):
    done = house.import_roster(roster(row(1, village="无名村"), row(2)))
    unknown, known = house.results(done["id"])
    assert [one["code"] for one in unknown["problems"]] == ["roster.village_unknown"]
    assert house.ask("child", {"child": unknown["child"]})["village_name"] == "示范镇"
    assert house.ask("child", {"child": known["child"]})["village"] == division_id(VILLAGE)


def test_a_spreadsheet_goes_the_same_way_as_text(house: House):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("四年级")
        lines = csv.reader(MIXED.decode("gb18030").splitlines())
        for number, cells in enumerate(lines):
            sheet.write_row(number, 0, cells)
    done = house.import_roster(target.getvalue())
    assert (done["registered"], done["counted"], done["duplicate"], done["refused"]) == (3, 5, 1, 4)
