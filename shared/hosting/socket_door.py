"""The local socket of a running house: how other commands on the machine reach the process that owns the data.

A request is `{"service", "door", "message"}` and is answered by what the door says, or `{"missing": true}`; `{"heads":
true}` turns the connection into a stream of `{"service", "size"}`. The file's mode lets its owner alone connect, and
every message brings a token as it would anywhere else.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from shared.hosting import frames
from shared.hosting.clients.local import House

log = structlog.get_logger(__name__)
_MOST = 32
"""Connections that are served at once."""


class SocketDoor:
    """Listens on the socket of a data directory and lets each connection's requests into the house, one by one."""

    def __init__(self, data: Path, house: House) -> None:
        self._data, self._house = data, house
        self._stopping = threading.Event()
        self._places = threading.BoundedSemaphore(_MOST)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen. The caller holds the lock of the data directory, so a socket file that is there is a dead one."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = self._data / frames.SOCKET
        path.unlink(missing_ok=True)
        with frames.address_of(self._data) as address:
            before = os.umask(0o177)
            try:
                listener.bind(address)
            finally:
                os.umask(before)
        path.chmod(0o600)
        listener.listen(_MOST)
        self._listener = listener
        self._thread = threading.Thread(target=self._accept, args=(listener,), name="socket-door", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the socket and every connection."""
        self._stopping.set()
        if self._listener is None or self._thread is None:
            return
        (self._data / frames.SOCKET).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                if not self._stopping.is_set():
                    log.exception("socket_door_lost")
                return
            self._places.acquire()
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="socket-visitor", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, contextlib.suppress(OSError):  # a visitor that goes away is no fault of ours
                while (request := frames.receive(connection)) is not None:
                    if isinstance(request, dict) and request.get("heads"):
                        self._stream_heads(connection)
                        return
                    frames.send(connection, self._answer(request))
        except Exception:
            log.exception("socket_visit_failed")
        finally:
            with self._lock:
                self._open.discard(connection)
            self._places.release()

    def _answer(self, request: Any) -> dict[str, Any]:
        try:
            service, door, message = str(request["service"]), str(request["door"]), dict(request["message"])
            return self._house.answer(service, door, message)
        except (LookupError, TypeError, ValueError):
            return {"missing": True}

    def _stream_heads(self, connection: socket.socket) -> None:
        heads: queue.Queue[tuple[str, int]] = queue.Queue(maxsize=1000)

        def take(service: str, size: int) -> None:
            with contextlib.suppress(queue.Full):  # a visitor that does not read misses heads, which are only hints
                heads.put_nowait((service, size))

        stop: Callable[[], None] = self._house.listen_heads(take)
        try:
            while not self._stopping.is_set():
                try:
                    service, size = heads.get(timeout=0.5)
                except queue.Empty:
                    if _has_left(connection):
                        return
                    continue
                frames.send(connection, {"service": service, "size": size})
        finally:
            stop()


def _has_left(connection: socket.socket) -> bool:
    """Whether the other side is gone: a visitor who only listens has nothing more to say."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
