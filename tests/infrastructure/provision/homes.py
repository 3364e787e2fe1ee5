"""Servers that were started for the tests and outlive the run: where they live, how to reach and how to end them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.infrastructure.accounts import remove_directory, server_account, server_directory
from tests.infrastructure.broker import Control
from tests.infrastructure.provision import docker
from tests.infrastructure.services import VAR

RECORD = VAR / "own-servers.json"


@dataclass(slots=True)
class Server:
    """One of them.

    Attributes:
        url: how clients reach it; empty until it has been started.
        processes: the ids of its processes.
        container: its container's name, empty for a process.
        directory: where its data lie; empty for a container.
        command: what lists a broker's queues.
        environment: what that command needs around it.
    """

    url: str = ""
    processes: list[int] = field(default_factory=list)
    container: str = ""
    directory: str = ""
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def control(self) -> Control:
        """How to list the broker's queues."""
        return Control(tuple(self.command), self.environment)


class Home:
    """The record of these servers, kept from run to run."""

    def __init__(self, record: Path = RECORD) -> None:
        self._record = record
        self.servers: dict[str, Server] = {}
        # Unreadable means written by another version: then nothing is known, and servers are started anew.
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
            self.servers = {name: Server(**facts) for name, facts in json.loads(record.read_text()).items()}

    def directory(self, name: str, account: str) -> Path:
        """An empty directory for a server that is to be started under `account`; what was there before is removed."""
        self.end(name)
        owner = server_account(account)
        if owner.changes:
            # Root's checkout may be closed to the account; the system's temporary files are not.
            path = server_directory(owner, name)
        else:
            path = self._record.parent / "servers" / name
            path.mkdir(parents=True, exist_ok=True)
        self.servers[name] = Server(directory=str(path))
        self._write()
        return path

    def remember(self, name: str, server: Server) -> None:
        """Note how to reach a server that has been started; its directory stays as it was noted."""
        known = self.servers.get(name)
        if known is not None and not server.directory:
            server.directory = known.directory
        self.servers[name] = server
        self._write()

    def end(self, name: str) -> None:
        """End a server and delete its data; it is no error when there is none."""
        server = self.servers.pop(name, None)
        if server is None:
            return
        if server.container:
            docker.remove(server.container)
        for process in server.processes:
            if server.directory and _is_in(process, server.directory):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process, signal.SIGKILL)
        if server.directory:
            remove_directory(Path(server.directory))
        self._write()

    def _write(self) -> None:
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self._record.write_text(json.dumps({name: asdict(server) for name, server in self.servers.items()}, indent=2))


def _is_in(process: int, directory: str) -> bool:
    """Whether the process works in the directory. A number alone may belong to another program by now."""
    try:
        return Path(f"/proc/{process}/cwd").resolve(strict=True) == Path(directory).resolve()
    except OSError:
        return False
