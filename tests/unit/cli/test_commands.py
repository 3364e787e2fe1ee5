"""The `shouwang` command: what it imports, what it refuses, what it says."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.cli.commands import COMMANDS, shouwang
from shared.cli.main import is_green
from tests.infrastructure.ports import LOOPBACK


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    for name in ("SHOUWANG_AMQP_URL", "SHOUWANG_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHOUWANG_ENVIRONMENT", "test")
    monkeypatch.setenv("SHOUWANG_DATA", str(tmp_path / "data"))
    # The commands set up log lines and hooks for a process of their own.
    monkeypatch.setattr("shared.observability.logs.configure", lambda **_: None)
    monkeypatch.setattr("shared.observability.logs.catch_the_uncaught", lambda: None)
    return CliRunner()


def begin(run: CliRunner, folder: Path) -> None:
    """Begin a county in the directory of the settings."""
    county = folder / "county.csv"
    county.write_text("code,name,level,parent\n439901,示范县,county,\n", encoding="utf-8")
    begun = run.invoke(shouwang, ["bootstrap", str(county), "--administrator", "李强"])
    assert begun.exit_code == 0, words(begun)


def words(result: Result) -> str:
    return result.output + result.stderr


@pytest.mark.parametrize(
    ("arguments", "green"),
    [
        (["serve", "registry"], True),
        (["serve", "--port", "9", "alerts"], True),
        (["serve", "console"], False),
        (["up"], False),
        (["db", "upgrade", "registry"], False),
        (["import", "roster", "serve"], False),
        ([], False),
    ],
)
def test_only_services_over_the_broker_are_patched(arguments: list[str], green: bool) -> None:
    assert is_green(arguments) is green


def test_other_commands_leave_the_process_as_it_is() -> None:
    code = "import shared.cli.main, shared.cli.commands, sys; assert 'eventlet' not in sys.modules"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_help_lists_every_command(run: CliRunner) -> None:
    result = run.invoke(shouwang, ["--help"])

    assert result.exit_code == 0
    assert all(f"  {name}" in result.output for name in COMMANDS)


def test_a_wrong_setting_stops_the_command_by_its_name(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_PORT", "many")

    result = run.invoke(shouwang, ["db", "check"])

    assert result.exit_code == 2
    assert "SHOUWANG_PORT" in words(result)


def test_a_service_without_its_settings_does_not_start(run: CliRunner) -> None:
    result = run.invoke(shouwang, ["serve", "registry"])

    assert result.exit_code == 2
    assert "SHOUWANG_AMQP_URL: is missing" in words(result)


def test_a_database_is_upgraded_and_then_up_to_date(run: CliRunner) -> None:
    before = run.invoke(shouwang, ["db", "check", "registry"])
    upgraded = run.invoke(shouwang, ["db", "upgrade", "registry"])
    after = run.invoke(shouwang, ["db", "check", "registry"])

    assert (before.exit_code, upgraded.exit_code, after.exit_code) == (1, 0, 0)
    assert "to be migrated" in before.output
    assert "up to date" in after.output


def test_one_services_database_must_be_named(run: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOUWANG_DATABASE_URL", f"sqlite:///{tmp_path / 'one.sqlite'}")

    result = run.invoke(shouwang, ["db", "upgrade"])

    assert result.exit_code == 2
    assert "name it" in words(result)


def test_a_data_directory_in_use_is_said_in_words(run: CliRunner, tmp_path: Path) -> None:
    from shared.hosting.data_lock import DataLock

    with DataLock(tmp_path / "data"):
        result = run.invoke(shouwang, ["db", "upgrade", "registry"])

    assert result.exit_code == 1
    assert "is in use by process" in words(result)


def test_a_demonstration_county_is_the_same_for_the_same_seed(run: CliRunner, tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        asked = ["demo", "county", "--children", "20", "--seed", "7", "--out", str(tmp_path / name)]
        assert run.invoke(shouwang, asked).exit_code == 0

    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert (tmp_path / "one.divisions.csv").read_bytes() == (tmp_path / "two.divisions.csv").read_bytes()


def test_a_roster_of_an_unknown_kind_is_refused(run: CliRunner, tmp_path: Path) -> None:
    asked = ["demo", "county", "--children", "20", "--seed", "7", "--out", str(tmp_path / "one.pdf")]

    assert run.invoke(shouwang, asked).exit_code == 2


def test_a_county_file_with_mistakes_registers_nothing(run: CliRunner, tmp_path: Path) -> None:
    county = tmp_path / "county.csv"
    county.write_text("code,name,level,parent\n430000,示范县,county,\n43,石桥镇,township,430000\n", encoding="utf-8")

    result = run.invoke(shouwang, ["bootstrap", str(county), "--administrator", "李强"])

    assert result.exit_code == 1
    assert "division_code" in words(result)
    assert not (tmp_path / "data").exists()


LOOKING = [
    *(["doctor"], ["audit", "verify"], ["audit", "rebuild", "--check"], ["log", "tail", "registry"]),
    *(["parked", "list"], ["keys", "status"], ["follow", "status"], ["import", "roster", __file__]),
]
"""Commands that look at a system that somebody has begun."""


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_a_directory_without_a_system_is_neither_filled_nor_found_in_order(
    run: CliRunner, tmp_path: Path, arguments: list[str]
) -> None:
    result = run.invoke(shouwang, arguments)

    assert result.exit_code == (2 if arguments[1:2] == ["verify"] else 1), words(result)
    assert f"{tmp_path / 'data'} holds no system" in words(result)
    assert not (tmp_path / "data").exists()


def test_a_refusal_is_a_sentence_with_its_code(run: CliRunner, tmp_path: Path) -> None:
    begin(run, tmp_path)
    for name, content in {"empty.csv": b"", "paper.pdf": b"%PDF-1.4 hello"}.items():
        (tmp_path / name).write_bytes(content)

    empty = run.invoke(shouwang, ["import", "roster", str(tmp_path / "empty.csv")])
    paper = run.invoke(shouwang, ["import", "roster", str(tmp_path / "paper.pdf")])
    elsewhere = run.invoke(shouwang, ["import", "roster", str(tmp_path / "empty.csv"), "--dry-run", "--school", "9"])

    assert (empty.exit_code, paper.exit_code, elsewhere.exit_code) == (1, 1, 1)
    assert "Error: The file is empty. (registry.roster_empty)" in words(empty)
    assert "This is no spreadsheet (pdf)" in words(paper)
    assert not any(mark in words(one) for one in (empty, paper, elsewhere) for mark in "{}")


def test_where_the_result_cannot_be_written_nothing_is_imported(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("姓名,性别\n")
    asked = ["import", "roster", str(tmp_path / "roster.csv"), "--result", str(tmp_path / "nowhere" / "result.csv")]

    result = run.invoke(shouwang, asked)

    assert result.exit_code == 2
    assert "nothing can be written" in words(result)


def test_a_directory_that_cannot_be_made_is_said_in_words(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = run.invoke(shouwang, ["up", "--data", str(tmp_path / "file" / "data")])

    assert result.exit_code == 1
    assert f"Error: {tmp_path / 'file' / 'data'}: Not a directory" in words(result)


def test_a_port_that_is_taken_is_said_in_words(run: CliRunner) -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        result = run.invoke(shouwang, ["up", "--host", LOOPBACK, "--port", port])

    assert result.exit_code == 1
    assert f"Error: {LOOPBACK}, port {port}: Address already in use; choose another with --port" in words(result)


def test_an_export_is_written_once_and_checked_where_it_lies(run: CliRunner, tmp_path: Path) -> None:
    begin(run, tmp_path)
    out = tmp_path / "export"
    assert run.invoke(shouwang, ["audit", "export", "--out", str(out)]).exit_code == 0
    assert run.invoke(shouwang, ["audit", "verify", str(out)]).exit_code == 0
    again = run.invoke(shouwang, ["audit", "export", "--out", str(out)])
    assert (again.exit_code, "holds something already" in words(again)) == (1, True)
    policy = out / "trust-policy.txt"
    policy.write_text(policy.read_text().replace("quorum none", "quorum None"))
    assert run.invoke(shouwang, ["audit", "verify", str(out)]).exit_code == 2


def test_an_event_that_no_log_holds_has_no_receipt(run: CliRunner, tmp_path: Path) -> None:
    begin(run, tmp_path)
    unknown = run.invoke(shouwang, ["audit", "prove", "01900000-0000-7000-8000-000000000000"])
    assert (unknown.exit_code, "no log holds this event" in words(unknown)) == (1, True)
    assert run.invoke(shouwang, ["audit", "prove", "../x"]).exit_code == 1
