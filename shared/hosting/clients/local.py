"""Calls into the same process: the message and the answer pass through the wire's JSON all the same."""

from __future__ import annotations

from typing import Any, Protocol

from shared.hosting import wire
from shared.hosting.clients.port import Caller, HeadListener, ServiceUnavailable, Unsubscribe
from shared.kernel.clock import Clock


class House(Protocol):
    """What the embedded host gives its clients."""

    clock: Clock

    def answer(self, service: str, door: str, message: dict[str, Any]) -> dict[str, Any]:
        """A door's answer. Raises LookupError where there is no such door, or the service does not run."""
        ...

    def listen_heads(self, listener: HeadListener) -> Unsubscribe:
        """Tell of each announced head."""
        ...


class LocalClient(Caller):
    """Calls the doors of a house in this process. Any number of threads may share it."""

    def __init__(self, house: House) -> None:
        super().__init__(house.clock)
        self._house = house

    def heads(self, listener: HeadListener) -> Unsubscribe:
        """Tell `listener(service, log size)` of each announced head."""
        return self._house.listen_heads(listener)

    def _carry(self, service: str, door: str, message: dict[str, Any], _timeout: float) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = wire.carried(self._house.answer(service, door, wire.carried(message)))
        except LookupError as error:
            raise ServiceUnavailable(service) from error
        return answer
