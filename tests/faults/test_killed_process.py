"""The process of the embedded system is killed after every step of a story and started again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from shared.hosting.clients import OutcomeUnknown, ServiceUnavailable, SocketClient
from tests.e2e.crew import SERVICES, WITHIN
from tests.e2e.rosters import ALONE, LEFT_BEHIND, WRONG, school_roster
from tests.faults.house import House
from tests.infrastructure.waiting import eventually

pytestmark = pytest.mark.faults
KILLS = 3


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    running = House(tmp_path)
    try:
        yield running.start()
    finally:
        running.end()


def test_a_story_that_is_cut_after_every_step_loses_nothing_and_doubles_nothing(house: House) -> None:
    crew = house.crew
    crew.settle()
    child = house.survives("county_admin", "registry", "register_child", crew.a_child(1))["id"]
    marks = [{"child": child, "state": "absent"}]
    taken = {"klass": crew.places["klass"], "day": crew.today.isoformat(), "session": "morning", "marks": marks}
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    house.survives("teacher", "alerts", "take_roll_call", taken)
    alert = crew.alert_of(child)["alert"]
    house.survives("duty_officer", "alerts", "acknowledge_alert", {"alert": alert})
    contacts = crew.ask("duty_officer", "alerts", "contact_card", {"child": child})["contacts"]
    attempt = {"alert": alert, "contact": contacts[0]["contact"], "result": "reached"}
    house.survives("duty_officer", "alerts", "record_contact_attempt", attempt)
    house.survives("duty_officer", "alerts", "resolve_alert", {"alert": alert, "outcome": "found_safe"})

    fund = house.survives("funding_officer", "funding", "open_fund", {"name": "春苗", "purpose": "寄宿费"})["id"]
    gift = {"fund": fund, "amount": 100_000, "source": "collection", "received_on": crew.today.isoformat()}
    house.survives("funding_officer", "funding", "record_donation", gift)
    wanted = {"child": child, "fund": fund, "amount": 60_000, "reason": "缺寄宿费"}
    application = house.survives("funding_officer", "funding", "draft_application", wanted)["id"]
    house.survives("funding_officer", "funding", "submit_application", {"application": application})
    house.survives("funding_approver", "funding", "approve_application", {"application": application})
    paid = {"application": application, "method": "cash", "paid_on": crew.today.isoformat()}
    house.survives("cashier", "funding", "pay_application", paid)

    def outcome_on_the_case() -> bool:
        cases = crew.ask("supervisor", "casework", "cases", {"child": child})["items"]
        return [(one["alert"], one["alert_outcome"]) for one in cases] == [(alert, "found_safe")]

    eventually(outcome_on_the_case, within=WITHIN, what="one case, with the outcome")
    ended = crew.ask("duty_officer", "alerts", "alert", {"alert": alert})
    assert (ended["state"], [one["result"] for one in ended["attempts"]]) == ("resolved", ["reached"])
    resolved = crew.ask("duty_officer", "alerts", "board", {"state": "resolved"})["items"]
    assert [one["alert"] for one in resolved if one["child"] == child] == [alert]
    found = crew.ask("accountant", "funding", "fund", {"fund": fund})
    assert (found["received"], found["available"], found["set_aside"], found["paid"]) == (100_000, 40_000, 0, 60_000)
    for service in SERVICES:
        assert crew.ask("auditor", service, "log_verify")["findings"] == []


def test_an_import_that_is_killed_in_the_middle_goes_on_where_it_stopped(house: House) -> None:
    crew = house.crew
    crew.settle()
    school = crew.school("示范镇第一学校")
    started = crew.started_import(school_roster("示范镇第一学校"), school, "county_admin")
    progress, killed = started, 0
    while progress["state"] == "running":
        command, asked = crew.new_id(), {"roster": started["roster"]}
        if killed < KILLS:
            _cut_off(house, command, asked)
            killed += 1
        progress = crew.ask("county_admin", "registry", "import_chunk", asked, command=command)

    assert killed == KILLS
    assert (progress["registered"], progress["refused"]) == (LEFT_BEHIND - WRONG, WRONG)
    children = [one["child"] for one in crew.pages("county_admin", "registry", "children", {"school": school})]
    assert len(children) == len(set(children)) == LEFT_BEHIND - WRONG

    def cases() -> int:
        alone = {"school": school, "risk": "living_alone"}
        at_risk = [one["child"] for one in crew.pages("county_admin", "registry", "children", alone)]
        return sum(len(crew.ask("supervisor", "casework", "cases", {"child": one})["items"]) for one in at_risk)

    eventually(lambda: cases() == ALONE, within=WITHIN, what="one case for each child who lives alone")


def _cut_off(house: House, command: str, asked: dict[str, Any]) -> None:
    """Kill the process while it is at work on a chunk, wherever in it that is, and start it again."""
    token = house.crew.token("county_admin")

    def ask() -> None:
        with closing(SocketClient(house.settings.data, house.clock)) as client:
            with suppress(ServiceUnavailable, OutcomeUnknown):
                client.call("registry", "import_chunk", asked, token=token, command_id=command)

    before = house.last_written()
    under_way = threading.Thread(target=ask)
    under_way.start()
    # The chunk's transaction has begun to reach the disk, or it has just been answered.
    eventually(lambda: house.last_written() > before or not under_way.is_alive(), within=10, every=0.001)
    house.kill()
    under_way.join()
    house.start()
