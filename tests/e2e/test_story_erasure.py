"""Story 8: a family asks for erasure. Nothing readable is left of the child, and every earlier proof still holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from shared.cli.exporting import ServedLog
from shared.cli.reach import Reach
from shared.config.settings import Settings
from shared.hosting.backup.restoring import restore
from shared.hosting.backup.taking import Given, take
from shared.hosting.directory import service_class
from shared.ledger.export import verify_export, write_export
from tests.e2e.conftest import County
from tests.e2e.crew import SERVICES, WITHIN
from tests.e2e.erasing import erased, found, in_cluster, in_server, plain_in, refusal_of, remains
from tests.e2e.searching import Tap, forms, in_files, in_message, in_tables, in_text, tapped, waiting
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


Told = tuple[County, str, list[str], Tap | None]


def words(said: dict[str, Any]) -> list[str]:
    """What was said of the child, as careless code would have written it."""
    plain = [said["name"], said["identity_number"], said["address"], NOTE, REASON]
    return forms(plain + [value for one in said["contacts"] for key, value in one.items() if key not in _CODES])


_CODES = ("relation", "away")


@contextmanager
def listened(county: County) -> Iterator[Tap | None]:
    """A copy of everything that the services publish, where they do it through a broker."""
    if county.system.host is not None:
        yield None
        return
    with tapped(*county.broker) as tap:
        yield tap


@pytest.fixture(scope="module")
def told(county: County) -> Iterator[Told]:
    """A child of whom every service was told something, and with whom everything is over."""
    with listened(county) as tap:
        child, said = tell(county)
        yield county, child, said, tap


def tell(county: County) -> tuple[str, list[str]]:
    crew = county.crew
    said = {**crew.a_child(83), **CANARIES}
    child = crew.child(83, **CANARIES)
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    fund = crew.ask("funding_officer", "funding", "open_fund", {"name": "丝线基金", "purpose": "助学"})["id"]
    wanted = {"child": child, "fund": fund, "amount": 100, "reason": REASON}
    application = crew.heard("funding_officer", "funding", "draft_application", wanted)["id"]
    crew.ask("funding_officer", "funding", "withdraw_application", {"application": application})
    return child, words(said)


def test_a_person_is_erased_everywhere(told: Told) -> None:
    county, child, canaries, tap = told
    crew = county.crew
    assert "registry_children" in found(county, "registry", canaries), "a search that finds nothing proves nothing"
    assert "alerts_contacts" in found(county, "alerts", canaries)
    assert "casework_children" in found(county, "casework", canaries)
    assert "funding_children" in found(county, "funding", canaries)
    before = {service: crew.ask("auditor", service, "log_verify") for service in SERVICES}
    notes = {service: crew.ask("auditor", service, "checkpoint")["note"] for service in SERVICES}
    if county.cluster is not None:
        for service in SERVICES:
            in_server(county, service, "ANALYZE")
        in_server(county, "registry", "CHECKPOINT")
        kinds = {"data" if one.startswith("base/") else one.partition("/")[0] for one in in_cluster(county, canaries)}
        assert kinds >= {"data", "pg_wal"}, "the search finds nothing"

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
    assert in_text(county.lines(), canaries) == set()
    if tap is not None:
        carried = list(tap.bodies())
        assert any(in_message(one, [child]) for one in carried), "the search finds nothing"
        assert [hits for one in carried if (hits := in_message(one, canaries))] == []
        eventually(lambda: not waiting(*county.queues) or None, within=WITHIN, what="nothing left in any queue")
    shown = crew.ask("auditor", "registry", "erasure", {"erasure": erasure})
    assert (shown["state"], shown["waiting"]) == ("erased", [])


def test_no_file_of_the_database_server_holds_anything_of_the_person(told: Told) -> None:
    county, _, canaries, _ = told
    if county.cluster is None:
        pytest.skip("the files of SQLite were searched while the person was erased")
    crew = county.crew
    for service in SERVICES:
        eventually(
            lambda s=service: {one["why"] for one in remains(county, s)} <= {"journal"},
            within=WITHIN,
            what=f"the tables of {service} written anew",
        )
    in_server(county, "registry", "CHECKPOINT")
    for service in SERVICES:
        eventually(lambda s=service: not remains(county, s), within=WITHIN, what=f"nothing left in files of {service}")
    assert in_cluster(county, canaries) == set()
    assert in_cluster(county, ["示范镇中心学校"]) != set(), "the search finds nothing"
    assert crew.ask("auditor", "registry", "log_verify")["outcome"] == "whole"


def test_an_export_after_it_is_whole_and_holds_nothing_of_the_person(told: Told, tmp_path: Path) -> None:
    county, _, canaries, _ = told
    environment = {"SHOUWANG_ENVIRONMENT": "test", "SHOUWANG_KEYS": str(county.system.keys)}
    settings = Settings.from_environment(environment, None)
    reach = Reach(client=county.system.client, clock=county.system.clock, settings=settings, how="test")
    logs = {service: ServedLog(reach, service) for service in SERVICES}
    write_export(tmp_path / "export", logs, schemas={one: log.ask("log_schemas")["items"] for one, log in logs.items()})
    assert (report := verify_export(tmp_path / "export")).exit_code == 0, report.findings
    files = sorted((tmp_path / "export").rglob("*"))
    assert in_files(files, ["示范镇中心学校"]) != set(), "the search finds nothing"
    assert in_files(files, canaries) == set()
    assert in_text(generate_latest().decode(), canaries) == set()


def test_a_backup_after_it_and_what_is_restored_from_it_hold_nothing_of_the_person(told: Told, tmp_path: Path) -> None:
    county, _, canaries, _ = told
    environment = {
        "SHOUWANG_ENVIRONMENT": "test",
        "SHOUWANG_KEYS": str(county.system.keys),
        "SHOUWANG_DATA": str(tmp_path / "restored"),
    }
    settings = Settings.from_environment(environment, None)
    (tmp_path / "restored").mkdir()
    given = [Given(service=one, url=county.database_of(one)) for one in SERVICES]
    take(tmp_path / "backup", given, deployment=settings.deployment, now=county.system.clock.now())
    files = [one for one in (tmp_path / "backup").rglob("*") if one.is_file()]
    assert plain_in(files, ["示范镇中心学校"]) != set(), "the search finds nothing"
    assert plain_in(files, canaries) == set()
    for service in SERVICES:
        build = service_class(service).rooms.build
        restore(tmp_path / "backup" / service, settings.for_service(service), build)
        restored = tmp_path / "restored" / f"{service}.sqlite"
        assert in_tables(f"sqlite:///{restored}", canaries) == set()
        assert in_files(sorted(restored.parent.glob(f"{service}.sqlite*")), canaries) == set()
    assert in_tables(f"sqlite:///{tmp_path / 'restored' / 'registry.sqlite'}", ["示范镇中心学校"]) != set()


@pytest.mark.parametrize("service", SERVICES)
def test_rebuilt_views_are_those_that_were_scrubbed(told: Told, service: str) -> None:
    rebuilt(told[0].crew, service, False, "equal")


def test_nothing_is_written_about_who_was_erased_and_nobody_is_erased_twice(
    told: Told,
) -> None:
    county, child, _, _ = told
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
