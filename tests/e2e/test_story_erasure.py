"""Story 8: a family asks for erasure. Nothing readable is left of the child, and every earlier proof still holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from sqlalchemy import create_engine, inspect

from shared.cli.exporting import ServedLog
from shared.cli.reach import Reach
from shared.config.settings import Settings
from shared.kernel.refusals import Refusal
from shared.ledger.export import verify_export, write_export
from tests.e2e.conftest import County
from tests.e2e.crew import SERVICES, WITHIN, Crew
from tests.e2e.test_rebuilt import rebuilt
from tests.infrastructure.waiting import eventually

NOTE, REASON = "金丝雀写在笔记里的话", "金丝雀写在申请里的话"
CANARIES = {
    "name": "梵丝雀",
    "address": "示范镇丝雀巷七号",
    "contacts": [
        {"relation": "grandmother", "name": "鸢丝雀", "phone": "15500001234", "occupation": "养雀人"},
        {"relation": "father", "name": "梵丝鹊", "phone": "15500004321", "away": True, "employer": "丝雀制衣厂"},
    ],
}


def words(said: dict[str, Any]) -> list[str]:
    """What was said of the child, as careless code would have written it."""
    plain = [said["name"], said["identity_number"], said["address"], NOTE, REASON]
    plain += [value for one in said["contacts"] for key, value in one.items() if key not in ("relation", "away")]
    return plain + [json.dumps(one)[1:-1] for one in plain if not one.isascii()]


def found(county: County, service: str, canaries: list[str]) -> set[str]:
    """Where any of the words stands in a service's database: every cell of every table, and the bytes of its files."""
    hits: set[str] = set()
    engine = create_engine(county._database(service))
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                text = "\x1f".join(_text(cell) for cell in row)
                hits |= {table for word in canaries if word in text}
    engine.dispose()
    if county.system.host is not None:
        for file in sorted((county.folder / "data").glob(f"{service}.sqlite*")):
            content = file.read_bytes()
            hits |= {file.name for word in canaries if word.encode() in content}
    return hits


def _text(cell: object) -> str:
    if isinstance(cell, (bytes, memoryview)):
        return bytes(cell).decode("utf-8", "replace")
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, (dict, list)) else str(cell)


@pytest.fixture(scope="module")
def told(county: County) -> tuple[County, str, list[str]]:
    """A child of whom every service was told something, and with whom everything is over."""
    crew = county.crew
    said = {**crew.a_child(83), **CANARIES}
    child = crew.child(83, **CANARIES)
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    fund = crew.ask("funding_officer", "funding", "open_fund", {"name": "丝线基金", "purpose": "助学"})["id"]
    wanted = {"child": child, "fund": fund, "amount": 100, "reason": REASON}
    application = crew.heard("funding_officer", "funding", "draft_application", wanted)["id"]
    crew.ask("funding_officer", "funding", "withdraw_application", {"application": application})
    return county, child, words(said)


def test_a_person_is_erased_everywhere(told: tuple[County, str, list[str]]) -> None:
    county, child, canaries = told
    crew = county.crew
    assert "registry_children" in found(county, "registry", canaries), "a search that finds nothing proves nothing"
    assert "alerts_contacts" in found(county, "alerts", canaries)
    assert "casework_children" in found(county, "casework", canaries)
    assert "funding_children" in found(county, "funding", canaries)
    before = {service: crew.ask("auditor", service, "log_verify") for service in SERVICES}
    notes = {service: crew.ask("auditor", service, "checkpoint")["note"] for service in SERVICES}

    erasure = erased(crew, child)

    for service in SERVICES:
        eventually(
            lambda s=service: not found(county, s, canaries) or None, within=WITHIN, what=f"nothing left in {service}"
        )
        after = crew.ask("auditor", service, "log_verify")
        assert (after["outcome"], after["findings"]) == ("whole", []), after
        assert after["size"] > before[service]["size"]
        held = crew.ask("auditor", service, "log_compare", {"notes": [notes[service]]})
        assert held["findings"] == [], "what was signed before holds after"
    assert [one for one in canaries if one in county.lines()] == []
    shown = crew.ask("auditor", "registry", "erasure", {"erasure": erasure})
    assert (shown["state"], shown["waiting"]) == ("erased", [])


def test_an_export_after_it_is_whole_and_holds_nothing_of_the_person(
    told: tuple[County, str, list[str]], tmp_path: Path
) -> None:
    county, _, canaries = told
    environment = {"SHOUWANG_ENVIRONMENT": "test", "SHOUWANG_KEYS": str(county.system.keys)}
    settings = Settings.from_environment(environment, None)
    reach = Reach(client=county.system.client, clock=county.system.clock, settings=settings, how="test")
    logs = {service: ServedLog(reach, service) for service in SERVICES}
    write_export(tmp_path / "export", logs, schemas={one: log.ask("log_schemas")["items"] for one, log in logs.items()})
    assert (report := verify_export(tmp_path / "export")).exit_code == 0, report.findings
    content = b"".join(one.read_bytes() for one in sorted((tmp_path / "export").rglob("*")) if one.is_file())
    assert "示范镇中心学校".encode() in content, "the search finds nothing"
    assert [word for word in canaries if word.encode() in content] == []
    assert [word for word in canaries if word.encode() in generate_latest()] == []


@pytest.mark.parametrize("service", SERVICES)
def test_rebuilt_views_are_those_that_were_scrubbed(told: tuple[County, str, list[str]], service: str) -> None:
    rebuilt(told[0].crew, service, False, "equal")


def erased(crew: Crew, person: str) -> str:
    """The supervisor asks, the administrator approves, and every service has done it."""
    asked = crew.heard("supervisor", "registry", "request_erasure", {"person": person, "grounds": "family_asked"})
    erasure = str(asked["id"])
    eventually(
        lambda: not crew.ask("county_admin", "registry", "erasure", {"erasure": erasure})["waiting"] or None,
        within=WITHIN,
        what="every service's answer",
    )
    crew.ask("county_admin", "registry", "approve_erasure", {"erasure": erasure})
    eventually(
        lambda: not crew.ask("county_admin", "registry", "erasure", {"erasure": erasure})["waiting"] or None,
        within=WITHIN,
        what="every service's word that it is done",
    )
    return erasure


def test_nothing_is_written_about_who_was_erased_and_nobody_is_erased_twice(
    told: tuple[County, str, list[str]],
) -> None:
    county, child, _ = told
    crew = county.crew
    shown = crew.ask("supervisor", "registry", "child", {"child": child})
    assert (shown["erased"], shown["present"], shown["name"], shown["address"]) == (True, False, None, None)
    for door, data in (
        ("correct_child", {"child": child, "name": "又来"}),
        ("record_contact", {"child": child, "details": {"relation": "mother", "name": "又来"}}),
    ):
        assert refusal_of(crew, "supervisor", door, data) == "person_erased"
    again = {"person": child, "grounds": "family_asked"}
    assert refusal_of(crew, "supervisor", "request_erasure", again) == "registry.already_erased"


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


def refusal_of(crew: Crew, who: str, door: str, data: dict[str, Any]) -> str:
    with pytest.raises(Refusal) as refused:
        crew.ask(who, "registry", door, data)
    return refused.value.code
