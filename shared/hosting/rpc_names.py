"""What RPC is called on the broker, under a namespace: nameko's names, known to both of its ends."""

from __future__ import annotations

import kombu


def service_name(namespace: str, service: str) -> str:
    """The name under which nameko serves: without a dot, which separates it from the method."""
    return f"{namespace}-{service}"


def exchange_name(namespace: str) -> str:
    """The exchange of all calls and answers."""
    return f"{namespace}-rpc"


def rpc_exchange(namespace: str) -> kombu.Exchange:
    """The exchange as nameko declares it."""
    return kombu.Exchange(exchange_name(namespace), type="topic", durable=True)


def rpc_queue(name: str) -> str:
    """The queue of calls to a service of that (namespaced) name."""
    return f"rpc-{name}"
