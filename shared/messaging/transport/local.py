"""The transport within one process. Nothing outlives the process: who starts asks its sources for what it missed."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Any

import structlog

from shared.messaging.ranges import Head, Range, decoded
from shared.messaging.transport import HeardHead, Receive, Stop
from shared.messaging.transport.patience import Patience, given
from shared.messaging.trouble import described

log = structlog.get_logger(__name__)
MOST_WAITING = 256
"""The most ranges that wait for one reader. What comes then is dropped: the reader sees the gap and asks."""


class LocalTransport:
    """Hands ranges and heads from thread to thread, as the same bytes that a broker would carry."""

    keeps = False

    def __init__(self, *, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._boxes: dict[tuple[str, str], deque[bytes]] = {}
        self._arrived: dict[tuple[str, str], threading.Condition] = {}
        self._listeners: list[_Listener] = []

    def publish(self, ranges: Sequence[Range]) -> None:
        """Put each range into the box of its reader. One whose reader is not there, or far behind, is dropped."""
        for one in ranges:
            address = one.source, one.reader
            with self._lock:
                box, arrived = self._boxes.get(address), self._arrived.get(address)
            if box is None or arrived is None:
                continue
            with arrived:
                if len(box) < MOST_WAITING:
                    box.append(one.body())
                    arrived.notify()
                else:
                    log.info("range_dropped", source=one.source, reader=one.reader, first=one.first, last=one.last)

    def announce(self, head: Head) -> None:
        """Show the head to every listener."""
        with self._lock:
            listeners = list(self._listeners)
        for one in listeners:
            one.tell(head)

    def listen_heads(self, heard: HeardHead, sources: Collection[str] | None = None) -> Stop:
        """Call `heard` from a thread of its own; a head that was overtaken by a newer one is left out."""
        listener = _Listener(heard, sources)
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                self._listeners.remove(listener)
            listener.stop()

        return stop

    def consumer(self, source: str, reader: str, receive: Receive) -> LocalConsumer:
        """A consumer; a second one of the same source and reader waits until the first is stopped."""
        return LocalConsumer(self, (source, reader), receive, self._patience)

    def close(self) -> None:
        """Nothing is held."""

    def box(self, address: tuple[str, str]) -> tuple[deque[bytes], threading.Condition]:
        """Where the ranges of a source for a reader wait, and what tells of their arrival."""
        with self._lock:
            arrived = self._arrived.setdefault(address, threading.Condition())
            return self._boxes.setdefault(address, deque()), arrived


class LocalConsumer:
    """Takes ranges from a box, in a thread of its own."""

    def __init__(
        self, transport: LocalTransport, address: tuple[str, str], receive: Receive, patience: Patience
    ) -> None:
        self._receive, self._patience = receive, patience
        self._box, self._arrived = transport.box(address)
        self._stopping = threading.Event()
        name = f"{address[1]}-hears-{address[0]}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.state = "starting"

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End and wait."""
        self._stopping.set()
        with self._arrived:
            self._arrived.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        self.state = "consuming"
        while (body := self._next()) is not None:
            if given(self._receive, decoded(body), self._patience, self._pause):
                continue
            with self._arrived:
                self._box.appendleft(body)
            self.state = "retrying"
            self._pause(self._patience.rest)
            self.state = "consuming"
        self.state = "stopped"

    def _next(self) -> bytes | None:
        with self._arrived:
            self._arrived.wait_for(lambda: self._box or self._stopping.is_set())
            return None if self._stopping.is_set() else self._box.popleft()

    def _pause(self, seconds: float) -> bool:
        return not self._stopping.wait(seconds)


class _Listener:
    """Calls one listener from a thread of its own, so that no publisher waits for it."""

    def __init__(self, heard: HeardHead, sources: Collection[str] | None) -> None:
        self._heard = heard
        self._sources = None if sources is None else frozenset(sources)
        self._latest: dict[str, Head] = {}
        self._told = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="heads", daemon=True)
        self._thread.start()

    def tell(self, head: Head) -> None:
        if self._sources is None or head.source in self._sources:
            with self._told:
                self._latest[head.source] = head
                self._told.notify()

    def stop(self) -> None:
        with self._told:
            self._stopping = True
            self._told.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._told:
                self._told.wait_for(lambda: self._latest or self._stopping)
                if self._stopping:
                    return
                heads, self._latest = list(self._latest.values()), {}
            for one in heads:
                safely(self._heard, one.message())


def safely(heard: Callable[[dict[str, Any]], object], message: dict[str, Any]) -> None:
    """Call a listener; one that raises must not end the thread that all later heads come through."""
    try:
        heard(message)
    except Exception as error:  # noqa: BLE001 - the next head comes in a second
        log.warning("head_not_heard", error=described(error))
