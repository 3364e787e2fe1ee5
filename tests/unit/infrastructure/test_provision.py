"""Where nothing can be found, started or installed, one line says what to do; Docker is asked for little."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.infrastructure.own_broker import NoRabbit
from tests.infrastructure.own_cluster import NoPostgres
from tests.infrastructure.provision import CannotProvide, browser, docker, postgres, rabbitmq
from tests.infrastructure.provision.homes import Home
from tests.infrastructure.services import NotPrepared, TestServices, read_services


def _raises(error: Exception) -> Callable[[], Path]:
    def refuse() -> Path:
        raise error

    return refuse


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    """Nothing answers, nothing is installed, no engine runs, and we are not root."""
    for variable in (postgres.VARIABLE, rabbitmq.VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(postgres, "answers", lambda *_: False)
    monkeypatch.setattr(rabbitmq, "answers", lambda *_: False)
    monkeypatch.setattr(postgres, "server_programs", _raises(NoPostgres()))
    monkeypatch.setattr(rabbitmq, "node_programs", _raises(NoRabbit()))
    monkeypatch.setattr(docker, "engine_runs", lambda: False)
    monkeypatch.setattr("tests.infrastructure.provision.debian.os.geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    return Home(tmp_path / "own-servers.json")


def _silent(_line: str) -> None: ...


def test_a_bare_machine_is_told_to_install_postgresql(bare_machine: Home) -> None:
    with pytest.raises(CannotProvide, match=r"^install postgresql"):
        postgres.find_or_start(bare_machine, _silent)


def test_a_bare_machine_is_told_to_install_rabbitmq(bare_machine: Home) -> None:
    with pytest.raises(CannotProvide, match=r"^install rabbitmq-server"):
        rabbitmq.find_or_start(bare_machine, _silent)


def test_a_bare_machine_is_told_to_install_chromium(bare_machine: Home) -> None:
    with pytest.raises(CannotProvide, match=r"^install chromium"):
        browser.find_or_install(_silent)


def test_a_server_that_was_named_and_does_not_answer_is_never_replaced_by_another(
    bare_machine: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(postgres.VARIABLE, "postgresql://postgres@127.0.0.1:1/postgres")
    with pytest.raises(CannotProvide, match=postgres.VARIABLE):
        postgres.find_or_start(bare_machine, _silent)
    monkeypatch.setenv(rabbitmq.VARIABLE, "amqp://guest:guest@127.0.0.1:1//")
    with pytest.raises(CannotProvide, match=rabbitmq.VARIABLE):
        rabbitmq.find_or_start(bare_machine, _silent)


def test_what_was_found_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = TestServices("amqp://here//", "postgresql://here/x", "/usr/bin/chromium", ["rabbitmqctl"], {"A": "b"})
    found.write(tmp_path / "found.json")
    assert read_services(tmp_path / "found.json") == found


@pytest.mark.parametrize("text", [None, "", "[]", '{"other": 1}'])
def test_a_record_that_is_missing_or_unreadable_says_what_to_run(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "found.json").write_text(text)
    with pytest.raises(NotPrepared, match="make test"):
        read_services(tmp_path / "found.json")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A program named docker that notes its words, knows no container at first, and shows a port."""
    program = tmp_path / "docker"
    program.write_text(
        '#!/bin/sh\necho "$@" >> "${0%/*}/said"\n'
        'case "$1" in start) test -e "${0%/*}/exists" ;; run) touch "${0%/*}/exists" ;;\n'
        "port) echo 127.0.0.1:49153 ;; esac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "said"


def test_a_container_is_made_once_on_the_loopback_address_and_started_again_later(engine: Path) -> None:
    assert docker.engine_runs()
    assert docker.start(docker.POSTGRES) == 49153
    assert docker.start(docker.POSTGRES) == 49153
    runs = [line for line in engine.read_text().splitlines() if line.startswith("run ")]
    words = "run --detach --name=shouwang-test-postgres --publish=127.0.0.1::5432"
    assert runs == [f"{words} --env POSTGRES_HOST_AUTH_METHOD=trust postgres:15"]


def test_a_client_without_an_engine_is_no_engine(engine: Path) -> None:
    (engine.parent / "docker").write_text("#!/bin/sh\necho no daemon >&2; exit 1\n")
    assert not docker.engine_runs()
    with pytest.raises(CannotProvide, match="no daemon"):
        docker.start(docker.RABBITMQ)
