"""How a program calls the doors of the services: one port, three ways.

`LocalClient` calls into the same process, `NamekoClient` over RabbitMQ as nameko speaks, `SocketClient` into the
process that owns a data directory. Each gives the door's answer or raises what came of it instead.
"""

from shared.hosting.clients.local import LocalClient
from shared.hosting.clients.port import OutcomeUnknown, ServiceClient, ServiceFailed, ServiceUnavailable
from shared.hosting.clients.rabbit import NamekoClient
from shared.hosting.clients.unix import SocketClient

__all__ = [
    "LocalClient",
    "NamekoClient",
    "OutcomeUnknown",
    "ServiceClient",
    "ServiceFailed",
    "ServiceUnavailable",
    "SocketClient",
]
