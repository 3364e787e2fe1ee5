"""Connections to the broker: made, waited on and left within bounds, whatever the broker does or does not answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

import kombu
from amqp.exceptions import AMQPError
from kombu.exceptions import KombuError

CONNECTION_ERRORS = (OSError, AMQPError, KombuError, EOFError)
"""What a broken connection or channel raises."""
HEARTBEAT = 30
"""Seconds; a peer that was silent for two of them is gone."""
ANSWER_WITHIN = 15.0
"""Seconds to wait for the answer to a question such as a declaration."""
CONNECT_WITHIN = 5.0
"""Seconds to wait for a connection."""
FAREWELL_WITHIN = 1.0
"""Seconds to wait for each answer to a farewell. Who ends needs none: the broker takes back what was not settled."""


def connected(
    url: str, *, heartbeat: int = HEARTBEAT, within: float = CONNECT_WITHIN, answer_within: float = ANSWER_WITHIN
) -> kombu.Connection:
    """A new connection. Raises one of CONNECTION_ERRORS."""
    connection = kombu.Connection(
        url, heartbeat=heartbeat, connect_timeout=within, transport_options={"login_method": "PLAIN"}
    )
    connection.connect()
    wait_at_most(connection, answer_within)
    return connection


@contextmanager
def connection_to(url: str) -> Iterator[kombu.Connection]:
    """A connection for the block. Raises one of CONNECTION_ERRORS, but not for the farewell."""
    connection = connected(url)
    try:
        yield connection
    finally:
        leave(connection)


def wait_at_most(connection: kombu.Connection, seconds: float) -> None:
    """From now on wait so long for each answer: the library itself waits for ever, and a frozen broker gives none."""
    with contextlib.suppress(AttributeError, OSError):  # no longer connected
        connection.connection.transport.sock.settimeout(seconds)


def leave(connection: kombu.Connection) -> None:
    """Close a connection without complaint, and without waiting for a broker that does not answer."""
    wait_at_most(connection, FAREWELL_WITHIN)
    with contextlib.suppress(*CONNECTION_ERRORS, AttributeError):
        connection.close()
