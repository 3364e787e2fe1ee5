"""A broker and a database cluster of a test's own: killed, they come back on the same port with what was promised."""

from __future__ import annotations

import os
from collections.abc import Iterator

import amqp
import psycopg
import pytest

from tests.infrastructure.broker import broker_answers, connect
from tests.infrastructure.own_broker import OwnBroker
from tests.infrastructure.own_cluster import OwnCluster
from tests.infrastructure.waiting import eventually

pytestmark = pytest.mark.faults
QUORUM = {"x-queue-type": "quorum"}


@pytest.fixture(scope="module")
def broker() -> Iterator[OwnBroker]:
    with OwnBroker() as running:
        yield running


@pytest.fixture(scope="module")
def cluster() -> Iterator[OwnCluster]:
    with OwnCluster() as running:
        yield running


def _first_word(broker: OwnBroker) -> str:
    with connect(broker.url) as connection:
        message = connection.channel().basic_get("kept", no_ack=True)
        return str(message.body) if message else ""


def test_an_own_broker_restarts_and_keeps_a_confirmed_message_when_it_is_killed(
    broker: OwnBroker, amqp_url: str
) -> None:
    with connect(broker.url) as connection:
        connection.channel().queue_declare("kept", durable=True, auto_delete=False, arguments=QUORUM)
    # In order first. RabbitMQ 3.10 that is killed in the second after it declared a quorum queue of one member comes
    # back with a queue that never finds a leader (tried: 0.5 s after, always; 1 s after, never).
    broker.restart()
    assert f"shouwang-{broker.port}@localhost" in broker.control("status")
    with connect(broker.url) as connection:
        channel = connection.channel()
        channel.confirm_select()
        channel.basic_publish_confirm(amqp.Message("still here", delivery_mode=2), routing_key="kept")
    broker.kill()
    assert not broker_answers(broker.url)
    assert broker_answers(amqp_url), "the machine's own broker was touched"
    broker.start()
    assert eventually(lambda: _first_word(broker), within=30, ignoring=(OSError, amqp.AMQPError)) == "still here"


def test_a_committed_row_survives_the_kill_of_an_own_cluster(cluster: OwnCluster) -> None:
    with psycopg.connect(cluster.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'still here' AS word")
    unfinished = psycopg.connect(cluster.url)
    unfinished.execute("INSERT INTO kept VALUES ('never committed')")
    cluster.kill()
    assert not cluster.answers()
    unfinished.close()
    cluster.start()
    with psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("still here",)]


def test_an_own_cluster_restarts_in_order(cluster: OwnCluster) -> None:
    before = cluster.pid
    cluster.restart()
    assert cluster.pid != before
    assert cluster.answers()


def test_own_servers_leave_no_process_and_no_file_behind() -> None:
    with OwnCluster() as cluster:
        server, directory = cluster.pid, cluster.directory
    assert not directory.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
