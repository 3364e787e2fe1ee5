"""From a fresh clone to the sign-in page with `make run`, where the packages are in the machine's cache already."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

from tests.benchmarks.figures import Figure, seconds
from tests.benchmarks.ground import Ground
from tests.infrastructure.ports import LOOPBACK, free_port
from tests.infrastructure.processes import Process
from tests.infrastructure.services import ROOT

WITHIN = 300.0


def measure(on: Ground) -> Iterator[Figure]:
    """Once: clone, virtual environment, packages, demonstration data, page."""
    clone, port = on.folder / "clone", free_port()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SHOUWANG_", "VIRTUAL_ENV", "MAKE"))
    }
    environment = kept | {"SHOUWANG_PORT": str(port), "SHOUWANG_DATA": str(on.folder / "data")}

    def run() -> None:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True, timeout=60)
        running = on.stack.enter_context(
            Process(["make", "run"], output_file=on.folder / "run.log", env=environment, cwd=clone)
        )
        running.wait_for_http(f"http://{LOOPBACK}:{port}/sign-in", within=WITHIN)
        took.append(running)

    took: list[Process] = []
    needed = seconds(run)
    took[0].terminate(by=signal.SIGTERM, within=30)
    yield Figure(what="make run in a fresh clone → the sign-in page", ours=needed, note="once, warm package cache")
