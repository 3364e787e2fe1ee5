"""Notes are sealed; a confidential one is opened for its author and its counsellor, and that is recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.casework.house import CHILD, House, Refused, named

SECRET = "孩子说夜里害怕"


@pytest.fixture
def case(house: House) -> str:
    opened = house.open()
    house.ask("add_note", {"case": opened, "note_class": "ordinary", "text": "已家访"}, by="supervisor")
    house.ask("add_note", {"case": opened, "note_class": "confidential", "text": SECRET})
    return opened


def texts(answer: Any) -> list[tuple[str | None, bool]]:
    return [(one["text"], one["withheld"]) for one in answer["notes"]]


OPEN, WITHHELD = [("已家访", False), (SECRET, False)], [("已家访", False), (None, True)]


def test_a_confidential_note_is_opened_for_its_author(house: House, case: str):
    assert texts(house.case(case)) == OPEN


def test_a_confidential_note_is_withheld_from_who_only_sees_the_case(house: House, case: str):
    assert texts(house.case(case, by="supervisor")) == WITHHELD


def test_where_no_counsellor_is_assigned_any_within_reach_reads(house: House, case: str):
    assert texts(house.case(case, by="other counsellor")) == OPEN
    with pytest.raises(Refused) as refused:
        house.case(case, by="far counsellor")
    assert refused.value.code == "denied"


def test_where_a_counsellor_is_assigned_no_other_reads(house: House, case: str):
    house.ask("assign_counsellor", {"case": case, "staff": named("counsellor")}, by="supervisor")
    assert texts(house.case(case, by="counsellor")) == OPEN
    assert texts(house.case(case, by="other counsellor")) == WITHHELD


def test_who_counsels_but_acts_in_another_role_does_not_read(house: House, case: str):
    house.ask("assign_counsellor", {"case": case, "staff": named("counsellor")}, by="supervisor")
    house.grant("counsellor", "duty_officer")
    assert texts(house.case(case, by="counsellor")) == WITHHELD


def test_a_reading_of_confidential_notes_is_recorded_once_in_a_quarter_of_an_hour(house: House, case: str):
    house.case(case, by="counsellor")
    house.case(case, by="counsellor")
    reads = [json.loads(one) for one in house.log() if "casework.records_read" in one]
    assert [(one["actor"]["id"], one["persons"]) for one in reads] == [(named("counsellor"), [CHILD])]
    house.clock.move(16 * 60)
    house.case(case, by="counsellor")
    assert house.types().count("casework.records_read") == 2


def test_who_is_shown_nothing_confidential_has_read_nothing(house: House, case: str):
    house.case(case, by="supervisor")
    assert "casework.records_read" not in house.types()


def test_no_word_of_a_note_lies_in_the_log_or_in_a_view(house: House, case: str):
    house.ask("close_case", {"case": case, "reason": "other", "text": "父母返乡"}, by="supervisor")
    log = "\n".join(house.log())
    assert all(word not in log for word in (SECRET, "已家访", "父母返乡"))
    with house.rooms.database.read() as tx:
        rows = tx.exec_driver_sql("SELECT * FROM casework_cases").all()
    assert SECRET not in str(rows)


def test_a_note_names_its_author_and_the_role_acted_in(house: House, case: str):
    note = house.case(case)["notes"][0]
    assert (note["by"], note["by_name"], note["role"]) == (named("supervisor"), "职工supervisor", "supervisor")


def test_a_closed_case_refuses_new_notes(house: House, case: str):
    house.ask("close_case", {"case": case, "reason": "goals_met"}, by="supervisor")
    with pytest.raises(Refused) as refused:
        house.ask("add_note", {"case": case, "note_class": "ordinary", "text": "再访"})
    assert refused.value.code == "casework.case_closed"


def test_who_only_sees_cases_adds_no_notes(house: House, case: str):
    house.hire("officer", "duty_officer")
    with pytest.raises(Refused) as refused:
        house.ask("add_note", {"case": case, "note_class": "ordinary", "text": "再访"}, by="officer")
    assert refused.value.code == "denied"
