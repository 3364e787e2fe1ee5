"""Free TCP ports on the loopback address."""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"
_LOWEST, _HIGHEST = 20_000, 32_000
"""Below the range from which Linux takes the ports of outgoing connections, so that none of them sits on ours."""


def free_port() -> int:
    """A port on which nothing listens, drawn at random so that parallel test runs seldom draw the same.

    Raises:
        RuntimeError: a hundred draws in a row were taken.
    """
    draw = random.SystemRandom()
    for _ in range(100):
        port = draw.randint(_LOWEST, _HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise RuntimeError("found no free port")


def answers(host: str, port: int, *, within: float = 1.0) -> bool:
    """Whether something accepts connections there; `within` in seconds."""
    try:
        with socket.create_connection((host, port), timeout=within):
            return True
    except OSError:
        return False
