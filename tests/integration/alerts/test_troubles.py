"""Troubles of the house behind alerts' doors: reported by services, seen by those who run the house. Both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from services.alerts.views.troubles import open_troubles
from shared.access.tokens import TokenSigner
from shared.kernel.ids import new_id
from shared.messaging import silence
from shared.testing.hosts import embedded_system
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.waiting import eventually
from tests.integration.alerts.house import COUNTY, House, Refused

SILENT = {"kind": "source_silent", "source": "funding"}
PARKED = {"kind": "event_parked", "source": "registry"}


def report(house: House, *met: dict[str, str], by: str = "casework") -> Any:
    """What a service says on its own account."""
    keys = house.rooms.base.settings.key_directory
    signer = TokenSigner.load(keys, f"token-{by}", house.clock, strict=False)
    token = signer.issue(f"system:{by}", by, "service", "system")
    sent = {"token": token, "data": {"troubles": list(met)}, "command_id": new_id(house.clock.now())}
    answer = house.service.report_troubles(sent)
    if "refused" in answer:
        raise Refused(answer["refused"])
    return answer["answer"]


@pytest.fixture
def house(house: House) -> House:
    house.hire("runs-the-house", "county_admin", division=COUNTY)
    return house


def seen(house: House, by: str = "officer") -> list[tuple[str, str, str]]:
    items = house.ask("troubles", by=by)["items"]
    return [(one["kind"], one["reader"], one["source"]) for one in items]


def test_a_reported_trouble_is_seen_by_duty_officers_and_administrators(house: House) -> None:
    report(house, SILENT)
    assert seen(house) == seen(house, "runs-the-house") == [("source_silent", "casework", "funding")]


def test_nobody_else_sees_it(house: House) -> None:
    with pytest.raises(Refused, match="denied"):
        seen(house, "teacher")


def test_only_a_service_reports(house: House) -> None:
    with pytest.raises(Refused, match="denied"):
        house.ask("report_troubles", {"troubles": [SILENT]}, by="runs-the-house")
    with pytest.raises(Refused, match="denied"):
        report(house, SILENT, by="operator")


def test_the_same_trouble_again_records_nothing(house: House) -> None:
    report(house, SILENT)
    before, since = house.events(), house.ask("troubles")["items"][0]["since"]
    house.clock.move(60)
    report(house, SILENT)
    assert house.events() == before
    assert house.ask("troubles")["items"][0]["since"] == since


def test_what_a_service_no_longer_names_is_over_and_what_others_named_is_not(house: House) -> None:
    report(house, SILENT, PARKED)
    report(house, SILENT, by="alerts")
    report(house, PARKED)
    assert sorted(seen(house)) == [("event_parked", "casework", "registry"), ("source_silent", "alerts", "funding")]
    report(house)
    report(house, by="alerts")
    assert seen(house) == []


def test_a_trouble_may_come_back(house: House) -> None:
    for met in ([SILENT], [], [SILENT]):
        report(house, *met)
    assert len(seen(house)) == 1


def test_replicas_that_report_at_once_raise_one_trouble(house: House) -> None:
    house.ask("troubles")
    before = house.events()
    with ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(report, house, SILENT) for _ in range(4)]:
            one.result()
    assert len(seen(house)) == 1
    assert house.events() == before + 1


def test_the_database_itself_refuses_a_second_open_one(house: House) -> None:
    report(house, SILENT)
    twin = {"kind": "source_silent", "reader": "casework", "source": "funding"}
    with pytest.raises(IntegrityError), house.rooms.database.begin() as tx:
        tx.execute(insert(open_troubles).values(trouble=new_id(house.clock.now()), since=house.clock.now(), **twin))


def test_a_silent_source_is_on_the_board_by_itself_and_leaves_it_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Casework does not run here, so alerts never hears it."""
    monkeypatch.setattr(silence, "SILENT_AFTER", 0.5)
    clock = MovedClock(tmp_path / "clock")
    packages = {"registry": "services.registry", "alerts": "services.alerts"}
    with embedded_system(tmp_path, clock.path, packages=packages) as system:
        assert system.host is not None
        engine = system.host.engines["alerts"]

        def open_now() -> list[tuple[str, str, str]]:
            t = open_troubles.c
            with engine.base.database.read() as tx:
                return [
                    (*row,) for row in tx.execute(open_troubles.select().with_only_columns(t.kind, t.reader, t.source))
                ]

        missed = ("source_silent", "alerts", "casework")
        eventually(lambda: missed in open_now(), what="the silence is a trouble")
        monkeypatch.setattr(silence, "SILENT_AFTER", 3600.0)
        engine.look_for_trouble()
        eventually(lambda: open_now() == [], what="the trouble is over")
