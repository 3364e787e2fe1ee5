"""The local socket: how a command reaches the process that owns the data."""

from __future__ import annotations

import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.hosting import frames
from shared.hosting.clients import OutcomeUnknown, ServiceUnavailable, SocketClient
from shared.hosting.socket_door import SocketDoor
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.refusals import Refusal
from tests.infrastructure.waiting import eventually


class Echo:
    """A house of one service with one door."""

    def __init__(self) -> None:
        self.clock: Clock = SystemClock()
        self.listeners: list[Callable[[str, int], None]] = []
        self.hold = threading.Event()
        self.hold.set()

    def answer(self, service: str, door: str, message: dict[str, Any]) -> dict[str, Any]:
        if (service, door) == ("echo", "refuse"):
            return {"refused": {"code": "echo.no", "facts": {}}}
        if (service, door) != ("echo", "say"):
            raise LookupError(door)
        self.hold.wait(10)
        return {"answer": message["data"]}

    def listen_heads(self, listener: Callable[[str, int], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


@pytest.fixture
def house() -> Echo:
    return Echo()


@pytest.fixture
def door(tmp_path: Path, house: Echo) -> Iterator[SocketDoor]:
    opened = SocketDoor(tmp_path, house)
    opened.start()
    yield opened
    house.hold.set()
    opened.stop()


@pytest.fixture
def client(tmp_path: Path, door: SocketDoor) -> Iterator[SocketClient]:
    made = SocketClient(tmp_path, SystemClock())
    yield made
    made.close()


def test_a_call_is_answered(client: SocketClient) -> None:
    assert client.call("echo", "say", {"word": "守望"}, token="t") == {"word": "守望"}
    assert client.call("echo", "say", {"word": "again"}, token="t") == {"word": "again"}


def test_a_refusal_comes_through(client: SocketClient) -> None:
    with pytest.raises(Refusal) as refused:
        client.call("echo", "refuse", {}, token="t")

    assert refused.value.code == "echo.no"


def test_an_unknown_door_is_unavailable(client: SocketClient) -> None:
    with pytest.raises(ServiceUnavailable):
        client.call("echo", "nothing", {}, token="t")


def test_a_large_message_passes_whole(client: SocketClient) -> None:
    text = "数" * 1_000_000

    assert client.call("echo", "say", {"text": text}, token="t") == {"text": text}


def test_only_the_owner_may_connect(tmp_path: Path, door: SocketDoor) -> None:
    assert stat.S_IMODE((tmp_path / frames.SOCKET).stat().st_mode) == 0o600


def test_an_answer_that_does_not_come_in_time_leaves_the_outcome_open(client: SocketClient, house: Echo) -> None:
    house.hold.clear()

    with pytest.raises(OutcomeUnknown):
        client.call("echo", "say", {}, token="t", timeout=0.2)
    house.hold.set()

    assert client.call("echo", "say", {"a": 1}, token="t") == {"a": 1}


def test_without_a_house_nothing_is_available(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable):
        SocketClient(tmp_path, SystemClock()).call("echo", "say", {}, token="t")
    assert not SocketClient.answers(tmp_path)


def test_a_client_outlives_its_house_and_finds_the_next(tmp_path: Path, house: Echo) -> None:
    client = SocketClient(tmp_path, SystemClock())
    for word in ("first", "second"):
        door = SocketDoor(tmp_path, house)
        door.start()
        assert client.call("echo", "say", {"word": word}, token="t") == {"word": word}
        client.close()
        door.stop()


def test_a_directory_with_a_long_name_is_reached_too(tmp_path: Path, house: Echo) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    door = SocketDoor(deep, house)
    door.start()
    client = SocketClient(deep, SystemClock())

    assert client.call("echo", "say", {"a": 1}, token="t") == {"a": 1}

    client.close()
    door.stop()


def test_heads_are_streamed_until_the_listener_stops(client: SocketClient, house: Echo) -> None:
    heads: list[tuple[str, int]] = []
    stop = client.heads(lambda service, size: heads.append((service, size)))
    eventually(lambda: house.listeners, what="the listener")

    house.listeners[0]("registry", 7)

    eventually(lambda: heads == [("registry", 7)], what="the head")
    stop()
    eventually(lambda: not house.listeners, what="the end of listening")


@pytest.mark.parametrize("bytes_", [b"\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x02{}", b"\x00\x00\x00\x01{"])
def test_nonsense_harms_nobody(tmp_path: Path, client: SocketClient, bytes_: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as stranger, frames.address_of(tmp_path) as address:
        stranger.connect(address)
        stranger.sendall(bytes_)

    assert client.call("echo", "say", {"a": 1}, token="t") == {"a": 1}
