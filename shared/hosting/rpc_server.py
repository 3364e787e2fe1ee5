"""nameko's RPC entrypoint as we want it: answers that are not stored, and no death by a broker that went away.

What nameko does otherwise: answers are persistent, so each waits for the broker's disk; an answer that cannot be sent
kills the container; an unexpected exception's words go to the caller.
"""

from __future__ import annotations

import contextlib
from typing import Any

import structlog
from amqp.exceptions import PreconditionFailed
from nameko.amqp.consume import Consumer
from nameko.amqp.publish import Publisher
from nameko.exceptions import BadRequest
from nameko.rpc import Responder, Rpc, RpcConsumer, get_rpc_exchange

from shared.messaging.transport import WrongTopology

log = structlog.get_logger(__name__)
ANSWERS_LIVE = 60
"""Seconds after which an answer that nobody fetched is thrown away."""


class Fault(Exception):
    """Something went wrong that the caller learns nothing about."""


class _TransientPublisher(Publisher):
    delivery_mode = 1
    expiration = ANSWERS_LIVE
    retry_policy = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}  # noqa: RUF012


class _TransientResponder(Responder):
    publisher_cls = _TransientPublisher


class _SteadyConsumer(Consumer):
    """Knows whether it consumes, and shrugs at a message that the broker has taken back already."""

    consuming = False

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        # The library takes this for a lost connection and tries for ever, without a sound.
        try:
            return super().get_consumers(consumer_cls, channel)
        except PreconditionFailed as error:
            log.error("topology_is_wrong", queue=self.queues[0].name)  # noqa: TRY400 - it is raised
            raise WrongTopology(str(error)) from error

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **kwargs: Any) -> None:
        super().on_consume_ready(connection, channel, consumers, **kwargs)
        self.consuming = True

    def on_consume_end(self, connection: Any, channel: Any) -> None:
        self.consuming = False
        super().on_consume_end(connection, channel)

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        self.consuming = False
        log.warning("broker_unreachable", error=type(exc).__name__, again_in=interval)

    def ack_message(self, message: Any) -> None:
        with contextlib.suppress(Exception):
            super().ack_message(message)

    def requeue_message(self, message: Any) -> None:
        with contextlib.suppress(Exception):
            super().requeue_message(message)


class SteadyRpcConsumer(RpcConsumer):
    """The consumer of all calls to a service."""

    consumer_cls = _SteadyConsumer

    @property
    def consuming(self) -> bool:
        """Whether calls arrive at this moment."""
        return bool(getattr(getattr(self, "consumer", None), "consuming", False))  # there from `setup` on

    def start(self) -> None:
        """Consume, without waiting for a broker that may be away: readiness says when calls arrive."""
        self.container.spawn_managed_thread(self.consumer.run, identifier="rpc")

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> Any:
        """Answer, if there is a way to; then acknowledge, so that the call does not run again."""
        if exc_info is not None and not isinstance(exc_info[1], BadRequest):
            log.error("call_failed_outside_its_door", error=type(exc_info[1]).__name__)
            exc_info = (Fault, Fault("failed"), None)
        try:
            responder = _TransientResponder(self.amqp_uri, get_rpc_exchange(), message)
            result, exc_info = responder.send_response(result, exc_info)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller asks again by its command's id
            log.warning("answer_not_sent", error=type(error).__name__)
        self.consumer.ack_message(message)
        return result, exc_info


class SteadyRpc(Rpc):
    """A door on the broker."""

    rpc_consumer = SteadyRpcConsumer()
