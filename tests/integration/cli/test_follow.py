"""`shouwang follow` over an embedded county: alerts is restored from an old backup, and everybody is asked about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.alerts.service import AlertsService
from shared.access.tokens import TokenSigner
from shared.cli.commands import shouwang
from shared.config.settings import Settings
from shared.hosting.backup.restoring import restore
from shared.hosting.backup.taking import Given, take
from shared.hosting.embedded import EmbeddedHost
from shared.kernel.ids import new_id
from shared.ledger.export import Report, verify_export
from shared.messaging.letters import Letter
from shared.messaging.parking import park
from shared.messaging.ranges import Carried
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.waiting import eventually

WITNESSES = ("registry", "casework", "funding")


class County:
    """An embedded county that ends and begins again, as a person at its terminal knows it."""

    def __init__(self, folder: Path, clock: MovedClock, settings: Settings) -> None:
        self.folder, self.clock, self.settings = folder, clock, settings
        self._host: EmbeddedHost | None = None
        self._number = 0

    def begin(self) -> None:
        self._host = EmbeddedHost(self.settings).__enter__()

    def end(self) -> None:
        if self._host is not None:
            self._host.__exit__(None, None, None)
            self._host = None

    @property
    def host(self) -> EmbeddedHost:
        assert self._host is not None
        return self._host

    def record(self) -> None:
        """One entry more in the log of alerts: an event that nobody could apply is given up."""
        self._number += 1
        now = self.host.clock.now()
        entry = {"id": new_id(now), "stream": f"registry.child-{new_id(now)}", "type": "registry.child_registered"}
        carried = Carried(
            position=10_000 + self._number, entry=json.dumps(entry | {"persons": [], "sealed": []}), parts={}
        )
        with self.host.engines["alerts"].base.database.begin() as tx:
            park(tx, "registry", "alerts.cards", Letter.read(carried, "e"), "KeyError", now)
        words = ("alerts", "registry", "alerts.cards", str(carried.position), "--reason", "not_needed")
        assert typed("parked", "drop", *words).exit_code == 0

    def ask(self, service: str, door: str, **data: Any) -> Any:
        signer = TokenSigner.load(self.settings.key_directory, "token-operator", self.host.clock)
        token = signer.issue("system:operator", "operator", "terminal", "system")
        return self.host.client.call(service, door, data, token=token, timeout=20.0)

    def cosigned(self) -> dict[str, int]:
        return {one["witness"]: one["size"] for one in self.ask("alerts", "log_standing")["cosigned"]}

    def contradicting(self) -> int:
        return sum(one.startswith("contradicted-by-") for one in self.host.engines["alerts"].failing())

    def until(self, happens: Callable[[], object], what: str) -> None:
        """Let time pass until something has come about that waits for a signature."""

        def passes() -> bool:
            if happens():
                return True
            self.clock.move(seconds=20)
            return False

        eventually(passes, what=what, within=60)

    def back_up(self) -> Path:
        out = self.folder / "backup"
        url = f"sqlite:///{self.settings.data / 'alerts.sqlite'}"
        take(out, [Given(service="alerts", url=url)], deployment=self.settings.deployment, now=self.host.clock.now())
        return out

    def put_back(self, backup: Path) -> None:
        """The file of alerts is lost and restored from a backup."""
        self.end()
        for one in self.settings.data.glob("alerts.sqlite*"):
            one.unlink()
        restore(backup / "alerts", self.settings.for_service("alerts"), AlertsService.rooms.build)
        self.begin()

    def exported(self, name: str = "export", *saved: Path) -> Report:
        assert typed("audit", "export", "--out", str(self.folder / name)).exit_code == 0
        return verify_export(self.folder / name, saved=list(saved))


@pytest.fixture
def county(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    for name in ("SHOUWANG_AMQP_URL", "SHOUWANG_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    clock = MovedClock(tmp_path / "clock")
    environment = {
        "SHOUWANG_ENVIRONMENT": "test",
        "SHOUWANG_DATA": str(tmp_path / "data"),
        "SHOUWANG_TEST_CLOCK": str(clock.path),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("shared.observability.logs.configure", lambda **_: None)
    monkeypatch.setattr("shared.observability.logs.catch_the_uncaught", lambda: None)
    made = County(tmp_path, clock, Settings.from_environment(environment, None))
    made.begin()
    yield made
    made.end()


def typed(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "220"}).invoke(shouwang, [*words])


def cut(county: County) -> None:
    """Alerts has one entry more than its backup, all others have cosigned it, and it is restored."""
    county.record()
    backup = county.back_up()
    county.record()
    county.until(lambda: county.cosigned() == dict.fromkeys(WITNESSES, 2), "all have cosigned what will be lost")
    county.put_back(backup)
    county.until(lambda: county.contradicting() == 3, "all contradict the restored log")


def test_followers_and_those_who_only_witness_go_on_when_somebody_says_so(county: County) -> None:
    assert typed("follow", "status").exit_code == 0
    cut(county)
    eventually(lambda: typed("follow", "status").output.count("positions 1 to 1") == 2, what="two stop", within=30)
    assert typed("follow", "status").exit_code == 1

    for service in WITNESSES:
        accepted = typed("follow", "accept", "alerts", "--service", service)
        assert accepted.exit_code == 0, accepted.output
        assert f"{service} goes on with alerts from 1 entries" in accepted.output

    eventually(lambda: typed("follow", "status").exit_code == 0, what="all go on", within=30)
    county.record()
    county.until(lambda: county.cosigned() == dict.fromkeys(WITNESSES, 2), "all cosign the restored log")
    assert county.contradicting() == 0
    assert typed("follow", "accept", "alerts", "--service", "funding").exit_code == 1
    said = typed("audit", "verify").output
    assert said.count("goes on with a log that was restored") == 6
    assert "1 checkpoints cosigned by funding are of what was lost" in said


def test_an_export_shows_the_break_and_who_accepted_it(county: County) -> None:
    county.record()
    kept = county.folder / "kept"
    backup = county.back_up()
    county.record()
    county.until(lambda: county.cosigned() == dict.fromkeys(WITNESSES, 2), "all have cosigned what will be lost")
    kept.write_text(county.ask("alerts", "checkpoint")["note"])
    county.put_back(backup)
    county.until(lambda: county.contradicting() == 3, "all contradict the restored log")
    for service in WITNESSES:
        assert typed("follow", "accept", "alerts", "--service", service).exit_code == 0
    county.record()
    county.until(lambda: county.cosigned() == dict.fromkeys(WITNESSES, 2), "all cosign the restored log")

    report = county.exported()

    assert report.exit_code == 0, report.findings
    found = {one.log: one.facts for one in report.findings if one.what == "restored_log_accepted"}
    assert set(found) == {f"county.example/{one}" for one in WITNESSES}
    assert {(one["source"], one["from_size"], one["by"]) for one in found.values()} == {
        ("alerts", 1, "system:operator")
    }
    lost = [one for one in report.findings if one.what == "checkpoint_lost"]
    assert [(one.log, one.position, one.facts["size"]) for one in lost] == [("county.example/alerts", 1, 2)] * 3
    assert county.exported("second", kept).exit_code == 4
