"""Messages on RabbitMQ as somebody else reads them: real ones, from a real queue, with the CloudEvents SDK."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import kombu
import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_rabbitmq
from cloudevents.core.formats.json import JSONFormat

from shared.messaging.topology import Topology
from shared.messaging.transport.amqp import AmqpTransport
from shared.messaging.transport.publishing import reader_queue
from tests.contract.messaging.village import Source

pytestmark = pytest.mark.broker


def taken(amqp_url: str, topology: Topology, count: int) -> list[BaseCloudEvent]:
    """What waits for alerts, as the SDK reads it: headers, content type and bytes, and nothing that we know."""
    found: list[BaseCloudEvent] = []

    def read(message: kombu.Message) -> None:
        body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
        found.append(from_rabbitmq(RabbitMQMessage(dict(message.headers), message.content_type, body), JSONFormat()))
        message.ack()

    with kombu.Connection(amqp_url) as connection:
        queue = reader_queue(topology, "registry", "alerts")
        with kombu.Consumer(connection.channel(), [queue], on_message=read):
            while len(found) < count:
                connection.drain_events(timeout=10)
    return found


def told(source: Source, amqp: AmqpTransport, amqp_url: str, topology: Topology, count: int) -> list[BaseCloudEvent]:
    """What the relay sends alerts."""
    relay = source.relay(amqp, limit=2)
    while relay.step():
        pass
    return taken(amqp_url, topology, count)


def test_a_range_is_a_cloudevent_with_everything_that_one_says(source, amqp, amqp_url, topology, clock) -> None:
    source.light(2)
    clock.at += timedelta(minutes=5)
    source.light(1)
    first, second = told(source, amqp, amqp_url, topology, 2)
    assert (first.get_type(), first.get_specversion()) == ("shouwang.log_range", "1.0")
    assert first.get_source() == "county.example/registry"
    assert (first.get_subject(), second.get_subject()) == ("0-1", "2-2")
    assert first.get_time() == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert second.get_time() == datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
    assert first.get_datacontenttype() == "application/json"
    epoch = first.get_data()["epoch"]
    assert [one.get_id() for one in (first, second)] == [f"{epoch}/alerts/0-1", f"{epoch}/alerts/2-2"]


def test_the_data_of_a_range_holds_entries_that_use_the_names_of_cloudevents(source, amqp, amqp_url, topology) -> None:
    [lit] = source.light(1)
    [event] = told(source, amqp, amqp_url, topology, 1)
    data = event.get_data()
    assert (data["from"], data["to"], data["reader"]) == (0, 0, "alerts")
    [carried] = data["events"]
    entry = json.loads(carried["entry"])
    assert {"id", "source", "type", "time", "data"} <= set(entry)
    assert entry["data"]["beacon"] == lit.beacon
    assert entry["source"] == event.get_source()
    assert entry["time"] == "2026-03-02T08:00:00.000000Z"
    assert "n0" not in carried["entry"]


def test_the_same_range_sent_again_is_the_same_cloudevent(source, amqp, amqp_url, topology, clock) -> None:
    source.light(1)
    [once] = told(source, amqp, amqp_url, topology, 1)
    clock.at += timedelta(days=1)
    amqp.publish([source.range(-1)])
    [again] = taken(amqp_url, topology, 1)
    assert again.get_attributes() == once.get_attributes()
    assert again.get_data() == once.get_data()
