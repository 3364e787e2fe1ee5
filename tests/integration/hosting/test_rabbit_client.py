"""The pool of lines: reused, renewed when old or dead, bounded, and quiet when it is closed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import kombu
import pytest

from shared.hosting import wire
from shared.hosting.clients import NamekoClient, OutcomeUnknown, ServiceUnavailable
from shared.hosting.clients import rabbit as module
from shared.hosting.rpc_names import rpc_exchange, rpc_queue, service_name
from shared.kernel.clock import SystemClock
from tests.infrastructure.waiting import eventually

pytestmark = pytest.mark.broker


@dataclass
class Answering:
    """A service of one door in a thread: answers what it is told, in nameko's form; counts what it took."""

    url: str
    namespace: str
    taken: list[dict[str, Any]] = field(default_factory=list)
    properties: list[dict[str, Any]] = field(default_factory=list)
    silent: bool = False
    delay: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self, ready: threading.Event) -> None:
        name, exchange = service_name(self.namespace, "echo"), rpc_exchange(self.namespace)
        with kombu.Connection(self.url) as connection:
            channel = connection.channel()
            queue = kombu.Queue(rpc_queue(name), exchange, routing_key=f"{name}.*", durable=True)

            def answer(message: Any) -> None:
                message.ack()
                asked = wire.decode(message.body)["args"][0]
                self.taken.append(asked)
                self.properties.append(message.properties | {"delivery_mode": message.properties.get("delivery_mode")})
                if self.silent:
                    return
                time.sleep(self.delay)
                kombu.Producer(connection.channel()).publish(
                    wire.encode({"result": {"answer": asked["data"]}, "error": None}),
                    exchange=exchange,
                    routing_key=message.properties["reply_to"],
                    correlation_id=message.properties["correlation_id"],
                    content_type=wire.CONTENT_TYPE,
                    content_encoding="utf-8",
                    retry=False,
                )

            with kombu.Consumer(channel, [queue], on_message=answer, prefetch_count=50):
                ready.set()
                while not self._stop.is_set():
                    try:
                        connection.drain_events(timeout=0.1)
                    except TimeoutError:
                        continue

    def stop(self) -> None:
        self._stop.set()


@pytest.fixture
def echo(amqp_url: str, namespace: str) -> Iterator[Answering]:
    service, ready = Answering(amqp_url, namespace), threading.Event()
    thread = threading.Thread(target=service.run, args=(ready,))
    thread.start()
    assert ready.wait(10)
    yield service
    service.stop()
    thread.join()


@pytest.fixture
def client(amqp_url: str, namespace: str) -> Iterator[NamekoClient]:
    made = NamekoClient(amqp_url, namespace, SystemClock())
    yield made
    made.close()


def say(client: NamekoClient, word: str, **named: Any) -> Any:
    return client.call("echo", "say", {"word": word}, token="t", **named)


def test_calls_one_after_the_other_share_a_line(client: NamekoClient, echo: Answering) -> None:
    assert [say(client, word)["word"] for word in ("守", "望")] == ["守", "望"]

    assert len({one["reply_to"] for one in echo.properties}) == 1


def test_a_message_is_transient_and_expires_with_its_caller(client: NamekoClient, echo: Answering) -> None:
    say(client, "soon", timeout=3.0)

    assert echo.properties[0]["delivery_mode"] == 1
    assert 1000 < int(echo.properties[0]["expiration"]) <= 3000


def test_no_answer_in_time_leaves_the_outcome_open_and_names_the_command(client: NamekoClient, echo: Answering) -> None:
    echo.silent = True

    with pytest.raises(OutcomeUnknown) as unknown:
        say(client, "lost", timeout=0.3)

    assert unknown.value.command_id == echo.taken[0]["command_id"]


def test_an_answer_that_comes_late_is_not_taken_for_the_next_one(client: NamekoClient, echo: Answering) -> None:
    echo.delay = 0.4
    with pytest.raises(OutcomeUnknown):
        say(client, "slow", timeout=0.1)
    echo.delay = 0.0

    assert say(client, "next") == {"word": "next"}


def test_more_threads_than_lines_wait_their_turn(amqp_url: str, namespace: str, echo: Answering) -> None:
    client = NamekoClient(amqp_url, namespace, SystemClock(), most=3)
    said: list[str] = []

    def work(word: str) -> None:
        said.append(say(client, word, timeout=20.0)["word"])

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    client.close()

    assert sorted(said, key=int) == [str(number) for number in range(12)]
    assert len({one["reply_to"] for one in echo.properties}) <= 3


def test_who_finds_no_line_free_in_time_is_told_that_nothing_happened(
    amqp_url: str, namespace: str, echo: Answering
) -> None:
    client = NamekoClient(amqp_url, namespace, SystemClock(), most=1)
    echo.delay = 1.0
    busy = threading.Thread(target=say, args=(client, "long"))
    busy.start()
    eventually(lambda: echo.taken, what="the first call")

    with pytest.raises(ServiceUnavailable):
        say(client, "short", timeout=0.2)
    busy.join()
    client.close()

    assert [one["data"]["word"] for one in echo.taken] == ["long"]


def test_a_line_that_died_in_the_pool_is_replaced(client: NamekoClient, echo: Answering) -> None:
    say(client, "before")
    client._idle[0]._connection.transport.close_connection(client._idle[0]._connection.connection)

    assert say(client, "after") == {"word": "after"}
    assert [one["data"]["word"] for one in echo.taken] == ["before", "after"]


def test_a_line_that_nobody_used_for_long_is_not_trusted(
    client: NamekoClient, echo: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(client, "before")
    monkeypatch.setattr(module, "IDLE", 0.0)

    say(client, "after")

    assert len({one["reply_to"] for one in echo.properties}) == 2


def test_without_a_broker_nothing_is_available() -> None:
    client = NamekoClient("amqp://guest:guest@127.0.0.1:1//", "nowhere", SystemClock())

    with pytest.raises(ServiceUnavailable):
        say(client, "anybody")
