"""What is true of the embedded host alone: one owner of a directory, a socket, an end that leaves nothing behind."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from shared.config.settings import Settings, SettingsError
from shared.hosting import frames, wire
from shared.hosting.clients import ServiceUnavailable, SocketClient
from shared.hosting.data_lock import DataInUse
from shared.hosting.directory import service_class
from shared.hosting.embedded import EmbeddedHost
from shared.kernel.ids import new_id
from shared.testing.hosts import System
from tests.infrastructure.waiting import eventually
from tests.integration.hosting.conftest import PACKAGES


def settings_of(data: Path, **more: str) -> Settings:
    environment = {"SHOUWANG_ENVIRONMENT": "test", "SHOUWANG_DATA": str(data)} | more
    return Settings.from_environment(environment, None)


def host_of(settings: Settings) -> EmbeddedHost:
    return EmbeddedHost(settings, classes={name: service_class(name, package) for name, package in PACKAGES.items()})


def system_of(host: EmbeddedHost) -> System:
    return System(kind="embedded", keys=host.settings.key_directory, clock=host.clock, client=host.client, host=host)


def test_a_first_start_makes_keys_and_databases_for_the_owner_alone(tmp_path: Path) -> None:
    with host_of(settings_of(tmp_path / "data")):
        found = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "data").iterdir()}

    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert {"registry.sqlite", "alerts.sqlite", "keys", frames.SOCKET} <= set(found)
    assert found["keys"] == 0o700


def test_a_second_process_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with host_of(settings) as host:
        with pytest.raises(DataInUse):
            host_of(settings).start()

        system = system_of(host)
        assert host.client.call("registry", "divisions", {}, token=system.bootstrap()) == {"count": 0}
        assert SocketClient.answers(tmp_path)


def test_another_program_reaches_the_doors_through_the_socket(tmp_path: Path) -> None:
    with host_of(settings_of(tmp_path)) as host:
        system, client = system_of(host), SocketClient(tmp_path, host.clock)
        data = {"code": "430000", "name": "示范县"}

        made = client.call("registry", "register_division", data, token=system.bootstrap())

        assert made["version"] == 1
        assert client.call("registry", "divisions", {}, token=system.bootstrap()) == {"count": 1}
        client.close()


def test_what_was_done_is_there_after_a_restart_and_followers_go_on(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with host_of(settings) as host:
        data = {"code": "430000", "name": "示范县"}
        county = host.client.call("registry", "register_division", data, token=system_of(host).bootstrap())["id"]

    with host_of(settings) as host:
        system = system_of(host)
        data = {"code": "430001", "name": "石桥镇", "parent": county}
        town = host.client.call("registry", "register_division", data, token=system.bootstrap())["id"]

        def heard() -> bool:
            said = host.client.call("alerts", "bells", {}, token=system.system("alerts"))
            return bool(said["divisions"] == 2 and said["bells"] == {town: ["waits"]})

        eventually(heard, what="both divisions, and one bell")


def test_a_stopped_host_leaves_no_thread_and_no_socket(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    host = host_of(settings_of(tmp_path)).start()
    stop = host.client.heads(lambda _service, _size: None)

    stop()
    host.stop()

    assert {one for one in threading.enumerate() if one not in before and one.is_alive()} == set()
    assert not (tmp_path / frames.SOCKET).exists()
    with pytest.raises(ServiceUnavailable):
        host.client.call("registry", "divisions", {}, token="")


def test_a_start_that_fails_gives_the_directory_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("in the middle")

    with monkeypatch.context() as broken:
        broken.setattr("shared.hosting.embedded.assembled", fail)
        with pytest.raises(RuntimeError):
            host_of(settings_of(tmp_path)).start()

    with host_of(settings_of(tmp_path)):
        pass


def test_one_database_for_all_services_is_refused(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, SHOUWANG_DATABASE_URL=f"sqlite:///{tmp_path / 'one.sqlite'}")

    with pytest.raises(SettingsError):
        host_of(settings).start()


def test_personal_data_is_nowhere_in_the_log_in_the_clear(tmp_path: Path) -> None:
    with host_of(settings_of(tmp_path)) as host:
        system = system_of(host)
        host.client.call("registry", "register_staff", {"name": "欧阳·娜"}, token=system.bootstrap())
        page = host.client.call("registry", "log_entries", {}, token=system.system("operator"))

    [entry] = [json.loads(one["entry"]) for one in page["items"]]
    assert entry["data"].keys() == {"staff"}
    assert "欧阳" not in page["items"][0]["entry"]


def test_a_stopping_house_answers_its_own_services_until_they_have_heard_all(tmp_path: Path) -> None:
    host = host_of(settings_of(tmp_path)).start()
    system, engine, said = system_of(host), host.engines["alerts"], []
    now = host.clock.now()
    message = wire.message({}, token=system.bootstrap(), now=now, timeout=10.0, command_id=new_id(now))
    rest = engine.stop_following

    def asks_a_neighbour_meanwhile() -> None:
        said.append(host.answer_neighbour("registry", "divisions", message))
        with pytest.raises(LookupError):
            host.answer("registry", "divisions", message)
        rest()

    engine.stop_following = asks_a_neighbour_meanwhile  # type: ignore[method-assign]
    host.stop()

    assert "count" in str(said[0])
    with pytest.raises(LookupError):
        host.answer_neighbour("registry", "divisions", message)
