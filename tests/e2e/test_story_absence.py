"""Story 2: a child is absent, the alert climbs until somebody acts, and the case shows how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.kernel.refusals import Refusal
from tests.e2e.conftest import County
from tests.e2e.crew import WITHIN, Crew
from tests.infrastructure.waiting import eventually


def absent_child(crew: Crew, number: int, session: str) -> str:
    child = crew.child(number)
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    crew.roll_call(child, session=session)
    return child


def test_an_absence_reaches_the_duty_officer_with_the_contact_card(crew: Crew) -> None:
    child = absent_child(crew, 1, "morning")

    alert = crew.alert_of(child)
    card = eventually(
        lambda: (found := crew.ask("duty_officer", "alerts", "contact_card", {"child": child}))["contacts"] and found,
        within=WITHIN,
    )

    assert (alert["kind"], alert["state"], alert["step_role"]) == ("absence", "raised", "duty_officer")
    assert card["name"] == crew.a_child(1)["name"]
    assert [one["phone"] for one in card["contacts"]] == [one["phone"] for one in crew.a_child(1)["contacts"]]


def test_an_alert_that_nobody_takes_climbs_and_is_seen_to_its_end(county: County) -> None:
    crew = county.crew
    child = absent_child(crew, 2, "afternoon")
    alert = crew.alert_of(child)["alert"]

    def climbed_to(role: str) -> dict[str, object]:
        seen = crew.alert_of(child)
        wait = datetime.fromisoformat(seen["next_at"]) - crew.clock.now() + timedelta(seconds=5)
        county.clock.move(seconds=max(0.0, wait.total_seconds()))
        return eventually(
            lambda: (seen := crew.alert_of(child))["step_role"] == role and seen, within=WITHIN, what=f"step {role}"
        )

    assert climbed_to("duty_leader")["state"] == "raised"
    assert climbed_to("county_admin")["state"] == "raised"

    crew.ask("duty_leader", "alerts", "acknowledge_alert", {"alert": alert})
    with pytest.raises(Refusal) as second:
        crew.ask("duty_officer", "alerts", "acknowledge_alert", {"alert": alert})
    assert second.value.code == "alerts.already_acknowledged"
    assert second.value.facts["by"] == crew.staff["duty_leader"]

    contacts = crew.ask("duty_leader", "alerts", "contact_card", {"child": child})["contacts"]
    for contact, result in zip(contacts, ("no_answer", "reached"), strict=True):
        data = {"alert": alert, "contact": contact["contact"], "result": result}
        crew.ask("duty_leader", "alerts", "record_contact_attempt", data)
    crew.ask("duty_leader", "alerts", "resolve_alert", {"alert": alert, "outcome": "found_safe"})

    ended = crew.ask("duty_leader", "alerts", "alert", {"alert": alert})
    assert (ended["state"], ended["outcome"]) == ("resolved", "found_safe")
    assert [(one["contact"], one["result"]) for one in ended["attempts"]] == [
        (contacts[0]["contact"], "no_answer"),
        (contacts[1]["contact"], "reached"),
    ]
    assert crew.on_board(child) is None

    def shown() -> bool:
        case = crew.case_of(child)
        return case is not None and (case["alert"], case["alert_outcome"]) == (alert, "found_safe")

    eventually(shown, within=WITHIN, what="the outcome on the case")


def test_a_roll_call_that_is_taken_again_raises_no_second_alert(crew: Crew) -> None:
    child = absent_child(crew, 3, "night")
    first = crew.alert_of(child)["alert"]

    crew.roll_call(child, session="night")

    alerts = [one["alert"] for one in crew.pages("duty_officer", "alerts", "board", {}) if one["child"] == child]
    assert alerts == [first]
