"""Calls over RabbitMQ, in the form that nameko's RPC has on the wire, from any number of ordinary threads.

nameko's own standalone client opens a connection for each answer and loses calls when threads share it. Here a pool
holds lines: a line is one connection with a reply queue of its own that goes with it, and serves one call at a time.
A message is transient and expires with its caller's deadline, so that nothing runs that nobody waits for.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kombu
import structlog
from amqp.exceptions import NotFound

from shared.hosting import wire
from shared.hosting.clients.port import Caller, HeadListener, OutcomeUnknown, ServiceUnavailable, Unsubscribe
from shared.hosting.rpc_names import rpc_exchange, rpc_queue, service_name
from shared.kernel.clock import Clock
from shared.messaging.topology import Topology
from shared.messaging.transport.amqp import AmqpTransport
from shared.messaging.transport.connecting import CONNECTION_ERRORS, connected, leave

log = structlog.get_logger(__name__)
MOST_LINES = 16
"""Calls under way at once in a process; whoever comes then waits for a line to be free."""
IDLE = 40.0
"""Seconds after which a line that nobody used is closed rather than trusted."""
HEARTBEAT = 60
CONNECT_WITHIN = 3.0
ANSWER_WITHIN = 5.0
"""Seconds that the broker has to say whether a service is there; one that says nothing is as good as gone."""


class NamekoClient(Caller):
    """Calls the doors of nameko services under a namespace. `most` bounds the calls under way at once."""

    def __init__(self, amqp_url: str, namespace: str, clock: Clock, *, most: int = MOST_LINES) -> None:
        super().__init__(clock)
        self._url, self._namespace = amqp_url, namespace
        self._places = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[_Line] = []
        self._transport: AmqpTransport | None = None

    def heads(self, listener: HeadListener) -> Unsubscribe:
        """Tell `listener(service, log size)` of each announced head, from a thread that connects again when it must."""
        with self._lock:
            if self._transport is None:
                self._transport = AmqpTransport(self._url, Topology(self._namespace))
        return self._transport.listen_heads(lambda head: listener(str(head["source"]), int(head["size"])))

    def close(self) -> None:
        """Close the lines that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
            transport, self._transport = self._transport, None
        for line in idle:
            line.close()
        if transport is not None:
            transport.close()

    def _carry(self, service: str, door: str, message: dict[str, Any], timeout: float) -> dict[str, Any]:
        ends = time.monotonic() + timeout
        with self._place(service, ends):
            for attempt in (1, 2):
                try:
                    line, fresh = self._line()
                except CONNECTION_ERRORS as error:
                    log.warning("broker_unreachable", error=type(error).__name__)
                    raise ServiceUnavailable(service) from error
                try:
                    answer = line.call(service, door, message, ends)
                except _NotSent as error:
                    line.close()
                    if fresh or attempt == 2:
                        raise ServiceUnavailable(service) from error
                    continue  # the line had died in the pool; what was not sent may be sent on another
                except (TimeoutError, *CONNECTION_ERRORS) as error:
                    line.close()
                    raise OutcomeUnknown(str(message["command_id"])) from error
                except BaseException:
                    line.close()
                    raise
                self._give_back(line)
                return answer
        raise AssertionError("unreachable")

    @contextmanager
    def _place(self, service: str, ends: float) -> Iterator[None]:
        if not self._places.acquire(timeout=max(0.0, ends - time.monotonic())):
            log.warning("no_line_is_free", target=service)
            raise ServiceUnavailable(service)
        try:
            yield
        finally:
            self._places.release()

    def _line(self) -> tuple[_Line, bool]:
        stale, found = [], None
        with self._lock:
            while self._idle and found is None:
                line = self._idle.pop()
                if time.monotonic() - line.used > IDLE:
                    stale.append(line)
                else:
                    found = line
        for line in stale:
            line.close()
        return (found, False) if found else (_Line(self._url, self._namespace), True)

    def _give_back(self, line: _Line) -> None:
        with self._lock:
            self._idle.append(line)


class _NotSent(Exception):
    """The line broke, or nobody serves, before the message had left."""


class _Line:
    """One connection with its reply queue. One call at a time."""

    def __init__(self, url: str, namespace: str) -> None:
        self._namespace = namespace
        self._reply_to = str(uuid.uuid4())
        self._answers: dict[str, Any] = {}
        self.used = time.monotonic()
        self._connection = connected(url, heartbeat=HEARTBEAT, within=CONNECT_WITHIN, answer_within=ANSWER_WITHIN)
        try:
            self._channel = self._connection.channel()
            self._exchange = rpc_exchange(namespace)
            queue = kombu.Queue(
                f"{namespace}-reply-{self._reply_to}",
                self._exchange,
                routing_key=self._reply_to,
                durable=False,
                exclusive=True,
                auto_delete=True,
            )
            self._consumer = kombu.Consumer(self._channel, [queue], on_message=self._arrived, no_ack=True)
            self._consumer.consume()
        except BaseException:
            self.close()
            raise

    def call(self, service: str, door: str, message: dict[str, Any], ends: float) -> dict[str, Any]:
        """The answer. Raises _NotSent while nothing has left, TimeoutError or what a broken connection raises after."""
        correlation = str(uuid.uuid4())
        name = service_name(self._namespace, service)
        self._answers.clear()
        try:
            self._check_served(name)
            self._send(f"{name}.{door}", message, correlation, ends)
        except CONNECTION_ERRORS as error:
            raise _NotSent from error
        while correlation not in self._answers:
            left = ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            with contextlib.suppress(socket.timeout):
                self._connection.drain_events(timeout=min(left, HEARTBEAT / 4))
            self._connection.heartbeat_check()
        self.used = time.monotonic()
        return _read(self._answers.pop(correlation))

    def close(self) -> None:
        """Close without complaint."""
        leave(self._connection)

    def _check_served(self, name: str) -> None:
        """One way to the broker and back, which spares the caller the whole timeout when the service is down."""
        try:
            served = self._channel.queue_declare(rpc_queue(name), passive=True).consumer_count
        except NotFound as error:
            raise _NotSent from error
        if not served:
            raise _NotSent

    def _send(self, routing_key: str, message: dict[str, Any], correlation: str, ends: float) -> None:
        ready = self._channel.prepare_message(
            wire.encode({"args": [message], "kwargs": {}}),
            content_type=wire.CONTENT_TYPE,
            content_encoding="utf-8",
            properties={
                "delivery_mode": 1,
                "expiration": str(max(1, int((ends - time.monotonic()) * 1000))),
                "reply_to": self._reply_to,
                "correlation_id": correlation,
            },
        )
        self._channel.basic_publish(ready, exchange=self._exchange.name, routing_key=routing_key)

    def _arrived(self, message: Any) -> None:
        self._answers[message.properties.get("correlation_id", "")] = message.body


def _read(body: Any) -> dict[str, Any]:
    """The door's answer in nameko's; what nameko itself complains of is a failure without an incident."""
    try:
        answer = wire.decode(bytes(body) if isinstance(body, memoryview) else body)
    except ValueError:
        return {}
    if answer.get("error") is not None:
        log.warning("call_not_taken", error=str(answer["error"].get("exc_type")))
        return {}
    result = answer.get("result")
    return result if isinstance(result, dict) else {}
