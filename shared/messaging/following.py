"""Following: the threads that keep one follower going, for any host. Under eventlet they are green."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog

from shared.messaging.follower import Follower
from shared.messaging.transport import Consumer, Stop, Transport

log = structlog.get_logger(__name__)
TICK = 1.0
"""Seconds between two checks when nothing wakes the keeper earlier."""


def together(stops: Sequence[Stop]) -> None:
    """Stop all at once and wait for all: what waits for a broker that does not answer waits for it side by side."""
    threads = [threading.Thread(target=one, name="stops", daemon=True) for one in stops]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


class Following:
    """A follower at work: a consumer of its ranges, a listener to its source's heads, a keeper that asks."""

    def __init__(self, follower: Follower, transport: Transport, *, tick: float = TICK) -> None:
        self.follower, self._transport, self._tick = follower, transport, tick
        self._consumer: Consumer | None = None
        self._stop_heads: Stop | None = None
        self._stopping = threading.Event()
        name = f"{follower.name}-keeps-up-with-{follower.source}"
        self._keeper = threading.Thread(target=self._keep, name=name, daemon=True)

    @property
    def state(self) -> str:
        """The consumer's state, or `stopped` when the follower has stopped."""
        if self.follower.stopped is not None:
            return "stopped"
        return self._consumer.state if self._consumer is not None else "starting"

    def start(self) -> None:
        """Begin. Where the transport keeps nothing for who is away, what was missed is asked for at once."""
        source, reader = self.follower.source, self.follower.name
        self._consumer = self._transport.consumer(source, reader, self.follower.receive)
        self._consumer.start()
        self._stop_heads = self._transport.listen_heads(self.follower.hear_head, [source])
        if not self._transport.keeps:
            self.follower.ask_soon()
        self._keeper.start()

    def stop(self) -> None:
        """End, and wait for the threads."""
        self._stopping.set()
        self.follower.wake.set()
        stops = [self._stop_heads, self._consumer.stop if self._consumer is not None else None]
        together([one for one in stops if one is not None])
        if self._keeper.is_alive():
            self._keeper.join()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self.follower.wake.wait(self._tick)
            if self._stopping.is_set():
                return
            try:
                self.follower.idle_check()
            except Exception:
                # The keeper must outlive a bad moment; it asks again at the next tick.
                log.exception("keeper_failed", reader=self.follower.name, source=self.follower.source)
                self._stopping.wait(self._tick)
