"""A shared broker, used without meeting others: a namespace for each test, removed when the run is over."""

from __future__ import annotations

import itertools
import os
import subprocess
import time
import uuid
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import amqp

from shared.contracts import LANGUAGE
from shared.messaging.topology import Topology

PREFIX = "swt"
"""Begins the namespace of every test: `swt<time in hex>x<random>`, so that the leftovers of a dead run are known."""
LEFTOVER_AGE = 2 * 3600
"""Seconds after which what a dead run left behind is removed; a run that lives takes a quarter of an hour."""


def new_run() -> str:
    """A name for one test run, with the time in it."""
    return f"{PREFIX}{int(time.time()):x}x{uuid.uuid4().hex[:6]}"


def started_at(name: str) -> int | None:
    """When the run began that a queue or exchange belongs to, in seconds since 1970; None when it is no test's."""
    if not name.startswith(PREFIX):
        return None
    stamp, cross, _ = name.removeprefix(PREFIX).partition("x")
    try:
        return int(stamp, 16) if cross else None
    except ValueError:
        return None


def connect(url: str, *, within: float = 5.0) -> amqp.Connection:
    """A plain AMQP connection to `amqp://user:password@host:port/vhost`."""
    parts = urlsplit(url)
    connection = amqp.Connection(
        f"{parts.hostname or '127.0.0.1'}:{parts.port or 5672}",
        userid=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path.removeprefix("/")) or "/",
        connect_timeout=within,
        read_timeout=within,
        write_timeout=within,
        # Plain first: the library also offers AMQPLAIN and, where it is installed, GSSAPI, which looks for a realm.
        login_method="PLAIN",
    )
    connection.connect()
    return connection


def broker_answers(url: str) -> bool:
    """Whether a client can connect and open a channel."""
    try:
        with connect(url, within=2.0) as connection:
            connection.channel().close()
    except (OSError, amqp.AMQPError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Control:
    """How to ask a broker for its queues, which AMQP itself cannot: `rabbitmqctl` with what it needs around it."""

    command: tuple[str, ...]
    environment: dict[str, str]

    def lines(self, *words: str) -> list[str]:
        """What it answers, line by line.

        Raises:
            RuntimeError: it refused, or is not to be had.
        """
        if not self.command:
            raise RuntimeError("this broker's rabbitmqctl is not within reach")
        done = subprocess.run(
            [*self.command, *words],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.splitlines()


def remove_readers_queues(url: str, namespace: str) -> None:
    """Delete the queues of all readers under a namespace, by the names that they would have.

    A broker sets open files aside for each quorum queue: with the usual bound of 1,024 files some three hundred of
    them are all that it can hold, and with one more it takes no connection any longer.
    """
    topology = Topology(namespace)
    with connect(url) as connection:
        channel = connection.channel()
        for reader, source in itertools.permutations(LANGUAGE, 2):
            channel.queue_delete(topology.queue(reader, source))


def remove_namespace(url: str, control: Control, run: str) -> list[str]:
    """Delete the queues and exchanges of one run, and of dead runs older than two hours; gives their names.

    Raises:
        RuntimeError: the broker's queues cannot be listed from here.
    """
    oldest = time.time() - LEFTOVER_AGE

    def is_ours(name: str) -> bool:
        began = started_at(name.removeprefix("rpc-").removeprefix("evt-"))
        return run in name or (began is not None and began < oldest)

    queues = [name for name in control.lines("list_queues", "name", "--no-table-headers") if is_ours(name)]
    exchanges = [name for name in control.lines("list_exchanges", "name", "--no-table-headers") if is_ours(name)]
    with connect(url) as connection:
        channel = connection.channel()
        for name in queues:
            channel.queue_delete(name)
        for name in exchanges:
            channel.exchange_delete(name)
    return queues + exchanges
