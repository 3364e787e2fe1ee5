"""The whole system on either host, for tests that must pass on both and are selected by a parameter.

    with embedded_system(folder, clock) as system: ...
    with served_system(folder, clock, amqp_url, namespace, databases) as system: ...

    system.client.call("registry", "register_division", {...}, token=system.bootstrap())
    system.client.call("casework", "cases", {...}, token=system.token(staff, "supervisor"))

Both follow the movable clock whose file is given. The served one runs one process for each service under `shouwang
serve`, over the broker and databases that the test brings, and leaves nothing running behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from shared.access.tokens import TokenSigner
from shared.config.settings import Settings
from shared.hosting.clients import NamekoClient, ServiceClient
from shared.hosting.directory import SERVICES, service_class
from shared.hosting.embedded import EmbeddedHost
from shared.hosting.migrating import upgrade
from shared.kernel.clock import Clock, OffsetClock
from shared.kernel.messages import PURPOSES
from shared.vault.keyring import Keyring

READY_WITHIN = 40.0
STOPPED_WITHIN = 20.0
_SHOWN = 20_000


class Given(Protocol):
    """A fresh database with its two roles, as the tests' infrastructure makes it."""

    @property
    def owner_url(self) -> str:
        """As the role that migrates."""
        ...

    @property
    def application_url(self) -> str:
        """As the role that cannot change history."""
        ...

    @property
    def application_role(self) -> str | None:
        """That role's name; None on SQLite."""
        ...


Databases = Callable[[], AbstractContextManager[Given]]
"""Makes a fresh database that is dropped at the end of the block."""


@dataclass(kw_only=True)
class System:
    """A running system, and how a test speaks to it."""

    kind: str
    keys: Path
    clock: Clock
    client: ServiceClient
    host: EmbeddedHost | None = None
    served: dict[str, Served] = field(default_factory=dict)
    _signers: dict[str, TokenSigner] = field(default_factory=dict)

    def token(self, staff: str, role: str) -> str:
        """A token as the console signs it for a member of staff who acts in a role."""
        return self._signer("console").issue(staff, "account", "session", role)

    def system(self, service: str) -> str:
        """A token of a service on its own account."""
        return self._signer(service).issue(f"system:{service}", service, "test", "system")

    def bootstrap(self) -> str:
        """A token of the command that gives a new deployment its first people."""
        return self.system("bootstrap")

    def _signer(self, issuer: str) -> TokenSigner:
        if issuer not in self._signers:
            self._signers[issuer] = TokenSigner.load(self.keys, f"token-{issuer}", self.clock)
        return self._signers[issuer]


class Served:
    """One service in a process of its own under `shouwang serve`."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str], package: str | None = None) -> None:
        self.name = name
        self._ready = folder / f"{name}.ready"
        self._output = folder / f"{name}.log"
        self._environment = dict(environment)
        self._command = [sys.executable, "-m", "shared.cli.main", "serve", name, "--ready-file", str(self._ready)]
        if package:
            self._command += ["--package", package]
        self._process: subprocess.Popen[bytes] | None = None

    def forget(self, variable: str) -> None:
        """Start without this variable of the environment from now on."""
        self._environment.pop(variable, None)

    def remember(self, variable: str, value: str) -> None:
        """Start with this variable of the environment from now on."""
        self._environment[variable] = value

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._running().pid

    def start(self) -> None:
        """Start it, without waiting until it is ready."""
        self._ready.unlink(missing_ok=True)
        with self._output.open("ab") as output:
            # A session of its own, so that no signal meant for the test run reaches it, nor the other way round.
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, within: float = READY_WITHIN) -> None:
        """Wait until it says that it is ready. Raises AssertionError with the last of its output."""
        ends = time.monotonic() + within
        while not self._ready.exists():
            if self._running().poll() is not None:
                raise AssertionError(f"{self.name} ended with {self._running().returncode}\n{self.output()}")
            if time.monotonic() > ends:
                raise AssertionError(f"{self.name} is not ready after {within:g} s\n{self.output()}")
            time.sleep(0.02)

    def wait(self, within: float = STOPPED_WITHIN) -> int:
        """Wait until it ends by itself; its exit code. Raises subprocess.TimeoutExpired."""
        return self._running().wait(within)

    def stop(self) -> int:
        """SIGTERM, and its exit code. Raises AssertionError when it does not listen; it is killed then."""
        process = self._running()
        process.terminate()
        try:
            return process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} ignored SIGTERM\n{self.output()}") from None

    def kill(self) -> None:
        """SIGKILL, at once."""
        self._running().kill()
        self._running().wait()

    def end(self) -> None:
        """Stop it however it was left; one that does not run is fine."""
        if self._process is not None and self._process.poll() is None:
            self.stop()

    def output(self) -> str:
        """The last of what it has written."""
        return self._output.read_text(errors="replace")[-_SHOWN:]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise AssertionError(f"{self.name} was never started")
        return self._process


@contextmanager
def embedded_system(folder: Path, clock_file: Path, *, packages: Mapping[str, str] | None = None) -> Iterator[System]:
    """Every service in this process. `packages` names other modules for services, for tests of the host itself."""
    environment = {
        "SHOUWANG_ENVIRONMENT": "test",
        "SHOUWANG_DATA": str(folder / "data"),
        "SHOUWANG_TEST_CLOCK": str(clock_file),
    }
    settings = Settings.from_environment(environment, None)
    classes = {name: service_class(name, package) for name, package in _packages(packages).items()}
    with EmbeddedHost(settings, classes=classes) as host:
        yield System(kind="embedded", keys=settings.key_directory, clock=host.clock, client=host.client, host=host)


@contextmanager
def served_system(
    folder: Path,
    clock_file: Path,
    amqp_url: str,
    namespace: str,
    databases: Databases,
    *,
    packages: Mapping[str, str] | None = None,
) -> Iterator[System]:
    """One process for each service over RabbitMQ, each on a database of its own."""
    keys, clock = folder / "keys", OffsetClock(clock_file)
    Keyring.create(keys, PURPOSES)
    with ExitStack() as stack:
        client = NamekoClient(amqp_url, namespace, clock)
        stack.callback(client.close)
        system = System(kind="rabbitmq", keys=keys, clock=clock, client=client)
        for name, package in _packages(packages).items():
            database = stack.enter_context(databases())
            upgrade(name, database.owner_url, application_role=database.application_role, package=package)
            environment = served_environment(keys, clock_file, amqp_url, namespace, database.application_url)
            system.served[name] = served = Served(name, folder, environment, package)
            stack.callback(served.end)
            served.start()
        for served in system.served.values():
            served.wait_until_ready()
        yield system


def served_environment(
    keys: Path, clock_file: Path, amqp_url: str, namespace: str, database_url: str
) -> dict[str, str]:
    """The environment of a process under `shouwang serve`."""
    return _outer_environment() | {
        "SHOUWANG_ENVIRONMENT": "test",
        "SHOUWANG_KEYS": str(keys),
        "SHOUWANG_AMQP_URL": amqp_url,
        "SHOUWANG_NAMESPACE": namespace,
        "SHOUWANG_DATABASE_URL": database_url,
        "SHOUWANG_TEST_CLOCK": str(clock_file),
    }


def _packages(packages: Mapping[str, str] | None) -> dict[str, Any]:
    return dict(packages) if packages is not None else dict.fromkeys(SERVICES)


def _outer_environment() -> dict[str, str]:
    """The environment without what is set for some other deployment, and with the checkout on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOUWANG_")}
    return kept | {"PYTHONPATH": os.pathsep.join(one or str(Path.cwd()) for one in sys.path)}
