"""What holds of registry's history as a whole: sealed, rebuilt into the same rows, never doubled."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, delete, func, inspect, select

from services.registry.domain.places import division_id
from services.registry.views import tables as t
from shared.eventstore.projecting import apply_all
from shared.kernel.clock import FixedClock
from shared.testing.rooms import place_pending
from tests.infrastructure.database import TestDatabase
from tests.integration.registry.house import OTHER_VILLAGE, House, Refused, another_house, open_house, roster, row

PERSONAL = (
    "唐曦",
    "杜秀",
    "唐海",
    "19900000191",
    "19900001031",
    "桥口村5组",
    "演示市建筑公司",
    "体弱",
    "439901201605",
    "2016-05-03",
)
ROSTER = roster(row(1), row(2, identity="", care="独自生活"), row(3, left_behind="否"))


def lived_in(house: House) -> None:
    """Let a good deal happen, and start an import that waits."""
    person = house.hire("director", "village_director", division=division_id(OTHER_VILLAGE))
    child = house.child()
    house.ask("contact_card", {"child": child})
    details = {"relation": "mother", "name": "丁浩", "phone": "19900002006"}
    house.ask("record_contact", {"child": child, "details": details, "order": 1})
    house.ask("correct_child", {"child": child, "name": "唐熙"})
    house.ask("arrange_care", {"child": child, "arrangement": "alone", "since": "2026-09-01"})
    house.ask("move_child", {"child": child, "village": division_id(OTHER_VILLAGE)})
    house.ask("name_responsible", {"child": child, "staff": person})
    house.import_roster(ROSTER)
    house.ask("record_departure", {"child": child, "reason": "parents_returned"})
    house.ask("record_return", {"child": child})
    house.start(roster(row(0, name="唐曦", phone="19900000191")))


def cells(value: Any) -> Iterable[str]:
    """A value as text: whatever somebody with the database in hand could read."""
    if isinstance(value, (bytes, memoryview)):
        yield bytes(value).decode("utf-8", "replace")
        yield bytes(value).decode("gb18030", "replace")
    elif value is not None:
        yield str(value)


def test_outside_the_views_nobody_can_read_whom_it_is_about(house: House):
    lived_in(house)
    views = {table.name for metadata in house.rooms.views() for table in metadata.sorted_tables}
    read = set()
    with house.database.read() as tx:
        found = MetaData()
        found.reflect(tx, only=[name for name in inspect(tx).get_table_names() if name not in views])
        for table in found.sorted_tables:
            for record in tx.execute(select(table)):
                read.add(table.name)
                text = "\n".join(word for value in record for word in cells(value))
                assert not [one for one in PERSONAL if one in text], table.name
    assert {"events", "vault_parts", "vault_keys", "commands", "registry_held", "timers"} <= read


def test_views_hold_no_address_no_employer_no_health_and_no_identity_number(house: House):
    lived_in(house)
    with house.database.read() as tx:
        for table in t.metadata.sorted_tables:
            for record in tx.execute(select(table)):
                text = "\n".join(word for value in record for word in cells(value))
                assert not [one for one in ("桥口村5组", "演示市建筑公司", "体弱", "439901201605") if one in text]


def contents(house: House) -> dict[str, list[Any]]:
    with house.database.read() as tx:
        return {table.name: sorted(map(tuple, tx.execute(select(table))), key=repr) for table in _tables(house)}


def _tables(house: House) -> list[Table]:
    from shared.eventstore import tables as store

    return [*(table for metadata in house.rooms.views() for table in metadata.sorted_tables), store.timers]


def test_views_and_timers_are_rebuilt_from_the_log_into_the_same_rows(house: House):
    lived_in(house)
    before = contents(house)
    assert all(before[name] for name in ("registry_children", "registry_risks", "registry_identity_marks", "timers"))
    place_pending(house.rooms)
    base = house.rooms.base
    with house.database.begin() as tx:
        for table in _tables(house):
            tx.execute(delete(table))
        after = -1
        while rows := base.store.log(tx, after=after):
            apply_all(base.own, tx, base.store.open(tx, rows))
            after = rows[-1].position
    assert contents(house) == before


def test_two_imports_of_the_same_children_at_the_same_moment_register_each_once(
    test_database: TestDatabase, tmp_path: Path, clock: FixedClock
):
    house = open_house(test_database, tmp_path, clock)
    house.hire("teacher", "teacher", place=house.school)
    lines = [row(number) for number in range(30)]
    begun = [house.start(roster(*lines), "admin")["id"], house.start(roster(*lines, row(31)), "teacher")["id"]]
    others = [another_house(test_database, tmp_path, clock) for _ in begun]
    trouble: list[BaseException] = []
    gate = threading.Barrier(2)

    def run(other: House, importing: str, by: str) -> None:
        other.staff, other.school = house.staff, house.school
        try:
            gate.wait()
            other.ask("import_chunk", {"roster": importing}, by=by)
        except BaseException as error:  # noqa: BLE001 - the test shows it
            trouble.append(error)

    threads = [
        threading.Thread(target=run, args=(other, importing, by))
        for other, importing, by in zip(others, begun, ("admin", "teacher"), strict=True)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert trouble == []
    with house.database.read() as tx:
        assert tx.execute(select(func.count()).select_from(t.children)).scalar() == 31
    done = [
        house.ask("import_progress", {"roster": one}, by=by)
        for one, by in zip(begun, ("admin", "teacher"), strict=True)
    ]
    assert sum(one["registered"] for one in done) == 31
    assert sum(one["unchanged"] for one in done) == 30


@pytest.mark.parametrize("changed", ["another", "same"])
def test_two_people_who_register_one_child_at_the_same_moment_register_it_once(
    test_database: TestDatabase, tmp_path: Path, clock: FixedClock, changed: str
):
    house = open_house(test_database, tmp_path, clock)
    others = [another_house(test_database, tmp_path, clock) for _ in range(3)]
    answers: list[str] = []
    gate = threading.Barrier(len(others))

    def run(number: int, other: House) -> None:
        other.staff, other.school, other.klass = house.staff, house.school, house.klass
        gate.wait()
        try:
            answers.append(other.child(name="唐曦" if changed == "same" else f"唐{'曦熙洋'[number]}"))
        except Refused as refused:
            answers.append(refused.code)

    threads = [threading.Thread(target=run, args=one) for one in enumerate(others)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one for one in answers if one.startswith("registry")) == ["registry.identity_number_taken"] * 2
    assert len(house.ask("children")["items"]) == 1
