"""A RabbitMQ for the tests: one that answers, or one of our own."""

from __future__ import annotations

import os
import shutil
import uuid
from urllib.parse import urlsplit

import amqp

from tests.infrastructure.broker import PREFIX, Control, connect
from tests.infrastructure.own_broker import NoRabbit, OwnBroker, node_programs
from tests.infrastructure.ports import LOOPBACK, answers
from tests.infrastructure.provision import CannotProvide, docker
from tests.infrastructure.provision.debian import Say, can_install, install
from tests.infrastructure.provision.homes import Home, Server
from tests.infrastructure.waiting import eventually

VARIABLE = "SHOUWANG_TEST_AMQP_URL"
MACHINE = f"amqp://guest:guest@{LOOPBACK}:5672//"


def find_or_start(home: Home, say: Say) -> tuple[str, Control]:
    """A URL, and the command that lists the broker's queues.

    Raises:
        CannotProvide: the one that was named does not serve, or there is none and none can be had.
    """
    told = os.environ.get(VARIABLE)
    if told:
        trouble = why_not(told)
        if trouble:
            raise CannotProvide(f"{VARIABLE}: {trouble}")
        here = urlsplit(told)
        is_machine = here.hostname in {LOOPBACK, "localhost"} and (here.port or 5672) == 5672
        return told, _machine_control() if is_machine else Control((), {})
    if answers(LOOPBACK, 5672):
        trouble = why_not(MACHINE)
        if trouble is None:
            return MACHINE, _machine_control()
        say(f"the RabbitMQ on {LOOPBACK}:5672 is not for us ({trouble})")
    return _started_before(home) or _start(home, say)


def why_not(url: str) -> str | None:
    """What is wrong with a broker for our purpose, in one line; None when it serves."""
    try:
        with connect(url, within=5.0) as connection:
            channel = connection.channel()
            name = f"{PREFIX}0x{uuid.uuid4().hex[:6]}.probe"
            channel.queue_declare(name, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
            channel.queue_delete(name)
    except (OSError, amqp.AMQPError) as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return None


def _machine_control() -> Control:
    # rabbitmqctl speaks to the machine's node for root and for the node's own account only.
    program = shutil.which("rabbitmqctl") or shutil.which("rabbitmqctl", path="/usr/sbin:/usr/local/sbin")
    return Control((program, "--quiet") if program else (), {})


def _started_before(home: Home) -> tuple[str, Control] | None:
    server = home.servers.get("rabbitmq")
    if server is None or not server.url or why_not(server.url) is not None:
        return None
    return server.url, server.control


def _start(home: Home, say: Say) -> tuple[str, Control]:
    try:
        node_programs()
    except NoRabbit:
        if docker.engine_runs():
            return _in_container(home, say)
        if not can_install():
            raise CannotProvide(
                "install rabbitmq-server (on Debian, as root: apt-get install rabbitmq-server)"
            ) from None
        install(["rabbitmq-server"], say)
    say("starting a RabbitMQ of our own …")
    broker = OwnBroker(home.directory("rabbitmq", OwnBroker.ACCOUNT)).start()
    return _remember(
        home,
        Server(
            url=broker.url,
            processes=broker.pids,
            command=broker.control_command(),
            environment=broker.environment(),
        ),
    )


def _in_container(home: Home, say: Say) -> tuple[str, Control]:
    say(f"starting {docker.RABBITMQ.image} with Docker …")
    url = f"amqp://guest:guest@{LOOPBACK}:{docker.start(docker.RABBITMQ)}//"
    eventually(lambda: why_not(url) is None, within=90, every=0.3, what=docker.RABBITMQ.container)
    command = ["docker", "exec", docker.RABBITMQ.container, "rabbitmqctl", "--quiet"]
    return _remember(home, Server(url=url, container=docker.RABBITMQ.container, command=command))


def _remember(home: Home, server: Server) -> tuple[str, Control]:
    home.remember("rabbitmq", server)
    return server.url, server.control
