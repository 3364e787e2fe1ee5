"""The broker that tests share: each in its namespace, which is removed afterwards."""

from __future__ import annotations

import time

import amqp
import pytest

from shared.messaging.topology import Topology
from tests.infrastructure.broker import PREFIX, Control, connect, new_run, remove_namespace, remove_readers_queues
from tests.infrastructure.services import TestServices

QUORUM = {"x-queue-type": "quorum"}


def _names(services: TestServices) -> list[str]:
    return services.control.lines("list_queues", "name", "--no-table-headers")


def test_a_message_comes_back_from_a_quorum_queue(amqp_url: str, namespace: str) -> None:
    with connect(amqp_url) as connection:
        channel = connection.channel()
        channel.queue_declare(f"{namespace}.words", durable=True, auto_delete=False, arguments=QUORUM)
        channel.confirm_select()
        channel.basic_publish_confirm(amqp.Message("守望", delivery_mode=2), routing_key=f"{namespace}.words")
        assert channel.basic_get(f"{namespace}.words", no_ack=True).body == "守望"


def test_the_queues_and_exchanges_of_a_run_are_removed_and_no_others(amqp_url: str, services: TestServices) -> None:
    mine, other, old = new_run(), new_run(), f"{PREFIX}{int(time.time()) - 90_000:x}xdead00"
    with connect(amqp_url) as connection:
        channel = connection.channel()
        for name in (f"{mine}gw0n1.alerts", f"rpc-{mine}gw0n1_alerts", f"{other}gw0n1.alerts", f"rpc-{old}_alerts"):
            channel.queue_declare(name, durable=True, auto_delete=False, arguments=QUORUM)
        channel.exchange_declare(f"{mine}gw0n1.log", "topic", durable=True, auto_delete=False)
        try:
            removed = remove_namespace(amqp_url, services.control, mine)
            assert {f"{mine}gw0n1.alerts", f"rpc-{mine}gw0n1_alerts", f"{mine}gw0n1.log"} <= set(removed)
            assert f"rpc-{old}_alerts" in removed
            left = _names(services)
            assert f"{other}gw0n1.alerts" in left
            assert not [name for name in left if mine in name or old in name]
        finally:
            channel.queue_delete(f"{other}gw0n1.alerts")


def test_the_queues_of_a_tests_readers_are_removed_with_it(amqp_url: str, services: TestServices) -> None:
    topology = Topology(new_run())
    queue = topology.queue("alerts", "registry")
    with connect(amqp_url) as connection:
        connection.channel().queue_declare(queue, durable=True, auto_delete=False, arguments=topology.queue_arguments())
    assert queue in _names(services)
    remove_readers_queues(amqp_url, topology.namespace)
    assert queue not in _names(services)


def test_a_broker_whose_queues_cannot_be_listed_is_named_as_such(amqp_url: str) -> None:
    with pytest.raises(RuntimeError, match="not within reach"):
        remove_namespace(amqp_url, Control((), {}), new_run())
