"""The transport over RabbitMQ: persistent ranges with windowed confirms, transient heads.

It works in plain threads and under eventlet. A connection that breaks is made anew, with growing pauses; what was not
confirmed is published again, so a range may come twice and never gets lost.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import uuid
from collections.abc import Callable, Collection, Sequence

import kombu
import structlog

from shared.messaging.ranges import Head, Range, decoded
from shared.messaging.topology import Topology
from shared.messaging.transport import HeardHead, Receive, Stop, TransportDown, Unconfirmed, WrongTopology
from shared.messaging.transport.connecting import CONNECTION_ERRORS, FAREWELL_WITHIN, connection_to, wait_at_most
from shared.messaging.transport.consuming import IDLE, AmqpConsumer
from shared.messaging.transport.local import safely
from shared.messaging.transport.patience import Patience
from shared.messaging.transport.publishing import Publisher, declare, heads_exchange

log = structlog.get_logger(__name__)
WINDOW = 256
"""The most ranges that wait for their confirm at the same time."""


class AmqpTransport:
    """RabbitMQ at `url`, under the names of `topology`.

    `within`: seconds to wait while nothing is confirmed; `keep_trying`: seconds for which `publish` makes a broken
    connection anew before it raises TransportDown.
    """

    keeps = True

    def __init__(
        self,
        url: str,
        topology: Topology,
        *,
        window: int = WINDOW,
        within: float = 10.0,
        keep_trying: float = 5.0,
        patience: Patience | None = None,
    ) -> None:
        self._url, self._topology = url, topology
        self._window, self._within, self._keep_trying = window, within, keep_trying
        self._patience = patience or Patience()
        # One publisher's channels belong to one thread at a time.
        self._lock = threading.Lock()
        self._publisher: Publisher | None = None
        self.most_in_flight = 0

    def publish(self, ranges: Sequence[Range]) -> None:
        """Publish, and return when the broker has confirmed everything. Raises TransportDown, WrongTopology."""
        waiting = {id(one): one for one in ranges}
        if not waiting:
            return

        def send(publisher: Publisher) -> None:
            try:
                publisher.publish(list(waiting.values()), lambda one: waiting.pop(id(one), None))
            finally:
                self.most_in_flight = max(self.most_in_flight, publisher.most_in_flight)

        with self._lock:
            self._persistently(send)

    def announce(self, head: Head) -> None:
        """Publish a head, at one attempt. Raises TransportDown, WrongTopology."""
        with self._lock:
            try:
                self._present().announce(head)
            except CONNECTION_ERRORS as error:
                self._let_go()
                raise TransportDown(type(error).__name__) from error

    def listen_heads(self, heard: HeardHead, sources: Collection[str] | None = None) -> Stop:
        """Call `heard` from a thread of its own, which connects again whenever its connection breaks."""
        listener = _HeadListener(self._url, self._topology, heard, sources, self._patience)
        listener.start()
        return listener.stop

    def consumer(self, source: str, reader: str, receive: Receive) -> AmqpConsumer:
        """A consumer of the queue from which `reader` hears `source`."""
        return AmqpConsumer(self._url, self._topology, source, reader, receive, patience=self._patience)

    def close(self) -> None:
        """Let the publishing connection go."""
        with self._lock:
            self._let_go()

    def _persistently(self, send: Callable[[Publisher], None]) -> None:
        ends = time.monotonic() + self._keep_trying
        for pause in self._patience.pauses():
            try:
                send(self._present())
                return
            except WrongTopology:
                log.error("topology_is_wrong", namespace=self._topology.namespace)  # noqa: TRY400 - it is raised
                self._let_go()
                raise
            except (TransportDown, *CONNECTION_ERRORS) as error:
                self._let_go()
                log.warning("publish_failed", error=type(error).__name__)
                if time.monotonic() + pause >= ends:
                    raise _as_ours(error) from error
            time.sleep(pause)

    def _present(self) -> Publisher:
        if self._publisher is None:
            self._publisher = Publisher(self._url, self._topology, window=self._window, within=self._within)
        return self._publisher

    def _let_go(self) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            publisher.close()


def _as_ours(error: Exception) -> TransportDown:
    if isinstance(error, TransportDown):
        return error
    # A question that the broker left open, on a connection that lives.
    return Unconfirmed("no answer") if isinstance(error, socket.timeout) else TransportDown(type(error).__name__)


class _HeadListener:
    """Listens to heads on a connection and a queue of its own."""

    def __init__(
        self,
        url: str,
        topology: Topology,
        heard: HeardHead,
        sources: Collection[str] | None,
        patience: Patience,
    ) -> None:
        self._url, self._topology, self._heard, self._patience = url, topology, heard, patience
        self._keys = ["#"] if sources is None else sorted(sources)
        self._stopping, self._listening = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="heads", daemon=True)

    def start(self) -> None:
        """Begin, and wait a moment for the queue to be there: heads announced from now on are heard."""
        self._thread.start()
        self._listening.wait(5.0)

    def stop(self) -> None:
        """End and wait."""
        self._stopping.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        pauses = self._patience.pauses()
        while not self._stopping.is_set():
            try:
                with connection_to(self._url) as connection:
                    pauses = self._patience.pauses()
                    self._listen(connection)
            except (WrongTopology, *CONNECTION_ERRORS) as error:
                log.warning("heads_lost", error=type(error).__name__)
                self._stopping.wait(next(pauses))
            except Exception:
                log.exception("heads_failed")
                self._stopping.wait(next(pauses))

    def _listen(self, connection: kombu.Connection) -> None:
        channel = connection.channel()
        exchange = heads_exchange(self._topology)
        queue = kombu.Queue(
            self._topology.listening(uuid.uuid4().hex),
            bindings=[kombu.binding(exchange, routing_key=key) for key in self._keys],
            durable=False,
            exclusive=True,
            auto_delete=True,
            queue_arguments=self._topology.listening_arguments(),
        )
        declare(exchange, channel)
        declare(queue, channel)
        consumer = kombu.Consumer(
            channel,
            [queue],
            no_ack=True,
            on_message=lambda message: safely(self._heard, decoded(message.body)),
        )
        with consumer:
            self._listening.set()
            while not self._stopping.is_set():
                with contextlib.suppress(socket.timeout):
                    connection.drain_events(timeout=IDLE)
                connection.heartbeat_check()
            wait_at_most(connection, FAREWELL_WITHIN)
