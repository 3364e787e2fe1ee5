"""Calls into the process that owns a data directory, over its local socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from typing import Any

from shared.hosting import frames
from shared.hosting.clients.port import Caller, HeadListener, OutcomeUnknown, ServiceUnavailable, Unsubscribe
from shared.kernel.clock import Clock


class SocketClient(Caller):
    """Calls the doors of the house that owns `data`. Each thread that calls gets a connection of its own."""

    def __init__(self, data: Path, clock: Clock) -> None:
        super().__init__(clock)
        self._data = data
        self._mine = threading.local()

    @staticmethod
    def answers(data: Path) -> bool:
        """Whether a process listens on the socket of this data directory."""
        with contextlib.suppress(OSError), contextlib.closing(_connected(data, 2.0)):
            return True
        return False

    def heads(self, listener: HeadListener) -> Unsubscribe:
        """Tell `listener(service, log size)` of each announced head, from a thread of its own, while the house runs."""
        connection = _connected(self._data, 5.0)
        connection.settimeout(None)
        frames.send(connection, {"heads": True})

        def listen() -> None:
            with contextlib.suppress(OSError):
                while (head := frames.receive(connection)) is not None:
                    listener(str(head["service"]), int(head["size"]))

        threading.Thread(target=listen, name="heads", daemon=True).start()

        def stop() -> None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

        return stop

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._mine, "connection", None)
        if connection is not None:
            connection.close()
            self._mine.connection = None

    def _carry(self, service: str, door: str, message: dict[str, Any], timeout: float) -> dict[str, Any]:
        request = {"service": service, "door": door, "message": message}
        try:
            connection = self._connection(timeout)
            frames.send(connection, request)
        except OSError:
            self.close()
            try:  # the house may have been started anew since the last call; nothing was taken by the old one
                connection = self._connection(timeout)
                frames.send(connection, request)
            except OSError as error:
                self.close()
                raise ServiceUnavailable(service) from error
        try:
            answer = frames.receive(connection)
        except OSError as error:
            self.close()
            raise OutcomeUnknown(str(message["command_id"])) from error
        if answer is None:
            self.close()
            raise OutcomeUnknown(str(message["command_id"]))
        if answer.get("missing"):
            raise ServiceUnavailable(service)
        return dict(answer)

    def _connection(self, timeout: float) -> socket.socket:
        connection: socket.socket | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = _connected(self._data, timeout)
        connection.settimeout(timeout)
        return connection


def _connected(data: Path, timeout: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        with frames.address_of(data) as address:
            connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection
