"""`shouwang log` over a directory that no process owns: the services are started for the length of the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.registry.domain.places import division_id
from shared.cli.commands import shouwang
from shared.cli.reach import reached
from shared.cli.start import settings_of
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id

COUNTY = "439901"
DIVISIONS = [
    {"code": COUNTY, "name": "示范县", "level": "county"},
    {"code": "439901101", "name": "示范镇", "level": "township", "parent": COUNTY},
]


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A county with two divisions and a member of staff."""
    for name in ("SHOUWANG_AMQP_URL", "SHOUWANG_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHOUWANG_ENVIRONMENT", "test")
    monkeypatch.setenv("SHOUWANG_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("shared.observability.logs.configure", lambda **_: None)
    monkeypatch.setattr("shared.observability.logs.catch_the_uncaught", lambda: None)
    with reached(settings_of(None), begin=True) as reach:
        for door, asked in (("register_divisions", {"divisions": DIVISIONS}), ("register_staff", {"name": "王秀兰"})):
            reach.client.call("registry", door, asked, token=reach.token("bootstrap"), command_id=_id())
    return tmp_path / "data"


def _id() -> str:
    return new_id(SystemClock().now())


def log(*arguments: str) -> Result:
    return CliRunner().invoke(shouwang, ["log", *arguments])


def lines(*arguments: str) -> list[str]:
    """What a command says, without the log lines of the services that it started."""
    return [line for line in log(*arguments).output.splitlines() if line.startswith((" ", "{"))]


def test_history_is_read_whole_chosen_and_from_its_end(data: Path) -> None:
    whole = [json.loads(line) for line in lines("show", "registry")]
    assert [one["type"].partition(".")[2] for one in whole] == [*["division_registered"] * 2, "staff_registered"]
    some = lines("show", "registry", "--type", "registry.division_registered", "-n", "1")
    assert [json.loads(line)["data"]["division"] for line in some] == [division_id(COUNTY)]
    assert lines("show", "registry", "--until", "2020-01-01") == []
    assert "王秀兰" not in "".join(lines("show", "registry", "--since", "2020-01-01"))
    last = lines("tail", "registry", "-n", "2")
    assert [line.split()[0] for line in last] == ["1", "2"]
    chosen = lines("tail", "registry", "--type", "registry.division_registered")
    assert [line.split()[0] for line in chosen] == ["0", "1"]
    assert log("show", "registry", "--since", "yesterday").exit_code == 2


def test_what_is_not_there_and_what_is_to_come_are_refused_by_name(data: Path) -> None:
    unknown = log("as-of", "child", _id())
    assert (unknown.exit_code, "not_found" in unknown.output) == (1, True)
    assert log("as-of", "school", _id()).exit_code == 2
    assert log("as-of", "child", _id(), "--true-at", "someday").exit_code == 2
