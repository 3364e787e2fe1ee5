"""`shouwang up` as a process of its own that can be killed, with the county's people at its local socket."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from shared.config.settings import Settings
from shared.hosting.clients import SocketClient
from shared.kernel.clock import OffsetClock
from tests.e2e.crew import Crew
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.ports import free_port
from tests.infrastructure.processes import Process
from tests.infrastructure.services import ROOT


class House:
    """An embedded system in its own process. Its people survive its death: `crew` speaks to whoever owns the data."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._clock = folder, MovedClock(folder / "clock")
        self.port = free_port()
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "SHOUWANG_ENVIRONMENT": "test",
            "SHOUWANG_DATA": str(folder / "data"),
            **self._clock.environment,
        }
        self.settings = Settings.from_environment(self.environment, None)
        self.clock = OffsetClock(self._clock.path)
        self._client = SocketClient(self.settings.data, self.clock)
        self.crew = Crew(self._client, self.settings.key_directory, self.clock)
        self._process: Process | None = None

    def start(self) -> House:
        command = [sys.executable, "-m", "shared.cli.main", "up", "--port", str(self.port)]
        output = self._folder / "up.log"
        self._process = Process(command, output_file=output, env=self.environment, cwd=ROOT)
        self._process.wait_for_line(r"Shouwang 守望 +http", within=60)
        self._connect()
        return self

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed by us."""
        assert self._process is not None
        self._process.kill()

    def killed_and_started(self) -> None:
        self.kill()
        self.start()

    def end(self) -> None:
        self._client.close()
        if self._process is not None:
            self._process.kill()

    def survives(self, who: str, service: str, door: str, data: dict[str, Any]) -> dict[str, Any]:
        """Give a command, kill the process the moment that it has answered, give the same command again."""
        command = self.crew.new_id()
        first: dict[str, Any] = self.crew.heard(who, service, door, data, command=command)
        self.killed_and_started()
        again: dict[str, Any] = self.crew.heard(who, service, door, data, command=command)
        assert again["repeated"], f"{door} was lost and done anew"
        assert (again["id"], again["events"]) == (first["id"], first["events"])
        return first

    def last_written(self) -> int:
        """When registry last wrote to its disk, in nanoseconds."""
        log = self.settings.data / "registry.sqlite-wal"
        return log.stat().st_mtime_ns if log.exists() else 0

    def _connect(self) -> None:
        self._client.close()
        self._client = SocketClient(self.settings.data, self.clock)
        self.crew.client = self._client
