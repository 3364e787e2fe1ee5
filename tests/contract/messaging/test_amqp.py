"""What only RabbitMQ can show: confirms in flight, names and arguments, connections that break, eventlet."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading

import kombu
import pytest
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from shared.messaging.ranges import Head, Range
from shared.messaging.topology import Topology
from shared.messaging.transport import TransportDown, WrongTopology
from shared.messaging.transport.amqp import AmqpTransport
from shared.messaging.transport.publishing import reader_queue
from tests.contract.messaging.conftest import QUICK
from tests.infrastructure.own_broker import OwnBroker
from tests.infrastructure.services import ROOT
from tests.infrastructure.waiting import eventually

pytestmark = pytest.mark.broker
LEAF = "ab" * 32


def a_range(position: int, reader: str = "alerts", payload: int = 0) -> Range:
    return Range(
        source="registry",
        reader=reader,
        origin="county.example/registry",
        epoch="e" * payload or "epoch",
        first=position,
        last=position,
        before=LEAF if position else "",
        after=LEAF,
        size=position + 1,
        events=[],
    )


def some(count: int) -> list[Range]:
    return [a_range(position) for position in range(count)]


def waiting(amqp_url: str, topology: Topology) -> int:
    """How many ranges wait for alerts."""
    with kombu.Connection(amqp_url) as connection:
        queue = reader_queue(topology, "registry", "alerts")(connection.channel())
        return int(queue.queue_declare(passive=True).message_count)


def test_many_confirms_are_in_flight_and_never_more_than_the_window(amqp_url, topology) -> None:
    transport = AmqpTransport(amqp_url, topology, window=32, patience=QUICK)
    transport.publish(some(400))
    transport.close()
    assert 1 < transport.most_in_flight <= 32
    eventually(lambda: waiting(amqp_url, topology) == 400, what="all of them in the queue")


def test_publishing_returns_only_when_the_broker_has_everything(amqp, amqp_url, topology) -> None:
    for total in (10, 20, 30):
        amqp.publish(some(10))
        assert waiting(amqp_url, topology) == total


def test_a_consumer_gets_ranges_in_the_order_they_were_published(amqp) -> None:
    got, done = [], threading.Event()

    def receive(message):
        got.append(message["from"])
        if len(got) == 200:
            done.set()

    amqp.publish(some(200))
    consumer = amqp.consumer("registry", "alerts", receive)
    consumer.start()
    assert done.wait(20)
    consumer.stop()
    assert got == list(range(200))
    assert consumer.state == "stopped"


def test_of_two_consumers_one_is_active_until_it_goes(amqp) -> None:
    one, two = [], []
    first, second = (amqp.consumer("registry", "alerts", box.append) for box in (one, two))
    first.start()
    eventually(lambda: first.state == "consuming", what="the first")
    second.start()
    eventually(lambda: second.state == "consuming", what="the second")
    amqp.publish(some(20))
    eventually(lambda: len(one) == 20, what="all at the first")
    first.stop()
    amqp.publish([a_range(20)])
    eventually(lambda: len(two) == 1, what="the next at the second")
    second.stop()


def test_a_range_that_cannot_be_received_is_given_again_and_never_lost(amqp) -> None:
    """Past the bounded retries the range goes back to the queue, the consumer rests, and begins again with it."""
    tries, got = itertools.count(1), []

    def receive(message):
        if next(tries) <= QUICK.attempts * 2:
            raise ConnectionError("the database is away")
        got.append(message["from"])

    consumer = amqp.consumer("registry", "alerts", receive)
    consumer.start()
    amqp.publish(some(3))
    eventually(lambda: len(got) == 3, what="all three")
    consumer.stop()
    assert got == [0, 1, 2]


def test_what_was_not_acknowledged_waits_for_the_next_consumer(amqp, amqp_url, topology) -> None:
    held, release = threading.Event(), threading.Event()

    def receive(_message):
        held.set()
        release.wait(10)
        raise ConnectionError("killed")

    consumer = amqp.consumer("registry", "alerts", receive)
    consumer.start()
    amqp.publish(some(3))
    assert held.wait(10)
    stopping = threading.Thread(target=consumer.stop)
    stopping.start()
    release.set()
    stopping.join()
    eventually(lambda: waiting(amqp_url, topology) == 3, what="all back in the queue")


@pytest.mark.parametrize("arguments", [{}, {"x-queue-type": "quorum", "x-delivery-limit": 3}])
def test_a_queue_with_other_arguments_is_a_loud_error_on_both_sides(amqp, amqp_url, topology, arguments) -> None:
    with kombu.Connection(amqp_url) as connection:
        name = topology.queue("alerts", "registry")
        kombu.Queue(name, durable=True, queue_arguments=arguments)(connection.channel()).declare()
    with pytest.raises(WrongTopology):
        amqp.publish(some(1))
    consumer = amqp.consumer("registry", "alerts", print)
    with pytest.raises(WrongTopology):
        consumer.run()
    assert consumer.state == "failed"


def test_a_queue_that_vanished_is_declared_again_and_nothing_counts_as_sent_into_the_void(
    amqp, amqp_url, topology
) -> None:
    amqp.publish(some(1))
    with kombu.Connection(amqp_url) as connection:
        connection.channel().queue_delete(topology.queue("alerts", "registry"))
    amqp.publish(some(5))
    assert waiting(amqp_url, topology) == 5


def test_a_broker_that_is_not_there_is_said_so(topology) -> None:
    transport = AmqpTransport("amqp://guest:guest@127.0.0.1:9//", topology, keep_trying=0.2, patience=QUICK)
    with pytest.raises(TransportDown):
        transport.publish(some(1))
    with pytest.raises(TransportDown):
        transport.announce(Head(source="registry", origin="o", epoch="e", size=0, leaf=""))


def test_heads_are_heard_from_the_sources_that_one_listens_to(amqp) -> None:
    heard = []
    stop = amqp.listen_heads(heard.append, ["registry"])
    for source in ("casework", "registry"):
        amqp.announce(Head(source=source, origin="o", epoch="e", size=3, leaf=LEAF))
    eventually(lambda: heard, what="a head")
    stop()
    assert [one["source"] for one in heard] == ["registry"]


def test_a_listener_that_raises_goes_on_hearing(amqp) -> None:
    heard = []

    def listen(message):
        heard.append(message)
        raise ValueError

    stop = amqp.listen_heads(listen)
    for size in (1, 2):
        amqp.announce(Head(source="registry", origin="o", epoch="e", size=size, leaf=LEAF))
    eventually(lambda: len(heard) == 2, what="both heads")
    stop()


def test_the_cloudevents_sdk_reads_a_range(amqp, amqp_url, topology) -> None:
    amqp.publish([a_range(3)])
    with kombu.Connection(amqp_url) as connection:
        taken = []
        queue = reader_queue(topology, "registry", "alerts")
        with kombu.Consumer(connection.channel(), [queue], on_message=taken.append, no_ack=True):
            connection.drain_events(timeout=5)
        [message] = taken
        assert message.properties["delivery_mode"] == 2
        body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
        event = from_binary(RabbitMQMessage(dict(message.headers), message.content_type, body), JSONFormat())
    assert event.get_type() == "shouwang.log_range"
    assert event.get_source() == "county.example/registry"
    assert event.get_id() == a_range(3).id == "epoch/alerts/3-3"
    assert event.get_data() == a_range(3).message()


def test_names_are_those_of_services_under_the_namespace(amqp, amqp_url, topology, services) -> None:
    amqp.publish(some(1))
    lines = services.control.lines("list_queues", "name", "type", "arguments", "--no-table-headers")
    [line] = [one for one in lines if topology.namespace in one]
    name, kind, arguments = line.split("\t")
    assert name == f"{topology.namespace}.alerts.hears.registry"
    assert kind == "rabbit_quorum_queue" or "quorum" in kind
    assert "x-single-active-consumer" in arguments
    assert "x-delivery-limit" in arguments


GREEN = """
import eventlet
eventlet.monkey_patch()
import sys, threading
from shared.messaging.topology import Topology
from shared.messaging.transport.amqp import AmqpTransport
from tests.contract.messaging.test_amqp import some, Head, LEAF

transport = AmqpTransport(sys.argv[1], Topology(sys.argv[2]))
got, heads, done = [], [], threading.Event()
turns = []

def receive(message):
    got.append(message["from"])
    if len(got) == 300:
        done.set()

def others():
    while not done.is_set():
        turns.append(1)
        eventlet.sleep(0.001)

eventlet.spawn(others)
stop = transport.listen_heads(heads.append)
consumer = transport.consumer("registry", "alerts", receive)
consumer.start()
transport.publish(some(300))
transport.announce(Head(source="registry", origin="o", epoch="e", size=3, leaf=LEAF))
assert done.wait(20), len(got)
for _ in range(200):
    if heads: break
    eventlet.sleep(0.01)
consumer.stop(); stop(); transport.close()
assert got == list(range(300)) and len(heads) == 1 and len(turns) > 10, (len(got), heads, len(turns))
print("green", transport.most_in_flight)
"""


def test_it_works_under_eventlet_and_lets_others_have_their_turn(amqp_url, namespace) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GREEN, amqp_url, namespace],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    word, flight = done.stdout.split()
    assert word == "green"
    assert int(flight) > 1


@pytest.mark.faults
def test_ranges_and_heads_go_on_after_the_broker_was_stopped_and_came_back() -> None:
    with OwnBroker() as broker:
        topology = Topology("swtest")
        transport = AmqpTransport(broker.url, topology, keep_trying=60, patience=QUICK)
        got, heads = [], []
        stop = transport.listen_heads(heads.append)
        consumer = transport.consumer("registry", "alerts", lambda message: got.append(message["from"]))
        consumer.start()
        transport.publish(some(5))
        eventually(lambda: got == [0, 1, 2, 3, 4], what="the first five")
        # In order: RabbitMQ 3.10 loses a quorum queue that is a few seconds old when it is killed, and for good.
        broker.stop()
        with pytest.raises(TransportDown):
            AmqpTransport(broker.url, topology, keep_trying=0.1, patience=QUICK).publish(some(1))
        broker.start()
        transport.publish([a_range(position) for position in range(5, 8)])
        eventually(lambda: sorted(set(got)) == list(range(8)), within=30, what="the rest")

        def head_heard() -> bool:
            transport.announce(Head(source="registry", origin="o", epoch="e", size=8, leaf=LEAF))
            return bool(heads)

        eventually(head_heard, within=30, what="a head", ignoring=(TransportDown,))
        consumer.stop()
        stop()
        transport.close()
