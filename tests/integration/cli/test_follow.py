"""`shouwang follow` over an embedded county: alerts is restored from an old backup, and everybody is asked about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.alerts.service import AlertsService
from shared.access.permissions import Permission
from shared.access.tokens import TokenSigner
from shared.cli.commands import shouwang
from shared.config.settings import Settings
from shared.eventstore.work import Work
from shared.hosting.backup.restoring import restore
from shared.hosting.backup.taking import Given, take
from shared.hosting.embedded import EmbeddedHost
from shared.kernel.ids import new_id
from shared.ledger.export import Report, verify_export
from shared.messaging.dropping import DropReason, ParkedEvent, parked_event_of, parked_id
from shared.messaging.parking import Parked
from shared.testing.rooms import call_as
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
        """One entry more in the log of alerts: that an event is given up."""
        self._number += 1
        rooms, now = self.host.engines["alerts"].rooms, self.host.clock.now()
        given_up = Parked(
            projector="alerts.cards",
            source="registry",
            position=self._number,
            event_id=new_id(now),
            stream=f"registry.child-{new_id(now)}",
            type="registry.child_registered",
            persons=(),
            error="KeyError",
            since=now,
            attempts=1,
        )

        call = call_as(rooms, {}, Permission.PARKED_SETTLE)

        def decide(work: Work) -> ParkedEvent:
            rooms.gate.clear(work.tx, call, anywhere=True)
            it = work.find(parked_event_of("alerts"), parked_id(given_up.event_id, given_up.projector))
            it.drop(given_up, DropReason.NOT_NEEDED)
            return it

        rooms.base.desk.decide(call.order(), decide)

    def ask(self, service: str, door: str, **data: Any) -> Any:
        signer = TokenSigner.load(self.settings.key_directory, "token-operator", self.host.clock)
        token = signer.issue("system:operator", "operator", "terminal", "system")
        return self.host.client.call(service, door, data, token=token, timeout=20.0)

    def cosigned(self) -> dict[str, int]:
        return {one["witness"]: one["size"] for one in self.ask("alerts", "log_standing")["cosigned"]}

    def agreed(self) -> bool:
        """Whether all have cosigned what alerts recorded after its restore: troubles of the house stand there too."""
        found = self.cosigned()
        return self.contradicting() == 0 and set(found) == set(WITNESSES) and min(found.values()) > 1

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

    def put_back(self, backup: Path, epoch: str | None = None) -> None:
        """The file of alerts is lost and restored from a backup; with `epoch`, by a hand that hides that."""
        self.end()
        for one in self.settings.data.glob("alerts.sqlite*"):
            one.unlink()
        restore(backup / "alerts", self.settings.for_service("alerts"), AlertsService.rooms.build)
        if epoch is not None:
            with closing(sqlite3.connect(self.settings.data / "alerts.sqlite")) as owner, owner:
                for trigger in ("epochs_no_update", "epochs_no_delete"):
                    owner.execute(f"DROP TRIGGER IF EXISTS {trigger}")
                owner.execute("DELETE FROM epochs WHERE epoch != ?", (epoch,))
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
    county.until(county.agreed, "all cosign the restored log")
    assert typed("follow", "accept", "alerts", "--service", "funding").exit_code == 1
    said = typed("audit", "verify").output
    assert said.count("goes on with a log that was restored") == 6
    assert "1 checkpoints cosigned by funding are of what was lost" in said
    decide_all(county)


def decide_all(county: County) -> None:
    """What the witnesses had on record is decided by their going on; what alerts keeps, somebody must still decide."""
    assert typed("audit", "verify").exit_code == 4
    listed = typed("contradictions", "list")
    assert listed.exit_code == 1
    assert listed.output.count("restored_from_backup by system:operator") >= 3
    items = county.ask("alerts", "contradictions")["items"]
    assert {one["stands"] for one in items} == {False}
    for one in items:
        assert one["id"] in listed.output
        decided = typed("contradictions", "decide", "alerts", one["id"], "--reason", "restored_from_backup")
        assert decided.exit_code == 0, decided.output
    assert typed("contradictions", "decide", "alerts", items[0]["id"], "--reason", "exercise").exit_code == 1
    assert typed("contradictions", "list", "--notes").output.count("county.example/alerts\n2\n") >= 3
    assert typed("contradictions", "list").exit_code == 0
    said = typed("audit", "verify")
    assert said.exit_code == 0, said.output


def test_a_log_that_was_written_anew_without_a_restore_is_gone_on_with_from_where_it_agrees(county: County) -> None:
    county.record()
    county.until(lambda: county.cosigned() == dict.fromkeys(WITNESSES, 1), "all have cosigned the first entry")
    backup = county.back_up()
    county.record()
    county.until(
        lambda: county.cosigned() == dict.fromkeys(WITNESSES, 2), "all have cosigned what will be written anew"
    )
    with county.host.engines["alerts"].base.database.read() as tx:
        epoch = tx.exec_driver_sql("SELECT epoch FROM epochs").scalar_one()
    county.put_back(backup, epoch=epoch)
    county.record()
    county.until(lambda: county.contradicting() == 3, "all contradict the log")
    assert typed("follow", "accept", "alerts", "--service", "funding").exit_code == 1
    assert typed("follow", "accept", "alerts", "--service", "funding", "--rewritten").exit_code == 2

    for service in WITNESSES:
        words = ("alerts", "--service", service, "--rewritten", "--reason", "tampering_reported")
        accepted = typed("follow", "accept", *words)
        assert accepted.exit_code == 0, accepted.output
        assert f"{service} goes on with alerts from 1 entries" in accepted.output

    county.until(lambda: county.contradicting() == 0, "all cosign the log as it is")
    assert typed("contradictions", "list").output.count("tampering_reported by system:operator") >= 3
    assert county.exported().exit_code == 0


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
    county.until(county.agreed, "all cosign the restored log")

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
