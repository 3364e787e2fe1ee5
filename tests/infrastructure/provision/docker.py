"""Servers in containers, where a Docker engine runs."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

from tests.infrastructure.provision import CannotProvide


@dataclass(frozen=True, slots=True)
class Image:
    """One server: its image, the port inside, the environment and the container's name."""

    container: str
    image: str
    port: int
    environment: dict[str, str]


POSTGRES = Image("shouwang-test-postgres", "postgres:15", 5432, {"POSTGRES_HOST_AUTH_METHOD": "trust"})
RABBITMQ = Image("shouwang-test-rabbitmq", "rabbitmq:3.13", 5672, {})


def engine_runs() -> bool:
    """Whether there is a Docker client whose engine answers."""
    if shutil.which("docker") is None:
        return False
    try:
        return _docker("info", "--format", "{{.ServerVersion}}", within=5).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def start(wanted: Image) -> int:
    """Start the container, or the one that is left from before; gives its port on the loopback address.

    Raises:
        CannotProvide: the engine refused; with the last line that it said.
    """
    if _docker("start", wanted.container, within=60).returncode:
        variables = [word for name, value in wanted.environment.items() for word in ("--env", f"{name}={value}")]
        made = _docker(
            "run",
            "--detach",
            f"--name={wanted.container}",
            f"--publish=127.0.0.1::{wanted.port}",
            *variables,
            wanted.image,
            within=600,
        )
        if made.returncode:
            raise CannotProvide(f"docker run {wanted.image} failed: {made.stderr.strip().splitlines()[-1:]}")
    shown = _docker("port", wanted.container, str(wanted.port), within=10)
    if shown.returncode or ":" not in shown.stdout:
        raise CannotProvide(f"docker shows no port of {wanted.container}: {shown.stderr.strip()}")
    return int(shown.stdout.splitlines()[0].rpartition(":")[2])


def remove(container: str) -> None:
    """End a container and delete it."""
    _docker("rm", "--force", "--volumes", container, within=60)


def _docker(*words: str, within: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=within)
