"""The consumer of a reader's queue: acknowledged by hand, few at a time, borne with when the follower cannot.

It runs in a thread of its own (`start`) or in the caller's (`run`, for a host that spawns its threads itself). Under
eventlet both are green.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from typing import Any

import kombu
import structlog

from shared.messaging.ranges import decoded
from shared.messaging.topology import Topology
from shared.messaging.transport import Receive, WrongTopology
from shared.messaging.transport.connecting import CONNECTION_ERRORS, FAREWELL_WITHIN, connection_to, wait_at_most
from shared.messaging.transport.patience import Patience, given
from shared.messaging.transport.publishing import declare, reader_queue

log = structlog.get_logger(__name__)
PREFETCH = 8
"""Messages that wait here unacknowledged: enough to hide the way to the broker, few enough to hand back."""
IDLE = 0.5
"""Seconds of waiting for a message after which it is looked whether to stop."""


class AmqpConsumer:
    """Takes ranges from a reader's queue and acknowledges each when `receive` has returned.

    One that `receive` cannot take (it raises) is tried again with growing pauses, heartbeats going on; then the
    connection is closed, which gives the range back, and opened again after a rest. A queue or exchange that exists
    with other arguments ends it loudly: `run` raises WrongTopology and the state is `failed`.
    """

    def __init__(
        self,
        url: str,
        topology: Topology,
        source: str,
        reader: str,
        receive: Receive,
        *,
        prefetch: int = PREFETCH,
        patience: Patience | None = None,
    ) -> None:
        self._url, self._topology, self._source, self._reader = url, topology, source, reader
        self._receive, self._prefetch, self._patience = receive, prefetch, patience or Patience()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.state = "starting"

    def start(self) -> None:
        """Begin, in a thread of its own."""
        name = f"{self._reader}-hears-{self._source}"
        self._thread = threading.Thread(target=self._run_quietly, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end, and wait for its thread if it has one."""
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def run(self) -> None:
        """Consume until `stop` is called. Raises WrongTopology."""
        pauses = self._patience.pauses()
        while not self._stopping.is_set():
            pause = 0.0
            try:
                with connection_to(self._url) as connection:
                    if self._consume(connection):
                        pauses = self._patience.pauses()
                    else:
                        pause = self._patience.rest
            except WrongTopology:
                self.state = "failed"
                log.error("topology_is_wrong", queue=self._topology.queue(self._reader, self._source))  # noqa: TRY400
                raise
            except CONNECTION_ERRORS as error:
                log.warning("consumer_lost_its_connection", source=self._source, error=type(error).__name__)
                pause = next(pauses)
            except Exception:
                # Nothing known: end loudly rather than live on without consuming.
                self.state = "failed"
                log.exception("consumer_failed", source=self._source)
                raise
            if not self._stopping.is_set():
                self.state = "retrying"
                self._stopping.wait(pause)
        self.state = "stopped"

    def _run_quietly(self) -> None:
        # The state says it, and `run` has logged it: a traceback from a thread would add nothing.
        with contextlib.suppress(Exception):
            self.run()

    def _consume(self, connection: kombu.Connection) -> bool:
        """Consume until told to stop (True), or until a range had to be given back (False)."""
        channel = connection.channel()
        channel.basic_qos(0, self._prefetch, False)
        queue = reader_queue(self._topology, self._source, self._reader)
        declare(queue, channel)
        inbox: deque[Any] = deque()
        with kombu.Consumer(channel, [queue], on_message=inbox.append, no_ack=False):
            self.state = "consuming"
            while not self._stopping.is_set():
                _drained(connection, IDLE)
                while inbox and not self._stopping.is_set():
                    message = inbox.popleft()
                    if not given(
                        self._receive,
                        decoded(message.body),
                        self._patience,
                        lambda seconds: self._rest(connection, seconds),
                    ):
                        return self._stopping.is_set()
                    message.ack()
            wait_at_most(connection, FAREWELL_WITHIN)
        return True

    def _rest(self, connection: kombu.Connection, seconds: float) -> bool:
        """Wait with the connection kept alive; whether to go on."""
        self.state = "retrying"
        ends = time.monotonic() + seconds
        while not self._stopping.is_set() and (left := ends - time.monotonic()) > 0:
            _drained(connection, min(0.5, left))
        self.state = "consuming"
        return not self._stopping.is_set()


def _drained(connection: kombu.Connection, seconds: float) -> None:
    """Take in what the broker sends, for at most so long, and keep up the heartbeats."""
    with contextlib.suppress(socket.timeout):
        connection.drain_events(timeout=seconds)
    connection.heartbeat_check()
