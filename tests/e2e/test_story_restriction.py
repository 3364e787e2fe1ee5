"""Story 8, where something stands against it: the person is closed, read by two together, and freed again by two."""

from __future__ import annotations

import json

from tests.e2e.conftest import County
from tests.e2e.crew import SERVICES, WITHIN
from tests.e2e.erasing import erased, found, refusal_of
from tests.e2e.test_rebuilt import rebuilt
from tests.infrastructure.waiting import eventually


def test_what_stands_against_it_closes_the_person_instead(county: County) -> None:
    crew = county.crew
    said = {**crew.a_child(84), "name": "闭丝雀", "address": "示范镇闭门巷一号"}
    child = crew.child(84, name=said["name"], address=said["address"])
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    crew.roll_call(child, session="night")
    crew.alert_of(child)

    erasure = erased(crew, child)

    shown = crew.ask("auditor", "registry", "erasure", {"erasure": erasure})
    reasons = {one["service"]: one["reasons"] for one in shown["answers"]}
    assert (shown["state"], "open_alert" in reasons["alerts"]) == ("restricted", True)
    closed = crew.ask("supervisor", "registry", "contact_card", {"child": child})
    assert (closed["name"], closed["address"], [one["name"] for one in closed["contacts"]]) == (None, None, [None] * 2)
    card = crew.ask("duty_officer", "alerts", "contact_card", {"child": child})
    assert said["name"] not in json.dumps(card, ensure_ascii=False)
    for service in SERVICES:
        assert found(county, service, [said["name"], said["address"]]) <= {f"{service}.sqlite", f"{service}.sqlite-wal"}
        rebuilt(crew, service, False, "equal")
    correction = {"child": child, "name": "又来"}
    assert refusal_of(crew, "supervisor", "correct_child", correction) == "registry.person_restricted"
    assert crew.ask("auditor", "registry", "log_verify")["findings"] == []


def test_two_people_together_read_in_every_service_what_is_restricted_and_it_can_be_lifted(county: County) -> None:
    crew = county.crew
    name, note, learnt = "双丝雀", "两人才读得到的话", "两人才读得到的起因"
    child = crew.child(86, name=name)
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    case = str(crew.heard("supervisor", "casework", "open_case", {"child": child, "why": learnt})["id"])
    crew.ask("supervisor", "casework", "add_note", {"case": case, "note_class": "ordinary", "text": note})
    erasure = erased(crew, child)

    def read(who: str) -> list[str | None]:
        shown = crew.ask(who, "casework", "case", {"case": case})
        return [shown["why"], *(one["text"] for one in shown["notes"])]

    assert read("supervisor") == [None, None]
    asked = {"child": child, "reason": "court_order", "minutes": 30}
    opening = crew.heard("supervisor", "registry", "ask_to_open", asked)["id"]
    assert refusal_of(crew, "supervisor", "approve_opening", {"opening": opening}) == "denied"
    crew.ask("county_admin", "registry", "approve_opening", {"opening": opening})
    for who in ("supervisor", "county_admin"):
        eventually(lambda w=who: read(w) == [learnt, note] or None, within=WITHIN, what="casework hears of the opening")
        assert crew.ask(who, "registry", "contact_card", {"child": child})["name"] == name
    assert read("duty_officer") == [None, None]
    crew.ask("supervisor", "registry", "close_opening", {"opening": opening})
    eventually(lambda: read("supervisor") == [None, None] or None, within=WITHIN, what="casework closes it")
    entries = [json.loads(one) for one in county.entries("casework")]
    assert [one["actor"]["role"] for one in entries if one["type"] == "log.restricted_read"] != []

    crew.ask("supervisor", "registry", "ask_to_lift", {"erasure": erasure, "reason": "care_needed"})
    crew.ask("county_admin", "registry", "approve_lifting", {"erasure": erasure})
    eventually(
        lambda: crew.ask("supervisor", "casework", "case", {"case": case})["child_name"] == name or None,
        within=WITHIN,
        what="the views of casework are filled again",
    )
    eventually(
        lambda: crew.ask("duty_officer", "alerts", "contact_card", {"child": child})["name"] == name or None,
        within=WITHIN,
        what="the card of alerts is filled again",
    )
    assert crew.ask("supervisor", "registry", "contact_card", {"child": child})["name"] == name
    assert read("supervisor") == [learnt, note]
    for service in SERVICES:
        rebuilt(crew, service, False, "equal")


def test_what_comes_up_between_asking_and_approving_closes_the_person_instead(county: County) -> None:
    crew = county.crew
    child = crew.child(87)
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    asked = crew.heard("supervisor", "registry", "request_erasure", {"person": child, "grounds": "family_asked"})
    erasure = str(asked["id"])
    eventually(
        lambda: not crew.ask("county_admin", "registry", "erasure", {"erasure": erasure})["waiting"] or None,
        within=WITHIN,
        what="every service's first answer",
    )
    assert crew.ask("auditor", "registry", "erasure", {"erasure": erasure})["answers"] != []
    crew.heard("supervisor", "casework", "open_case", {"child": child})

    crew.ask("county_admin", "registry", "approve_erasure", {"erasure": erasure})

    shown = eventually(
        lambda: done if (done := crew.ask("auditor", "registry", "erasure", {"erasure": erasure}))["carried"] else None,
        within=WITHIN,
        what="the decision",
    )
    reasons = {one["service"]: one["reasons"] for one in shown["answers"]}
    assert (shown["state"], reasons["casework"]) == ("restricted", ["open_case"])


def test_whoever_asked_does_not_approve(county: County) -> None:
    crew = county.crew
    child = crew.child(85)
    asked = {"person": child, "grounds": "purpose_ended"}
    erasure = crew.heard("county_admin", "registry", "request_erasure", asked)["id"]
    assert refusal_of(crew, "county_admin", "approve_erasure", {"erasure": erasure}) == "registry.erasure_needs_another"
    assert refusal_of(crew, "teacher", "request_erasure", asked) == "denied"
    assert refusal_of(crew, "supervisor", "request_erasure", {"person": "nobody", "grounds": "?"}) == "invalid"
    crew.ask("county_admin", "registry", "withdraw_erasure", {"erasure": erasure})
