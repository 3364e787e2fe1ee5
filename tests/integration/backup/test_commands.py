"""`shouwang backup` and `shouwang restore` over an embedded county, as a person types them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.registry.domain.places import division_id
from shared.cli.commands import shouwang
from shared.cli.house import console_accounts
from shared.cli.reach import reached
from shared.cli.start import settings_of
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id

COUNTY = {"code": "439901", "name": "示范县", "level": "county"}
PASSWORD = "七只白鹭飞过河去看望月亮"
DIES = """
import os, signal
from shared.hosting.backup import restoring
before = restoring.fill
def fill(tx, store, *rest):
    if "funding" in store.source:
        os.kill(os.getpid(), signal.SIGKILL)
    return before(tx, store, *rest)
restoring.fill = fill
from shared.cli.commands import shouwang
shouwang(["restore", {path!r}, "--data", {data!r}])
"""


@pytest.fixture
def county(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A county with an administrator who has an account; gives the administrator's reference."""
    for name in ("SHOUWANG_AMQP_URL", "SHOUWANG_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHOUWANG_ENVIRONMENT", "test")
    monkeypatch.setenv("SHOUWANG_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("shared.observability.logs.configure", lambda **_: None)
    monkeypatch.setattr("shared.observability.logs.catch_the_uncaught", lambda: None)
    staff = str(asked("register_divisions", {"divisions": [COUNTY]}, ("register_staff", {"name": "王秀兰"}))["id"])
    console_accounts(settings_of(None)).make("admin", PASSWORD, staff)
    return staff


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, county: str) -> Path:
    """A backup was made, and the house burnt down: another directory has nothing but the keys."""
    assert run("backup", "--out", str(tmp_path / "backup"), "--keys-out", str(tmp_path / "safe")).exit_code == 0
    shutil.rmtree(tmp_path / "data")
    data = tmp_path / "anew"
    data.mkdir()
    shutil.copytree(tmp_path / "safe", data / "keys")
    monkeypatch.setenv("SHOUWANG_DATA", str(data))
    return data


def run(*words: str) -> Result:
    return CliRunner().invoke(shouwang, [*words])


def asked(door: str, data: dict[str, Any], *more: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The answer to the last of some commands at registry's doors."""
    with reached(settings_of(None), begin=True) as reach:
        for one, words in ((door, data), *more):
            command = new_id(SystemClock().now())
            answer: dict[str, Any] = reach.client.call(
                "registry", one, words, token=reach.token("bootstrap"), command_id=command
            )
        return answer


def test_a_county_is_backed_up_verified_and_made_again_elsewhere(elsewhere: Path, county: str, tmp_path: Path) -> None:
    verified = run("backup", "verify", str(tmp_path / "backup"))
    restored = run("restore", str(tmp_path / "backup"))

    assert verified.exit_code == 0, verified.output
    assert restored.exit_code == 0, restored.output
    assert "registry   restored: log 2 entries" in restored.output
    signed_in = console_accounts(settings_of(None)).sign_in("admin", PASSWORD, "127.0.0.1")
    assert signed_in
    grant = {"staff": county, "role": "county_admin", "scope": "division", "division": division_id("439901")}
    assert asked("grant_role", grant)["version"] == 2
    whole = run("audit", "verify")
    assert whole.exit_code == 0, whole.output


def test_a_restore_that_is_killed_is_begun_again_and_nothing_starts_before(elsewhere: Path, tmp_path: Path) -> None:
    backup = str(tmp_path / "backup")
    words = DIES.format(path=backup, data=str(elsewhere))
    killed = subprocess.run([sys.executable, "-c", words], env=os.environ, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    refused = run("log", "show", "registry")
    assert refused.exit_code == 1
    assert "has not ended: do it again" in refused.output

    again = run("restore", backup)
    assert again.exit_code == 0, again.output
    assert "casework   is restored already" in again.output
    assert "funding    restored" in again.output
    assert run("log", "show", "registry").exit_code == 0


def test_a_county_that_works_is_never_restored_over(county: str, tmp_path: Path) -> None:
    assert run("backup", "--out", str(tmp_path / "backup")).exit_code == 0
    asked("register_staff", {"name": "唐守望"})

    refused = run("restore", str(tmp_path / "backup"))

    assert refused.exit_code == 1
    assert "is not empty" in refused.output
    assert run("log", "show", "registry").exit_code == 0


def test_a_damaged_or_incomplete_backup_is_said_file_by_file(elsewhere: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "backup" / "funding")
    (tmp_path / "backup" / "alerts" / "epochs.jsonl.gz").unlink()

    verified = run("backup", "verify", str(tmp_path / "backup"))
    refused = run("restore", str(tmp_path / "backup"))

    assert verified.exit_code == 1
    assert "damaged    alerts/epochs.jsonl.gz: is missing" in verified.output
    assert "damaged    funding/MANIFEST.sha256: is missing" in verified.output
    assert refused.exit_code == 1
    assert not (elsewhere / "restore.unfinished").exists()


def test_a_house_whose_keys_are_lost_does_not_start_with_new_ones(county: str, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data" / "keys")

    refused = run("log", "show", "registry")

    assert refused.exit_code == 1
    assert "no keys lie in" in refused.output
    assert not (tmp_path / "data" / "keys").exists()


def told(service: str) -> dict[str, Any]:
    """What the door `upkeep` of a service says."""
    with reached(settings_of(None)) as reach:
        found: dict[str, Any] = reach.client.call(service, "upkeep", {}, token=reach.token())
        return found


def test_a_verified_backup_is_kept_by_the_log_that_it_is_of(county: str, tmp_path: Path) -> None:
    out = str(tmp_path / "backup")
    assert run("backup", "--out", out).exit_code == 0
    assert told("registry")["backup"] is None

    recorded = run("backup", "verify", out, "--record")

    assert recorded.exit_code == 0, recorded.output
    assert recorded.output.count("keeps it as event") == 4
    kept, now = told("registry")["backup"], told("registry")
    assert (kept["size"], kept["behind"], kept["by"]) == (now["size"] - kept["behind"], 1, "system:operator")
    assert kept["epoch"] == now["epoch"]
    assert {one["state"] for one in now["followed"]} == {"following"}


def test_a_backup_of_another_log_is_recorded_nowhere(
    county: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = str(tmp_path / "backup")
    assert run("backup", "--out", out, "--keys-out", str(tmp_path / "safe")).exit_code == 0
    monkeypatch.setenv("SHOUWANG_DATA", str(tmp_path / "other"))
    (tmp_path / "other").mkdir()
    shutil.copytree(tmp_path / "safe", tmp_path / "other" / "keys")
    asked("register_divisions", {"divisions": [COUNTY]})

    refused = run("backup", "verify", out, "--record")

    assert refused.exit_code == 1
    assert "log.backup_of_another_log" in refused.output
    assert told("registry")["backup"] is None
