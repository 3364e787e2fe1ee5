"""Transport: how ranges and heads travel. One port, two adapters: RabbitMQ, and within one process.

A transport may lose, repeat or reorder what it carries; followers make nothing of it in effect. What it promises is
that `publish` returns only when every range is safe with the broker, and that a consumer takes a range as done only
when `receive` has returned.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from shared.messaging.ranges import Head, Range

Receive = Callable[[Any], object]
"""Takes the message of a range (`Follower.receive`). Returning, whatever it returns, means that the range is done;
raising means that it is not."""
HeardHead = Callable[[dict[str, Any]], object]
"""Takes the message of a head (`Follower.hear_head`)."""
Stop = Callable[[], None]
"""Ends a listener and waits for it."""


class TransportDown(Exception):
    """The broker did not confirm in time. What was to be published may or may not have arrived."""


class Unconfirmed(TransportDown):
    """The broker is there and did not take what was published: its queue is at fault, not the connection."""


class WrongTopology(Exception):
    """An exchange or queue exists with other arguments than ours. Nothing repairs that but a person."""


class Consumer(Protocol):
    """Takes one reader's ranges of one source from the transport and gives them to `receive`, one after the other."""

    @property
    def state(self) -> str:
        """`starting`, `consuming`, `retrying`, `stopped`, or `failed`, which it does not recover from."""
        ...

    def start(self) -> None:
        """Begin, in a thread of its own."""
        ...

    def stop(self) -> None:
        """End and wait for the thread. A range that was not done is given again to whoever comes next."""
        ...


class Transport(Protocol):
    """The port."""

    @property
    def keeps(self) -> bool:
        """Whether ranges wait for a reader that is not there. Otherwise it asks for what it missed when it starts."""
        ...

    def publish(self, ranges: Sequence[Range]) -> None:
        """Send ranges, each to its reader, and return when the broker has confirmed all of them.

        Raises TransportDown (Unconfirmed where the broker is there), and WrongTopology.
        """
        ...

    def announce(self, head: Head) -> None:
        """Tell whoever listens how far a log has come. It may get lost. Raises as `publish` does."""
        ...

    def listen_heads(self, heard: HeardHead, sources: Collection[str] | None = None) -> Stop:
        """Call `heard` with each head from now on, of these sources or of all, from a thread of the listener's own."""
        ...

    def consumer(self, source: str, reader: str, receive: Receive) -> Consumer:
        """A consumer of one source for one reader, not yet started."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...
