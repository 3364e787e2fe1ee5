"""The broker's names under a namespace. They hold the names of services and nothing else.

<ns>.log                      topic, durable    ranges, by routing key <source>.<reader>
<ns>.heads                    topic, transient  heads, by routing key <source>
<ns>.<reader>.hears.<source>  quorum queue      the ranges of one source for one reader
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

DELIVERY_LIMIT = 20
"""How often a quorum queue gives out a message that comes back. What it drops then is a gap, and gaps are fetched."""
HEADS_LIVE = 5_000
"""Milliseconds after which a head that nobody took is thrown away: the next one says more."""

_NAMESPACE = re.compile(r"[a-z0-9_-]{1,40}")
_SERVICE = re.compile(r"[a-z][a-z_]{0,39}")


@dataclass(frozen=True, slots=True)
class Topology:
    """Names and arguments for one namespace. Raises ValueError on a namespace that would need escaping."""

    namespace: str

    def __post_init__(self) -> None:
        if not _NAMESPACE.fullmatch(self.namespace):
            raise ValueError(f"not a namespace: {self.namespace!r}")

    @property
    def log(self) -> str:
        """The exchange of ranges."""
        return f"{self.namespace}.log"

    @property
    def heads(self) -> str:
        """The exchange of heads."""
        return f"{self.namespace}.heads"

    def queue(self, reader: str, source: str) -> str:
        """The queue from which `reader` hears `source`."""
        return f"{self.namespace}.{_service(reader)}.hears.{_service(source)}"

    def listening(self, unique: str) -> str:
        """The queue of one listener to heads, which goes with its connection."""
        return f"{self.namespace}.heads.{unique}"

    @staticmethod
    def key(source: str, reader: str) -> str:
        """The routing key of a range."""
        return f"{_service(source)}.{_service(reader)}"

    @staticmethod
    def queue_arguments() -> dict[str, Any]:
        """How the queue of a reader is declared, by everybody alike.

        A single active consumer, or two replicas of a reader would each get every other range.
        """
        return {"x-queue-type": "quorum", "x-single-active-consumer": True, "x-delivery-limit": DELIVERY_LIMIT}

    @staticmethod
    def listening_arguments() -> dict[str, Any]:
        """How the queue of a listener to heads is declared."""
        return {"x-message-ttl": HEADS_LIVE, "x-max-length": 1_000}


def _service(name: str) -> str:
    """The name of a service, refused where it would be several words of a routing key."""
    if not _SERVICE.fullmatch(name):
        raise ValueError(f"not the name of a service: {name!r}")
    return name
