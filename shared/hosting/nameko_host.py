"""The nameko host: one service of one process over RabbitMQ and PostgreSQL, as `shouwang serve NAME` runs it.

The process is patched by eventlet before anything else is imported (`shared.cli.main` sees to it); the engine's loops
and the broker's consumers are then greenthreads beside nameko's workers, with psycopg2, which eventlet makes green.

A process that cannot do its work ends, with a log line and an exit code that say why, so that whoever watches it
starts it again: a queue with other arguments, a database that is not migrated, a loop that died. An outage of the
broker or the database is no such thing: it is waited for.
"""

from __future__ import annotations

import dataclasses
import signal
import time
from pathlib import Path
from typing import Any

import eventlet
import eventlet.debug
import kombu.serialization
import nameko
import structlog
from nameko.containers import ServiceContainer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from shared.config.settings import Settings
from shared.hosting import wire
from shared.hosting.assembling import assembled
from shared.hosting.clients.rabbit import NamekoClient
from shared.hosting.directory import service_class
from shared.hosting.engine import Engine
from shared.hosting.health import Health
from shared.hosting.migrating import revision_of
from shared.hosting.rpc_names import exchange_name, service_name
from shared.hosting.rpc_server import SteadyRpcConsumer
from shared.messaging.topology import Topology
from shared.messaging.transport.amqp import AmqpTransport

log = structlog.get_logger(__name__)
MAX_WORKERS = 12
"""Calls under way at once: with the loops and followers fewer than the connections that the database's pool gives."""
STOPPED, BROKEN, NOT_MIGRATED = 0, 1, 3
"""Exit codes."""


class Container(ServiceContainer):
    """nameko's container, with the engine that the extensions find in it and a name under the namespace."""

    def __init__(self, service: type, engine: Engine, namespace: str) -> None:
        super().__init__(service)
        self.engine = engine
        self.service_name: str = service_name(namespace, engine.base.name)


class NamekoHost:
    """Serves one service. `package` is where its module lies, by default `services.<name>`.

    `health_port` serves `/healthz`, `/readyz` and `/metrics` on `health_host`; `ready_file` is there while it is ready.
    """

    def __init__(
        self,
        settings: Settings,
        name: str,
        *,
        package: str | None = None,
        health_host: str = "127.0.0.1",
        health_port: int | None = None,
        ready_file: Path | None = None,
    ) -> None:
        if settings.amqp_url is None or settings.database_url is None:
            raise ValueError("a service needs its broker and its database")
        green = make_url(settings.database_url)
        if green.get_backend_name() == "postgresql":
            green = green.set(drivername="postgresql+psycopg2")  # the one that does not block all greenthreads
        self.settings = dataclasses.replace(
            settings, service=name, database_url=green.render_as_string(hide_password=False)
        )
        self.name, self.package = name, package
        self.health = Health(name, health_host, health_port, ready_file)
        self.exit_code = STOPPED
        self._container: Container | None = None
        self._stopping = False

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT. Returns the exit code."""
        settings = self.settings
        # The hub would print what ends a greenthread, words and all; whoever waits for it logs it.
        eventlet.debug.hub_exceptions(False)
        service = service_class(self.name, self.package)
        self._on_signals()
        self.health.start()
        if not self._database_is_ready():
            return self.exit_code
        _configure_nameko(settings)
        clock = settings.clock()
        client = NamekoClient(str(settings.amqp_url), settings.namespace, clock)
        transport = AmqpTransport(str(settings.amqp_url), Topology(settings.namespace))
        engine = assembled(service.rooms.build(settings, clock=clock), transport, client)
        container = self._container = Container(service, engine, settings.namespace)
        engine.start()
        try:
            container.start()
            self.health.watch(lambda: self._troubles(engine, container))
            log.info("service_started", service=self.name)
            self._wait(container)
        finally:
            self.health.stop()
            engine.stop()
            client.close()
        log.info("service_stopped", service=self.name, exit_code=self.exit_code)
        return self.exit_code

    def stop(self) -> None:
        """End gracefully: no new call is taken, those under way are answered, the engine stops last."""
        if self._stopping:
            return
        self._stopping = True
        log.info("service_stopping", service=self.name)
        self.health.not_ready("stopping")
        if self._container is not None:
            self._container.stop()

    def _troubles(self, engine: Engine, container: Container) -> list[str]:
        broker = [
            "broker"
            for one in container.shared_extensions.values()
            if isinstance(one, SteadyRpcConsumer) and not one.consuming
        ]
        return [*engine.failing(), *broker, *(["stopping"] if self._stopping else [])]

    def _wait(self, container: Container) -> None:
        waiting = eventlet.spawn(container.wait)
        while True:
            try:
                waiting.wait()
            except InterruptedError:
                continue  # a signal came while the hub slept; its handler has spawned `stop`
            except Exception as error:
                self.exit_code = BROKEN
                log.exception("service_broke", service=self.name, error=type(error).__name__)
            return

    def _on_signals(self) -> None:
        def handle(_number: int, _frame: Any) -> None:
            # The hub runs signal handlers and must not block: the work is a greenthread's.
            eventlet.spawn_n(self.stop)

        signal.signal(signal.SIGTERM, handle)
        signal.signal(signal.SIGINT, handle)

    def _database_is_ready(self) -> bool:
        """Whether the database has the shape that this code expects; an unreachable one is waited for."""
        url = str(self.settings.database_url)
        while not self._stopping:
            try:
                revision = revision_of(self.name, url, package=self.package)
            except DBAPIError as error:
                log.warning("database_unreachable", service=self.name, error=type(error).__name__)
                self.health.not_ready("database")
                time.sleep(1.0)
                continue
            if revision.current:
                return True
            log.error("database_not_migrated", service=self.name, at=revision.at, head=revision.head)
            self.exit_code = NOT_MIGRATED
            break
        self.health.stop()
        return False


def _configure_nameko(settings: Settings) -> None:
    kombu.serialization.register(wire.SERIALIZER, wire.encode, wire.decode, wire.CONTENT_TYPE, "utf-8")
    nameko.config.setup(
        {
            "AMQP_URI": settings.amqp_url,
            "rpc_exchange": exchange_name(settings.namespace),
            "serializer": wire.SERIALIZER,
            "ACCEPT": [wire.SERIALIZER],
            "HEARTBEAT": 30,
            "max_workers": MAX_WORKERS,
            "PREFETCH_COUNT": MAX_WORKERS * 2,
            "LOGIN_METHOD": "PLAIN",
        }
    )
