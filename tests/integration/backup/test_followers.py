"""A registry is restored from an old backup: who followed it stops, is told what is lost, and goes on when told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from shared.access.permissions import Permission
from shared.hosting.backup import tables
from shared.hosting.backup.restoring import restore
from shared.hosting.backup.taking import Given, take
from shared.hosting.foundation import Rooms
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.messaging.deciding import SourceAccepted
from shared.testing.hosts import System, embedded_system
from shared.testing.rooms import call_as
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.waiting import eventually
from tests.integration.hosting.small.registry.rooms import build

PACKAGES = {name: f"tests.integration.hosting.small.{name}" for name in ("registry", "alerts")}


class Village:
    """A small registry and alerts in one process, which may end and begin again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = MovedClock(folder / "clock")
        self._house: AbstractContextManager[System] | None = None
        self.county = ""

    def begin(self) -> None:
        self._house = embedded_system(self.folder, self.clock.path, packages=PACKAGES)
        self.system = self._house.__enter__()

    def end(self) -> None:
        if self._house is not None:
            self._house.__exit__(None, None, None)
            self._house = None

    def rooms(self, service: str) -> Rooms[Any, Any]:
        assert self.system.host is not None
        return self.system.host.engines[service].rooms

    def follower(self) -> dict[str, Any]:
        assert self.system.host is not None
        return self.system.host.engines["alerts"].followings["registry"].follower.status()

    def ask(self, service: str, door: str, data: dict[str, Any], token: str) -> Any:
        command = new_id(SystemClock().now())
        return self.system.client.call(service, door, data, token=token, command_id=command, timeout=20.0)

    def division(self, name: str, parent: str | None = None) -> str:
        asked = {"code": "439901", "name": name, "parent": parent}
        return str(self.ask("registry", "register_division", asked, self.system.bootstrap())["id"])

    def bells(self) -> dict[str, Any]:
        rooms = self.rooms("alerts")
        found: dict[str, Any] = rooms.queries.bells(call_as(rooms, {}, Permission.ALERT_VIEW))
        return found

    def accept(self, size: int) -> None:
        """What `shouwang follow accept registry --service alerts` does."""
        operator = self.system.system("operator")
        epochs = self.ask("registry", "engine_status", {}, operator)["epochs"]
        begun = self.ask("alerts", "follow_accept", {"source": "registry", "epochs": epochs}, operator)
        assert begun["size"] == size

        def ended() -> bool:
            now = self.ask("alerts", "last_rebuild", {}, operator)["rebuild"]
            assert now["id"] == begun["id"]
            assert now["state"] != "failed", now
            return bool(now["state"] == "switched")

        eventually(ended, what="the decision is carried out", within=20)

    def standing(self, service: str = "registry") -> dict[str, Any]:
        found: dict[str, Any] = self.ask(service, "log_standing", {}, self.system.system("operator"))
        return found

    def cosigned(self) -> int:
        """The size of registry's log that alerts has cosigned last."""
        return max((one["size"] for one in self.standing()["cosigned"]), default=0)

    def size(self) -> int:
        rooms = self.rooms("registry")
        with rooms.database.read() as tx:
            return rooms.base.store.size(tx)

    def until(self, happens: Callable[[], object], what: str) -> None:
        """Let time pass until something has come about that waits for a signature."""

        def passes() -> bool:
            if happens():
                return True
            self.clock.move(seconds=20)
            return False

        eventually(passes, what=what, within=30)

    def put_back(self, backup: Path) -> None:
        """The registry's file is lost and restored from a backup."""
        self.end()
        data = self.folder / "data"
        for one in data.glob("registry.sqlite*"):
            one.unlink()
        assert self.system.host is not None
        settings = self.system.host.settings.for_service("registry")
        restore(backup / "registry", settings, build, package=PACKAGES["registry"])


@pytest.fixture
def village(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Village]:
    monkeypatch.delitem(tables._BESIDE, "registry")  # the small one holds no rosters
    made = Village(tmp_path)
    made.begin()
    made.county = made.division("示范县")
    yield made
    made.end()


def backed_up(village: Village) -> Path:
    out = village.folder / "backup"
    shutil.rmtree(out, ignore_errors=True)
    url = f"sqlite:///{village.folder / 'data' / 'registry.sqlite'}"
    given = Given(service="registry", url=url, package=PACKAGES["registry"])
    take(out, [given], deployment="county.example", now=SystemClock().now())
    return out


def test_followers_stop_are_told_what_is_lost_and_go_on(village: Village) -> None:
    kept = village.division("桥口镇", village.county)
    backup = backed_up(village)
    lost = village.division("西山镇", village.county)
    eventually(lambda: set(village.bells()["bells"]) == {kept, lost}, what="both bells are set", within=10)
    village.put_back(backup)
    village.begin()

    eventually(lambda: village.follower()["state"] == "stopped", what="alerts stops", within=10)
    eventually(lambda: village.follower()["heard"] is not None, what="alerts hears the new log", within=10)
    assert village.follower()["heard"]["missing"] == [2, 2]
    assert village.system.host is not None
    assert "follows-registry" in village.system.host.engines["alerts"].failing()
    new = village.division("东河镇", village.county)
    village.accept(2)

    eventually(lambda: village.follower()["state"] == "following", what="alerts goes on", within=10)
    eventually(lambda: new in village.bells()["bells"], what="the new township has its bell", within=10)
    assert {name: len(one) for name, one in village.bells()["bells"].items()} == {kept: 1, lost: 1, new: 1}
    assert village.bells()["divisions"] == 3


def test_who_decided_stands_in_the_followers_own_log(village: Village) -> None:
    backup = backed_up(village)
    village.division("桥口镇", village.county)
    eventually(lambda: len(village.bells()["bells"]) == 1, what="the bell is set", within=10)
    village.put_back(backup)
    village.begin()
    eventually(lambda: village.follower()["heard"] is not None, what="alerts has stopped", within=10)

    village.accept(1)

    rooms = village.rooms("alerts")
    with rooms.database.read() as tx:
        (said,) = rooms.base.store.open(tx, rooms.base.store.log(tx, types=[SourceAccepted.type]))
    assert isinstance(said.event, SourceAccepted)
    assert (said.event.source, said.event.size, said.event.seen) == ("registry", 1, 2)
    assert said.cause.actor.id == "system:operator"


def test_a_log_that_is_followed_cannot_be_accepted(village: Village) -> None:
    operator = village.system.system("operator")
    epochs = village.ask("registry", "engine_status", {}, operator)["epochs"]

    with pytest.raises(Refusal) as refused:
        village.ask("alerts", "follow_accept", {"source": "registry", "epochs": epochs}, operator)

    assert refused.value.code == "log.source_not_restored"


def lost_sizes(village: Village) -> list[int]:
    asked = {"log": "registry", "limit": 100}
    notes = village.ask("alerts", "witnessed", asked, village.system.system("operator"))["lost"]
    return [int(one.splitlines()[1]) for one in notes]


def test_the_witness_cosigns_the_restored_log_from_the_cut_on_and_keeps_what_it_saw(village: Village) -> None:
    backup = backed_up(village)
    village.division("桥口镇", village.county)
    village.until(lambda: village.cosigned() == 2, "alerts has cosigned what will be lost")
    village.put_back(backup)
    village.begin()
    assert village.system.host is not None
    registry = village.system.host.engines["registry"]
    village.until(lambda: "contradicted-by-alerts" in registry.failing(), "alerts contradicts the restored log")
    eventually(lambda: village.follower()["heard"] is not None, what="alerts has stopped", within=10)

    village.accept(1)
    village.division("东河镇", village.county)

    village.until(lambda: village.cosigned() == village.size() == 2, "alerts has cosigned the restored log")
    assert "contradicted-by-alerts" not in registry.failing()
    assert lost_sizes(village) == [2]
    followed, witnessed = village.standing("alerts")["accepted"]
    assert (followed["type"], witnessed["type"]) == ("log.source_accepted", "log.witnessing_begun")
    assert (followed["by"], followed["log"]) == ("system:operator", "county.example/registry")
    assert witnessed["data"]["lost_size"] == 2


def test_a_log_that_grew_again_to_the_size_that_was_cosigned_is_agreed_with_too(village: Village) -> None:
    """Before the decision the log has the very size that the witness knows: it must be offered all the same."""
    backup = backed_up(village)
    village.division("桥口镇", village.county)
    village.until(lambda: village.cosigned() == 2, "alerts has cosigned what will be lost")
    village.put_back(backup)
    village.begin()
    village.division("东河镇", village.county)
    assert village.system.host is not None
    registry = village.system.host.engines["registry"]
    village.until(
        lambda: any(one["kind"] == "split" for one in village.standing()["contradictions"]), "one size has two roots"
    )

    village.accept(1)

    village.until(lambda: not registry.failing() and village.cosigned() == 2, "alerts has cosigned the restored log")
    assert lost_sizes(village) == [2]


def test_after_two_restores_in_a_row_the_lower_one_is_where_all_go_on_from(village: Village) -> None:
    first = backed_up(village)
    village.division("桥口镇", village.county)
    village.division("西山镇", village.county)
    village.until(lambda: village.cosigned() == 3, "alerts has cosigned what will be lost")
    eventually(lambda: len(village.bells()["bells"]) == 2, what="both bells are set", within=10)
    village.put_back(first)
    village.begin()
    again = [village.division(name, village.county) for name in ("东河镇", "南坪镇", "北岭镇")]
    second = backed_up(village)
    village.put_back(second)
    village.begin()
    eventually(lambda: village.follower()["heard"] is not None, what="alerts has stopped", within=10)
    assert village.follower()["heard"]["missing"] == [1, 2]

    village.accept(1)

    eventually(lambda: set(again) <= set(village.bells()["bells"]), what="what came instead is heard", within=10)
    assert village.follower()["state"] == "following"
    village.until(lambda: village.cosigned() == village.size() == 4, "alerts has cosigned the restored log")


def test_nobody_goes_on_with_other_epochs_than_those_that_are_heard(village: Village) -> None:
    backup = backed_up(village)
    village.division("桥口镇", village.county)
    village.put_back(backup)
    village.begin()
    eventually(lambda: village.follower()["heard"] is not None, what="alerts has stopped", within=10)
    operator = village.system.system("operator")
    epochs = village.ask("registry", "engine_status", {}, operator)["epochs"]

    with pytest.raises(Refusal) as refused:
        village.ask("alerts", "follow_accept", {"source": "registry", "epochs": epochs[:1]}, operator)

    assert refused.value.code == "log.source_not_restored"
