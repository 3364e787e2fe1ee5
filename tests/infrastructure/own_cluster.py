"""A PostgreSQL cluster of a test's own, on its own port, that the test may stop, kill and start again."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.infrastructure.accounts import remove_directory, server_account, server_directory
from tests.infrastructure.ports import LOOPBACK, free_port
from tests.infrastructure.processes import Process
from tests.infrastructure.waiting import eventually

SUPERUSER = "postgres"
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
"""Debian keeps each version's server programs in a folder of its own, outside PATH."""
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "300",
    "timezone": "UTC",
    "logging_collector": "off",
}


class NoPostgres(RuntimeError):
    """The programs of a PostgreSQL server are not installed here."""


def server_programs() -> Path:
    """The folder with `initdb` and `postgres`, the newest version first.

    Raises:
        NoPostgres: there is none.
    """
    found = shutil.which("initdb")
    if found and (programs := Path(found).resolve().parent).joinpath("postgres").exists():
        return programs
    versions = sorted(DEBIAN_PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    if versions:
        return versions[0].parent
    raise NoPostgres("install postgresql: its programs initdb and postgres were not found")


class OwnCluster:
    """A cluster in a directory of its own: superuser `postgres` without a password, loopback only.

    Args:
        directory: an empty directory of the server's account, or one with a cluster; a temporary one when left out.
        durable: False turns off waiting for the disk, for clusters that only have to survive their own processes.
        settings: others of the server's, by name.
    """

    ACCOUNT = "postgres"

    def __init__(
        self,
        directory: Path | None = None,
        *,
        port: int | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._account = server_account(self.ACCOUNT)
        self._programs = server_programs()
        self._temporary = directory is None
        self.directory = directory or server_directory(self._account, "cluster")
        self.port = port or free_port()
        self._durable = durable
        self._settings = dict(settings or {})
        self._server: Process | None = None

    @property
    def url(self) -> str:
        """How its superuser connects to the database `postgres`."""
        return f"postgresql://{SUPERUSER}@{LOOPBACK}:{self.port}/postgres"

    @property
    def files(self) -> list[Path]:
        """Every file of its data and its journal."""
        return [one for one in (self.directory / "data").rglob("*") if one.is_file()]

    @property
    def pid(self) -> int:
        """The server's process id while it runs."""
        assert self._server is not None, "the cluster was not started"
        return self._server.pid

    def start(self, *, within: float = 30.0) -> Self:
        """Make the cluster where there is none, start the server, return when it answers."""
        data = self.directory / "data"
        if not (data / "PG_VERSION").exists():
            self._make(data)
        settings = SETTINGS | {"port": str(self.port)} | self._settings
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        # Each setting on the command line: the cluster's files stay as initdb wrote them, and a new port needs no edit.
        command = [str(self._programs / "postgres"), "-D", str(data)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

        def running() -> bool:
            if self._server is None or self._server.exit_code is not None:
                # After a SIGKILL the old children hold the shared memory for a moment, and the server refuses to start.
                self._server = Process(
                    command, output_file=self.output_file, cwd=self.directory, options=self._account.options
                )
            return self.answers()

        try:
            eventually(running, within=within, every=0.1, what=f"PostgreSQL on port {self.port}")
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}\n{self.output_file.read_text()[-2000:]}") from None
        return self

    def answers(self) -> bool:
        """Whether a connection can ask it something."""
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
                return True
        except psycopg.OperationalError:
            return False

    def stop(self) -> None:
        """Shut it down in order: open transactions are rolled back, connections closed, everything written."""
        if self._server is not None:
            self._server.terminate(by=signal.SIGINT)  # PostgreSQL's fast shutdown; SIGTERM would wait for clients
            self._server = None

    def kill(self) -> None:
        """SIGKILL to the server and each of its children, as when the machine loses the process."""
        if self._server is not None:
            self._server.kill()
            self._server = None

    def restart(self) -> Self:
        """Stop and start, with the same data on the same port."""
        self.stop()
        return self.start()

    def remove(self) -> None:
        """End it and delete its data."""
        self.kill()
        if self._temporary:
            remove_directory(self.directory)

    @property
    def output_file(self) -> Path:
        """The server's log."""
        return self.directory / "server.log"

    def _make(self, data: Path) -> None:
        made = subprocess.run(
            [
                str(self._programs / "initdb"),
                f"--pgdata={data}",
                f"--username={SUPERUSER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            **self._account.options,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr.strip()}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()
