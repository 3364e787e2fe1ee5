"""Reaching the services from a command: the process that owns the data, the broker, or, when none runs, by oneself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.access.tokens import TokenSigner
from shared.config.settings import Settings
from shared.contracts import LANGUAGE
from shared.hosting.clients import NamekoClient, ServiceClient, SocketClient
from shared.kernel.clock import Clock


class NothingThere(Exception):
    """No system was ever begun in the data directory that a command was to look at."""

    def __init__(self, data: Path) -> None:
        super().__init__(f"{data} holds no system: shouwang up or shouwang bootstrap begins one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The services within reach, and the operator's word at their doors. `how` is socket, broker or alone."""

    client: ServiceClient
    clock: Clock
    settings: Settings
    how: str

    def token(self, issuer: str = "operator") -> str:
        """A token of the operator, or of another account of the system's own."""
        signer = TokenSigner.load(
            self.settings.key_directory, f"token-{issuer}", self.clock, strict=self.settings.production
        )
        return signer.issue(f"system:{issuer}", issuer, "terminal", "system")


@contextmanager
def reached(settings: Settings, *, begin: bool = False) -> Iterator[Reach]:
    """Reach the services of these settings within the block.

    With a broker's address, over it. Otherwise through the socket of the process that owns the data directory; where
    none does, the services are started here for the length of the block. Raises DataInUse where a process owns the
    directory and does not listen, and NothingThere where no system was begun in it, unless this is to `begin` one:
    a directory that was mistyped must neither be filled nor be found in order.
    """
    clock = settings.clock()
    if settings.amqp_url is not None:
        broker = NamekoClient(settings.amqp_url, settings.namespace, clock)
        try:
            yield Reach(client=broker, clock=clock, settings=settings, how="broker")
        finally:
            broker.close()
    elif SocketClient.answers(settings.data):
        socket = SocketClient(settings.data, clock)
        try:
            yield Reach(client=socket, clock=clock, settings=settings, how="socket")
        finally:
            socket.close()
    else:
        if not begin and not any((settings.data / f"{service}.sqlite").exists() for service in LANGUAGE):
            raise NothingThere(settings.data)
        from shared.hosting.embedded import EmbeddedHost  # late: half a second that most commands need not wait

        with EmbeddedHost(settings, clock=clock) as host:
            yield Reach(client=host.client, clock=clock, settings=settings, how="alone")
