"""One connection to RabbitMQ that publishes: ranges with confirms, many in flight; heads without."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import kombu
from amqp.exceptions import PreconditionFailed

from shared.messaging.ranges import JSON, Head, Range
from shared.messaging.topology import HEADS_LIVE, Topology
from shared.messaging.transport import Unconfirmed, WrongTopology
from shared.messaging.transport.connecting import connected, leave


def log_exchange(topology: Topology) -> kombu.Exchange:
    """The exchange of ranges."""
    return kombu.Exchange(topology.log, "topic", durable=True)


def heads_exchange(topology: Topology) -> kombu.Exchange:
    """The exchange of heads."""
    return kombu.Exchange(topology.heads, "topic", durable=False, delivery_mode="transient")


def reader_queue(topology: Topology, source: str, reader: str) -> kombu.Queue:
    """The queue of one reader for one source."""
    return kombu.Queue(
        topology.queue(reader, source),
        log_exchange(topology),
        routing_key=topology.key(source, reader),
        durable=True,
        queue_arguments=topology.queue_arguments(),
    )


def declare(entity: Any, channel: Any) -> None:
    """Declare an exchange or a queue. Raises WrongTopology where it exists with other arguments."""
    try:
        entity(channel).declare()
    except PreconditionFailed as error:
        raise WrongTopology(str(error)) from error


class Publisher:
    """A connection with a confirming channel and a plain one. After any error it is of no more use.

    `window` is the most ranges in flight; `within` the seconds to wait while nothing at all is confirmed.
    """

    def __init__(self, url: str, topology: Topology, *, window: int, within: float) -> None:
        self._topology, self._window, self._within = topology, window, within
        self._connection = connected(url)
        self._channel = self._connection.channel()
        self._plain = self._connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._acked)
        self._channel.events["basic_nack"].add(self._nacked)
        self._channel.events["basic_return"].add(self._returned)
        self._tag = 0
        self._flying: dict[int, Range] = {}
        self._refused: list[str] = []
        self._declared: set[tuple[str, str]] = set()
        self.most_in_flight = 0
        declare(log_exchange(topology), self._channel)
        declare(heads_exchange(topology), self._channel)

    def publish(self, waiting: list[Range], done: Callable[[Range], object]) -> None:
        """Publish in order, call `done` for each that is confirmed, return when all are."""
        self._done = done
        for one in waiting:
            self._send(one)
            while len(self._flying) >= self._window:
                self._drain()
        while self._flying:
            self._drain()

    def announce(self, head: Head) -> None:
        """Publish a head; nothing is waited for."""
        message = self._plain.prepare_message(
            head.body(),
            content_type=JSON,
            properties={"delivery_mode": 1, "expiration": str(HEADS_LIVE)},
        )
        self._plain.basic_publish(message, exchange=self._topology.heads, routing_key=head.source)
        self._connection.heartbeat_check()

    def close(self) -> None:
        """Close without complaint."""
        leave(self._connection)

    def _send(self, one: Range) -> None:
        address = one.source, one.reader
        if address not in self._declared:
            declare(reader_queue(self._topology, *address), self._channel)
            self._declared.add(address)
        message = self._channel.prepare_message(
            one.body(),
            content_type=JSON,
            headers=one.headers(),
            properties={"delivery_mode": 2, "message_id": one.id},
        )
        self._tag += 1
        self._flying[self._tag] = one
        self.most_in_flight = max(self.most_in_flight, len(self._flying))
        # Mandatory: a range that no queue takes comes back instead of vanishing with a confirm.
        self._channel.basic_publish(
            message, exchange=self._topology.log, routing_key=self._topology.key(*address), mandatory=True
        )

    def _drain(self) -> None:
        before, ends = len(self._flying), time.monotonic() + self._within
        while len(self._flying) == before:
            if self._refused:
                raise Unconfirmed(self._refused[0])
            try:
                self._connection.drain_events(timeout=max(0.01, ends - time.monotonic()))
            except socket.timeout:  # noqa: UP041 - what the library raises, by its name there
                if time.monotonic() >= ends:
                    raise Unconfirmed("the broker did not confirm in time") from None
        if self._refused:
            raise Unconfirmed(self._refused[0])

    def _acked(self, tag: int, multiple: bool) -> None:
        for one in self._landed(tag, multiple):
            self._done(one)

    def _nacked(self, tag: int, multiple: bool) -> None:
        if self._landed(tag, multiple):
            self._refused.append("the broker refused a range")

    def _returned(self, _error: Any, _exchange: str, routing_key: str, message: Any) -> None:
        # The confirm of a returned message follows it: forget the range first, or it would count as done.
        returned = message.properties.get("message_id")
        for tag, one in list(self._flying.items()):
            if one.id == returned:
                del self._flying[tag]
        self._refused.append(f"no queue takes {routing_key}")

    def _landed(self, tag: int, multiple: bool) -> list[Range]:
        tags = [one for one in self._flying if one <= tag] if multiple else [tag]
        return [self._flying.pop(one) for one in tags if one in self._flying]
