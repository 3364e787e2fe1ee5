"""`docker-compose.yml` without Docker: its processes as local ones, with the commands and settings that stand there.

What a container has of its own is replaced and nothing else: host names and ports, the files of secrets, the mounted
volumes. So a test that starts these processes fails when the compose file is wrong.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

from tests.infrastructure.database import TestDatabase
from tests.infrastructure.ports import LOOPBACK, free_port
from tests.infrastructure.processes import Process
from tests.infrastructure.services import ROOT

COMPOSE_FILE = ROOT / "docker-compose.yml"
IMAGE = "shouwang"
SECRETS, KEYS = "/run/secrets/", "/keys"
COMPLETED = "service_completed_successfully"
_DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")


@dataclass(frozen=True, slots=True)
class ComposedProcess:
    """One of the processes.

    Attributes:
        name: its name in the file.
        command: program and arguments.
        environment: all that it gets.
        port: where it answers on the loopback address; None for one that does its work and ends.
        once: whether it does its work and ends, and others wait for that.
    """

    name: str
    command: list[str]
    environment: dict[str, str] = field(repr=False)
    port: int | None
    once: bool

    @property
    def url(self) -> str:
        """Its address."""
        assert self.port is not None, f"{self.name} serves nothing"
        return f"http://{LOOPBACK}:{self.port}"

    def start(self, directory: Path) -> Process:
        """Start it, its output in a file of the directory. Who starts it waits for it and ends it."""
        output = directory / f"{self.name}.log"
        return Process(self.command, output_file=output, env=self.environment, cwd=ROOT)


def read_compose(path: Path = COMPOSE_FILE) -> dict[str, Any]:
    """The file, its anchors resolved and each `${NAME:-default}` replaced by the default."""
    text = _DEFAULT.sub(lambda found: found.group(1), path.read_text())
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def composed(
    directory: Path,
    *,
    amqp_url: str,
    databases: Mapping[str, TestDatabase],
    namespace: str,
    settings: Mapping[str, str] | None = None,
) -> list[ComposedProcess]:
    """Every process of our image, those that others wait for first.

    Args:
        directory: an empty one; secrets and volumes lie in it.
        amqp_url: the broker in place of the container's.
        databases: for each service the database in place of its own.
        namespace: in place of the deployment's, so that runs on one broker do not meet.
        settings: variables added or replaced, as for a movable clock: `{"SHOUWANG_ENVIRONMENT": "test", …}`.
    """
    file = read_compose()
    ours = {name: facts for name, facts in file["services"].items() if facts.get("image") == IMAGE}
    local = _Local(directory, {"amqp_url": amqp_url, "console_secret_key": secrets.token_urlsafe(48)}, databases)
    waited_for = {
        needed
        for facts in ours.values()
        for needed, condition in facts.get("depends_on", {}).items()
        if condition["condition"] == COMPLETED
    }
    order = TopologicalSorter({name: facts.get("depends_on", {}).keys() & ours.keys() for name, facts in ours.items()})
    return [
        _process(name, ours[name], local, once=name in waited_for, extra=_extra(namespace, settings))
        for name in order.static_order()
    ]


@dataclass(frozen=True, slots=True)
class _Local:
    """What stands locally in place of what a container has."""

    directory: Path
    texts: dict[str, str]
    databases: Mapping[str, TestDatabase]

    def secret(self, name: str) -> Path:
        """A file with the text of a secret."""
        path = self.directory / "secrets" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.texts.get(name) or self._address(name))
        return path

    def path(self, inside: str) -> str:
        """A path in a volume."""
        (self.directory / "volumes" / KEYS.strip("/")).mkdir(parents=True, exist_ok=True)
        return str(self.directory / "volumes" / inside.strip("/"))

    def _address(self, name: str) -> str:
        if name.endswith("_owner_database_url"):
            return self.databases[name.removesuffix("_owner_database_url")].owner_url
        if name.endswith("_database_url"):
            return self.databases[name.removesuffix("_database_url")].application_url
        raise KeyError(f"no local text for the secret {name}")


def _extra(namespace: str, settings: Mapping[str, str] | None) -> dict[str, str]:
    return {"SHOUWANG_NAMESPACE": namespace, **(settings or {})}


def _process(
    name: str, facts: Mapping[str, Any], local: _Local, *, once: bool, extra: Mapping[str, str]
) -> ComposedProcess:
    given: dict[str, str] = facts.get("environment", {})
    given_secrets = {one if isinstance(one, str) else one["source"] for one in facts.get("secrets", [])}
    port = free_port() if "SHOUWANG_PORT" in given else None
    # As in the image, whose account has a home that does not exist.
    environment = dict(_outside()) | {"HOME": str(local.directory / "no-home")}
    for variable, value in (given | dict(extra) if given else {}).items():
        if value.startswith(SECRETS):
            secret = value.removeprefix(SECRETS)
            # In a container the file would not be there either.
            assert secret in given_secrets, f"{name} reads the secret {secret}, which it is not given"
            environment[variable] = str(local.secret(secret))
        elif value.startswith(KEYS):
            environment[variable] = local.path(value)
        elif variable == "SHOUWANG_HOST":
            environment[variable] = LOOPBACK
        elif variable == "SHOUWANG_PORT":
            environment[variable] = str(port)
        else:
            environment[variable] = value
    words = [*facts.get("entrypoint", [IMAGE]), *facts["command"]]
    command = [_program(words[0]), *(local.path(word) if word.startswith(KEYS) else word for word in words[1:])]
    return ComposedProcess(name, command, environment, port, once)


def _program(name: str) -> str:
    return sys.executable if name == "python" else str(Path(sys.executable).parent / name)


def _outside() -> Iterator[tuple[str, str]]:
    """What any process needs of this machine, and none of our settings."""
    for name in ("PATH", "LANG", "TMPDIR"):
        if name in os.environ:
            yield name, os.environ[name]
