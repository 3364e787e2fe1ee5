"""Alerts that climb, and people who act at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from services.alerts import views as v
from shared.eventstore import tables as t
from tests.integration.alerts.house import CHILD, GRANDMOTHER, KLASS, SECOND, THIRD, TODAY, House, Refused


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What came of each, begun at the same moment."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return act()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_an_alert_climbs_step_by_step_and_then_rings_again_and_again(house: House):
    house.raise_alert()
    seen = []
    for _ in range(5):
        (row,) = house.board()
        seen.append((row["step"], row["step_role"], row["next_role"]))
        house.clock.move(9 * 60)
        assert house.ring() == 0
        house.clock.move(61)
        assert house.ring() == 1
        assert house.ring() == 0
    assert seen == [
        (1, "duty_officer", "duty_leader"),
        (2, "duty_leader", "county_admin"),
        (3, "county_admin", "county_admin"),
        (3, "county_admin", "county_admin"),
        (3, "county_admin", "county_admin"),
    ]


def test_an_acknowledged_alert_climbs_when_it_is_not_resolved_and_each_call_gives_time(house: House):
    alert = house.raise_alert()
    house.ask("acknowledge_alert", {"alert": alert})
    house.clock.move(50 * 60)
    house.ask("record_contact_attempt", {"alert": alert, "contact": GRANDMOTHER, "result": "no_answer"})
    house.clock.move(50 * 60)
    assert house.ring() == 0
    house.clock.move(11 * 60)
    assert house.ring() == 1
    (row,) = house.board()
    assert (row["state"], row["step"], row["acknowledged_by"]) == ("raised", 2, None)
    house.ask("acknowledge_alert", {"alert": alert}, by="leader")


def test_an_alert_has_one_timer_until_it_is_resolved(house: House):
    def timers() -> int:
        with house.rooms.database.read() as tx:
            return int(tx.execute(select(func.count()).select_from(t.timers)).scalar() or 0)

    alert = house.raise_alert()
    house.ask("acknowledge_alert", {"alert": alert})
    assert timers() == 1
    house.ask("resolve_alert", {"alert": alert, "outcome": "found_safe"})
    assert timers() == 0


def test_of_many_who_raise_at_once_one_raises_and_the_others_attach(house: House):
    many = 6
    said = {"child": CHILD, "kind": "missing", "note": "没有看见"}
    answers = at_once([lambda: house.send("raise_alert", said, by="teacher") for _ in range(many)])
    assert not [one for one in answers if isinstance(one, Refused)]
    assert len({one["id"] for one in answers}) == 1
    (row,) = house.board()
    assert len(house.ask("alert", {"alert": row["alert"]})["signals"]) == many - 1


def test_the_database_itself_refuses_a_second_open_alert(house: House):
    house.raise_alert()
    second = insert(v.open_alerts).values(alert=SECOND, child=CHILD, kind="missing")
    with pytest.raises(IntegrityError), house.rooms.database.begin() as tx:
        tx.execute(second)


def test_roll_calls_and_alerts_of_one_moment_come_together(house: House):
    marks = [{"child": one, "state": "absent"} for one in (CHILD, SECOND, THIRD)]
    roll = {"klass": KLASS, "day": TODAY.isoformat(), "session": "morning", "marks": marks}
    night = {**roll, "session": "night", "marks": marks[::-1]}
    raised = {"child": SECOND, "kind": "absence"}
    answers = at_once(
        [
            lambda: house.send("take_roll_call", roll, by="teacher"),
            lambda: house.send("take_roll_call", night, by="teacher"),
            lambda: house.send("raise_alert", raised, by="officer"),
        ]
    )
    assert not [one for one in answers if isinstance(one, Refused)]
    assert sorted(one["child"] for one in house.board()) == sorted((CHILD, SECOND, THIRD))


def test_of_two_who_acknowledge_at_once_one_has_it_and_the_other_hears_who(house: House):
    for child in (CHILD, SECOND, THIRD):
        alert = house.raise_alert(child)
        answers = at_once(
            [
                lambda by=by, alert=alert: house.send("acknowledge_alert", {"alert": alert}, by, expected_version=1)
                for by in ("officer", "leader")
            ]
        )
        (late,) = [one for one in answers if isinstance(one, Refused)]
        assert late.code == "alerts.already_acknowledged"
        row = house.ask("alert", {"alert": alert})
        assert (late.facts["by"], late.facts["by_name"]) == (row["acknowledged_by"], row["acknowledged_by_name"])
