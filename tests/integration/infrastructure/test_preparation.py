"""What `make test` does first, on this machine: what answers is used, what does not is started and can be ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.infrastructure.broker import broker_answers
from tests.infrastructure.database import TestDatabase
from tests.infrastructure.provision import postgres, rabbitmq
from tests.infrastructure.provision.homes import Home
from tests.infrastructure.services import ROOT, TestServices
from tests.infrastructure.waiting import eventually

pytestmark = pytest.mark.faults


def _prepare(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.prepare"]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_when_all_is_there_it_is_found_quickly_and_named_in_one_line(services: TestServices) -> None:
    begun = time.monotonic()
    done = _prepare()
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 1
    # Under a second on an idle machine; this one runs other tests beside.
    assert time.monotonic() - begun < 10


def test_a_role_that_may_not_make_databases_is_refused_in_one_line(postgres: TestDatabase) -> None:
    url = postgres.owner_url.replace("+psycopg2", "")
    done = _prepare(SHOUWANG_TEST_DATABASE_URL=url)
    assert done.returncode == 1
    assert done.stderr == ("prepare: SHOUWANG_TEST_DATABASE_URL: the role may not create databases and roles\n")


@pytest.mark.filterwarnings("ignore:subprocess .* is still running")  # that is what they are for
def test_servers_of_our_own_are_started_found_again_and_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(postgres.VARIABLE, raising=False)
    monkeypatch.delenv(rabbitmq.VARIABLE, raising=False)
    monkeypatch.setattr(postgres, "answers", lambda *_: False)
    monkeypatch.setattr(rabbitmq, "answers", lambda *_: False)
    said: list[str] = []
    record = tmp_path / "own-servers.json"
    home = Home(record)
    try:
        database_url = postgres.find_or_start(home, said.append)
        amqp_url, control = rabbitmq.find_or_start(home, said.append)
        assert said == ["starting a PostgreSQL of our own …", "starting a RabbitMQ of our own …"]
        # A later run knows of them from the record alone.
        later = Home(record)
        assert postgres.find_or_start(later, said.append) == database_url
        assert rabbitmq.find_or_start(later, said.append) == (amqp_url, control)
        assert len(said) == 2
        assert control.lines("list_queues", "name", "--no-table-headers") == []
    finally:
        ended = Home(record)
        directories = [Path(server.directory) for server in ended.servers.values()]
        for name in list(ended.servers):
            ended.end(name)
    assert len(directories) == 2
    assert not any(directory.exists() for directory in directories)
    eventually(lambda: not broker_answers(amqp_url), what="the end of the broker")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database_url)
