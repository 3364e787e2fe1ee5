"""A RabbitMQ node of a test's own, on its own ports, that the test may stop, kill and start again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.infrastructure.accounts import remove_directory, server_account, server_directory
from tests.infrastructure.broker import broker_answers
from tests.infrastructure.ports import LOOPBACK, free_port
from tests.infrastructure.processes import Process
from tests.infrastructure.waiting import eventually

DEBIAN_PROGRAMS = Path("/usr/lib/rabbitmq/bin")
"""The node's own programs. Debian's wrappers in PATH change the account and write to the system's node's log."""

# While it starts, a node looks for thousands of files, each through a thread that has gone to sleep: three times as
# slow on a virtual machine as with threads that wait for a moment before they sleep (measured: 14 s and 4.5 s).
SCHEDULERS = "+S 2:2 +SDio 2 +sbwt short +sbwtdio short"
# Memory and disk alarms would stop publishers on a small machine; a test's data are small.
NODE_SETTINGS = """\
vm_memory_high_watermark.relative = 0.9
disk_free_limit.absolute = 10MB
log.console = true
log.console.level = warning
log.file = false
"""


class NoRabbit(RuntimeError):
    """The programs of RabbitMQ are not installed here."""


def node_programs() -> Path:
    """The folder with `rabbitmq-server` and `rabbitmqctl`.

    Raises:
        NoRabbit: there is none.
    """
    if (DEBIAN_PROGRAMS / "rabbitmq-server").exists():
        return DEBIAN_PROGRAMS
    found = shutil.which("rabbitmq-server")
    if found:
        return Path(found).resolve().parent
    raise NoRabbit("install rabbitmq-server: its programs were not found")


class OwnBroker:
    """A node with its own name, ports, data, cookie and port mapper (epmd): it cannot meet the machine's.

    Args:
        directory: an empty directory of the node's account, or one with a node's data; a temporary one when left out.
        port: for clients; a free one when left out.
        settings: the text of its `rabbitmq.conf`.
    """

    ACCOUNT = "rabbitmq"

    def __init__(
        self, directory: Path | None = None, *, port: int | None = None, settings: str = NODE_SETTINGS
    ) -> None:
        self._account = server_account(self.ACCOUNT)
        self._programs = node_programs()
        self._temporary = directory is None
        self.directory = directory or server_directory(self._account, "broker")
        self.port = port or free_port()
        self._settings = settings
        self._mapper_port = free_port()
        self._distribution_port = free_port()
        self.url = f"amqp://guest:guest@{LOOPBACK}:{self.port}//"
        self._mapper: Process | None = None
        self._node: Process | None = None

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that run now."""
        return [process.pid for process in (self._node, self._mapper) if process is not None]

    def start(self, *, within: float = 60.0) -> Self:
        """Start the node and return when clients can connect."""
        self._write_settings()
        if self._mapper is None:
            # Started here, in the foreground, because the node would leave one behind that nobody ends.
            self._mapper = Process(
                [self._mapper_program(), "-port", str(self._mapper_port), "-address", LOOPBACK],
                output_file=self.output_file,
                cwd=self.directory,
                options=self._account.options,
            )
        self._node = Process(
            [str(self._programs / "rabbitmq-server")],
            output_file=self.output_file,
            env=self.environment(),
            cwd=self.directory,
            options=self._account.options,
        )
        node = self._node
        try:
            eventually(
                lambda: broker_answers(self.url) or node.exit_code is not None,
                within=within,
                every=0.1,
                what="RabbitMQ",
            )
            assert node.exit_code is None, f"RabbitMQ ended with {node.exit_code}"
        except AssertionError as error:
            log = self.output_file.read_text(errors="replace")[-2000:]
            self.remove()
            raise AssertionError(f"{error}\n{log}") from None
        return self

    def stop(self) -> None:
        """Shut the node down in order (SIGTERM)."""
        if self._node is not None:
            self._node.terminate(within=30)
            self._node = None

    def kill(self) -> None:
        """SIGKILL to the node, as when the machine loses the process."""
        if self._node is not None:
            self._node.kill()
            self._node = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The node takes connections, by way of the system, and answers none until the end of the block."""
        assert self._node is not None
        self._node.freeze()
        try:
            yield
        finally:
            self._node.thaw()

    def restart(self) -> Self:
        """Stop and start, with the same data on the same port."""
        self.stop()
        return self.start()

    def remove(self) -> None:
        """End the node and its port mapper, and delete its data."""
        self.kill()
        if self._mapper is not None:
            self._mapper.kill()
            self._mapper = None
        if self._temporary:
            remove_directory(self.directory)

    def control(self, *words: str) -> str:
        """Run `rabbitmqctl` against this node; gives what it says.

        Raises:
            RuntimeError: it refused.
        """
        done = subprocess.run(
            self.control_command() + list(words),
            env=self.environment(),
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            **self._account.options,
        )
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def control_command(self) -> list[str]:
        """`rabbitmqctl`, quiet; it needs `environment()` too."""
        return [str(self._programs / "rabbitmqctl"), "--quiet"]

    def environment(self) -> dict[str, str]:
        """What makes the programs speak of this node and none else."""
        at = self.directory
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(at),  # the cookie lies here
            "RUNNING_UNDER_SYSTEMD": "1",  # no shell stays between us and the node, so its process id is ours
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": f"shouwang-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_BASE": str(at),
            "RABBITMQ_MNESIA_BASE": str(at / "data"),
            "RABBITMQ_LOG_BASE": str(at / "log"),
            "RABBITMQ_PID_FILE": str(at / "node.pid"),
            "RABBITMQ_CONF_ENV_FILE": str(at / "environment.conf"),
            "RABBITMQ_CONFIG_FILE": str(at / "node.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(at / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(at / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": SCHEDULERS + " -kernel inet_dist_use_interface {127,0,0,1}",
        }

    @property
    def output_file(self) -> Path:
        """What the node and its port mapper wrote."""
        return self.directory / "node.log"

    def _write_settings(self) -> None:
        files = {
            "environment.conf": "",
            "node.conf": self._settings,
            "advanced.config": "[].\n",
            "plugins": "[].\n",
        }
        for name, text in files.items():
            path = self.directory / name
            path.write_text(text)
            self._account.give(path)

    @staticmethod
    def _mapper_program() -> str:
        found = shutil.which("epmd") or next(iter(map(str, Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))), None)
        if found is None:
            raise NoRabbit("install rabbitmq-server: Erlang's epmd was not found")
        return found

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()
