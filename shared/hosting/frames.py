"""Frames on the local socket: four bytes of length, big end first, then that many bytes of the wire's JSON."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.hosting import wire

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest frame that is read: a roster's chunk is far smaller."""
SOCKET = "shouwang.sock"
_LENGTH = struct.Struct(">I")
_LONGEST_ADDRESS = 100
"""Bytes that an address of a local socket may have on every system that we know (Linux has 108)."""


class BadFrame(ConnectionError):
    """What came is no frame, or the other side went away in the middle of one."""


def send(connection: socket.socket, value: Any) -> None:
    """Send one JSON value."""
    body = wire.encode(value).encode()
    if len(body) > LARGEST:
        raise BadFrame("the message is too large")
    connection.sendall(_LENGTH.pack(len(body)) + body)


def receive(connection: socket.socket) -> Any | None:
    """The next JSON value; None when the other side is done. Raises BadFrame, or TimeoutError by the socket's own."""
    head = _exactly(connection, _LENGTH.size, at_start=True)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > LARGEST:
        raise BadFrame("the message is too large")
    body = _exactly(connection, length, at_start=False)
    try:
        return wire.decode(body or b"")
    except ValueError as error:
        raise BadFrame("not JSON") from error


def _exactly(connection: socket.socket, count: int, *, at_start: bool) -> bytes | None:
    received = bytearray()
    while len(received) < count:
        chunk = connection.recv(min(count - len(received), 1 << 16))
        if not chunk:
            if at_start and not received:
                return None
            raise BadFrame("the connection ended in the middle of a message")
        received += chunk
    return bytes(received)


@contextmanager
def address_of(data: Path) -> Iterator[str]:
    """The address of the socket in a data directory, valid within the block.

    A path that is too long for a socket is reached through an open descriptor of its directory.
    """
    path = data / SOCKET
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    descriptor = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)
