"""The compose file: five processes, each with its own database and keys and none of another's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.compose import COMPLETED, IMAGE, SECRETS, composed, read_compose
from tests.infrastructure.database import TestDatabase
from tests.infrastructure.services import ROOT

PROCESSES = ("registry", "casework", "alerts", "funding", "console")
EACH = pytest.mark.parametrize("name", PROCESSES)


@pytest.fixture(scope="module")
def file() -> dict[str, Any]:
    return read_compose()


def test_every_process_is_served_by_its_own_command(file: dict[str, Any]) -> None:
    commands = {name: facts.get("command", []) for name, facts in file["services"].items()}
    serving = {name: command for name, command in commands.items() if command[:1] == ["serve"]}
    assert serving == {name: ["serve", name] for name in PROCESSES}


@EACH
def test_a_process_reads_no_secret_and_no_key_of_another(file: dict[str, Any], name: str) -> None:
    facts = file["services"][name]
    own = {"amqp_url", f"{name}_database_url"} | ({"console_secret_key"} if name == "console" else set())
    assert set(facts["secrets"]) == own
    (volume,) = facts["volumes"]
    assert volume["volume"]["subpath"] == name
    assert volume["read_only"]
    assert facts["environment"]["SHOUWANG_KEYS"] == volume["target"]


@EACH
def test_a_process_starts_when_its_database_is_migrated_and_the_broker_answers(file: dict[str, Any], name: str) -> None:
    conditions = {needed: facts["condition"] for needed, facts in file["services"][name]["depends_on"].items()}
    assert conditions == {"rabbitmq": "service_healthy", "keys": COMPLETED, f"{name}-upgrade": COMPLETED}
    upgrade = file["services"][f"{name}-upgrade"]
    assert upgrade["command"] == ["db", "upgrade", name]
    assert set(upgrade["secrets"]) == {f"{name}_database_url", f"{name}_owner_database_url"}


@EACH
def test_a_process_says_whether_it_is_ready_and_is_started_again(file: dict[str, Any], name: str) -> None:
    facts = file["services"][name]
    assert f":{facts['environment']['SHOUWANG_PORT']}/readyz" in facts["healthcheck"]["test"][-1]
    assert facts["restart"] == "unless-stopped"
    assert facts["environment"]["SHOUWANG_ENVIRONMENT"] == "production"


def test_no_secret_stands_in_the_file_itself(file: dict[str, Any]) -> None:
    for name, facts in file["services"].items():
        for variable, value in facts.get("environment", {}).items():
            if any(word in variable for word in ("URL", "PASSWORD", "SECRET")):
                assert variable.endswith("_FILE"), f"{name}: {variable}"
                assert value.removeprefix(SECRETS) in facts["secrets"], f"{name}: {variable}"


def test_only_the_console_is_reached_from_outside_and_from_this_machine_only(file: dict[str, Any]) -> None:
    published = {name: facts["ports"] for name, facts in file["services"].items() if "ports" in facts}
    assert published == {"console": ["127.0.0.1:8000:8000"]}


def test_the_secrets_of_the_file_are_those_that_are_made_once(file: dict[str, Any], tmp_path: Path) -> None:
    def make() -> dict[str, str]:
        subprocess.run([sys.executable, "deploy/make_secrets.py", str(tmp_path)], cwd=ROOT, check=True)
        return {path.name: path.read_text() for path in tmp_path.iterdir()}

    made = make()
    assert {Path(facts["file"]).name for facts in file["secrets"].values()} == made.keys() - {"rabbitmq_password"}
    assert made["registry_app_password"] in made["registry_database_url"]
    (tmp_path / "registry_database_url").unlink()
    assert make() == made


def test_every_secret_that_is_declared_is_given_to_somebody(file: dict[str, Any]) -> None:
    given = {
        one if isinstance(one, str) else one["source"]
        for facts in file["services"].values()
        for one in facts.get("secrets", [])
    }
    assert given == file["secrets"].keys()


def test_the_processes_come_local_in_the_order_in_which_they_need_each_other(tmp_path: Path) -> None:
    databases = {name: TestDatabase(f"sqlite:///{name}-owner", f"sqlite:///{name}-app") for name in PROCESSES}
    processes = composed(tmp_path, amqp_url="amqp://here//", databases=databases, namespace="swt1")
    names = [process.name for process in processes]
    assert set(names) == {"keys", *PROCESSES, *(f"{name}-upgrade" for name in PROCESSES)}
    assert all(names.index(f"{name}-upgrade") < names.index(name) for name in PROCESSES)
    assert {process.name for process in processes if process.once} == set(names) - set(PROCESSES)
    registry = processes[names.index("registry")]
    assert registry.command[1:] == ["serve", "registry"]
    assert registry.environment["SHOUWANG_NAMESPACE"] == "swt1"
    assert registry.environment["SHOUWANG_HOST"] == "127.0.0.1"
    assert registry.environment["SHOUWANG_PORT"] == str(registry.port)
    assert Path(registry.environment["SHOUWANG_DATABASE_URL_FILE"]).read_text() == "sqlite:///registry-app"
    assert Path(registry.environment["SHOUWANG_AMQP_URL_FILE"]).read_text() == "amqp://here//"
    assert len({process.port for process in processes if process.port}) == len(PROCESSES)
    upgrade = processes[names.index("registry-upgrade")]
    assert Path(upgrade.environment["SHOUWANG_OWNER_DATABASE_URL_FILE"]).read_text() == "sqlite:///registry-owner"


def test_the_image_installs_the_lock_and_runs_as_nobody_special() -> None:
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "--require-hashes --requirement requirements.lock" in image
    assert "USER shouwang" in image
    assert IMAGE in image.splitlines()[-1]
    copied = [line.split()[1] for line in image.splitlines() if line.startswith("COPY ") and "--from" not in line]
    kept = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert {path.removeprefix("./") for path in copied} == kept
    assert all((ROOT / path).exists() for path in kept)
