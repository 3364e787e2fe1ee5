"""The port itself, and what can go wrong at it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

from shared.hosting import wire
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.refusals import Changed, Denied, Invalid, NotFound, Refusal

Unsubscribe = Callable[[], None]
HeadListener = Callable[[str, int], None]


class ServiceUnavailable(Exception):
    """The service did not take the call: nothing has happened. `service` names it."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class ServiceFailed(ServiceUnavailable):
    """The service stumbled over the call and undid it. `incident` finds the story in its log."""

    def __init__(self, service: str, incident: str) -> None:
        super().__init__(service)
        self.incident = incident


class OutcomeUnknown(Exception):
    """The call was sent and no answer came in time: it may have happened. Ask again with the same command id."""

    def __init__(self, command_id: str) -> None:
        super().__init__(command_id)
        self.command_id = command_id


class ServiceClient(Protocol):
    """Calls the doors of the services."""

    def call(
        self,
        service: str,
        door: str,
        data: dict[str, Any],
        *,
        token: str,
        command_id: str | None = None,
        expected_version: int | None = None,
        language: str = "zh-Hans",
        correlation: str | None = None,
        timeout: float = 10.0,
    ) -> Any:
        """The door's answer. Raises Refusal, ServiceUnavailable or OutcomeUnknown; `timeout` is in seconds."""
        ...

    def heads(self, listener: HeadListener) -> Unsubscribe:
        """Tell `listener(service, log size)` of each announced head, from any thread; returns the way to stop it."""
        ...


class Caller(ABC):
    """What all clients have in common: the message is made, carried there, and the answer read."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @abstractmethod
    def _carry(self, service: str, door: str, message: dict[str, Any], timeout: float) -> dict[str, Any]:
        """Carry a message there within so many seconds, and the answer back."""

    def call(
        self,
        service: str,
        door: str,
        data: dict[str, Any],
        *,
        token: str,
        command_id: str | None = None,
        expected_version: int | None = None,
        language: str = "zh-Hans",
        correlation: str | None = None,
        timeout: float = 10.0,
    ) -> Any:
        """The door's answer. Raises Refusal, ServiceUnavailable or OutcomeUnknown; `timeout` is in seconds."""
        now = self._clock.now()
        # Made here when the caller brought none, so that an outcome that stays unknown can be asked for.
        command_id = command_id or new_id(now)
        message = wire.message(
            data,
            token=token,
            now=now,
            timeout=timeout,
            command_id=command_id,
            expected_version=expected_version,
            language=language,
            correlation=correlation,
        )
        return read(service, command_id, self._carry(service, door, message, timeout))


def read(service: str, command_id: str, answer: Any) -> Any:
    """What a door's answer says. Raises Refusal, ServiceFailed, OutcomeUnknown, ServiceUnavailable."""
    if isinstance(answer, dict):
        if "answer" in answer:
            return answer["answer"]
        if "refused" in answer:
            raise _refusal(service, answer["refused"])
        if "failed" in answer:
            if answer["failed"].get("unknown"):
                raise OutcomeUnknown(command_id)
            raise ServiceFailed(service, str(answer["failed"].get("incident")))
    raise ServiceUnavailable(service)


def _refusal(service: str, refused: dict[str, Any]) -> Exception:
    """The refusal in its own class, so that a caller may catch it by kind as well as by code."""
    code, facts = str(refused["code"]), dict(refused.get("facts") or {})
    if code == "too_late":  # it was left unopened
        return ServiceUnavailable(service)
    known: dict[str, type[Refusal]] = {"not_found": NotFound, "denied": Denied, "invalid": Invalid, "changed": Changed}
    kind = known.get(code, Refusal)
    refusal = kind.__new__(kind)
    Refusal.__init__(refusal, code, **facts)
    return refusal
