"""The embedded host: every service in one process, each on its own SQLite file, without broker or server.

It runs the same classes as nameko does: it reads the entrypoints that the decorators left on their methods, gives
each instance its rooms and its engine, calls doors as functions through the wire's JSON, and lets the engines run in
threads. One process owns a data directory; others reach it through its local socket.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

import structlog

from shared.config.settings import Settings
from shared.hosting.assembling import assembled
from shared.hosting.backup.unfinished import check_finished
from shared.hosting.clients.local import LocalClient
from shared.hosting.clients.port import HeadListener, Unsubscribe
from shared.hosting.data_lock import DataLock
from shared.hosting.directory import check_hearing, service_classes
from shared.hosting.engine import Engine
from shared.hosting.entrypoints import doors_of, sources_heard_by
from shared.hosting.keys_held import check_there
from shared.hosting.migrating import upgrade_as
from shared.hosting.socket_door import SocketDoor
from shared.kernel.clock import Clock
from shared.kernel.messages import PURPOSES
from shared.messaging.transport.local import LocalTransport
from shared.vault.keyring import Keyring

log = structlog.get_logger(__name__)
CALLS_END_WITHIN = 10.0
"""Seconds that calls under way are given when the host stops."""


class EmbeddedHost:
    """The services of one county in this process.

    `classes` are the service classes by name, by default all there are. Tests bring a clock or a class of their own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        classes: Mapping[str, type] | None = None,
        clock: Clock | None = None,
        socket: bool = True,
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or settings.clock()
        self.classes = dict(classes or service_classes())
        self.engines: dict[str, Engine] = {}
        self._doors = {name: frozenset(doors_of(one)) for name, one in self.classes.items()}
        self._transport = LocalTransport()
        self._lock = DataLock(settings.data)
        self._socket = SocketDoor(settings.data, self) if socket else None
        self._running = threading.Event()
        self._calls = 0
        self._call_ended = threading.Condition()

    @property
    def client(self) -> LocalClient:
        """A client of these services."""
        return LocalClient(self)

    def start(self) -> Self:
        """Take the data directory, make what is missing in it, and start the services.

        Raises DataInUse where another process owns the directory, RestoreUnfinished where a restore was begun in it,
        KeyringError where the keys are not those of the databases; what was started is stopped again on any error.
        """
        self._lock.acquire()
        try:
            self._prepare()
            for name, one in self.classes.items():
                self.engines[name] = self._engine(name, one)
            self._running.set()
            for name, engine in self.engines.items():
                engine.start()
                for source in sources_heard_by(self.classes[name]):
                    engine.follow(source)
            if self._socket:
                self._socket.start()
        except BaseException:
            self.stop()
            raise
        log.info("embedded_host_started", services=sorted(self.engines))
        return self

    def stop(self) -> None:
        """Let the calls under way end, stop the engines, and give the data directory back."""
        self._running.clear()
        if self._socket:
            self._socket.stop()
        with self._call_ended:
            if not self._call_ended.wait_for(lambda: self._calls == 0, timeout=CALLS_END_WITHIN):
                log.warning("calls_do_not_end", calls=self._calls)
        # All are asked to stop before any is waited for: each may be waiting for another's answer, which it still gets
        # until all have heard the end of what was said to them.
        for engine in self.engines.values():
            engine.ask_to_stop()
        for engine in self.engines.values():
            engine.stop_following()
        for engine in self.engines.values():
            engine.stop()
        self._transport.close()
        self.engines.clear()
        self._lock.release()
        log.info("embedded_host_stopped")

    def answer(self, service: str, door: str, message: dict[str, Any]) -> dict[str, Any]:
        """What a door answers. Raises LookupError where there is no such door or nothing runs."""
        with self._call_ended:
            if not self._running.is_set():
                raise LookupError(f"{service}.{door}")
            self._calls += 1
        try:
            return self.answer_neighbour(service, door, message)
        finally:
            with self._call_ended:
                self._calls -= 1
                self._call_ended.notify_all()

    def answer_neighbour(self, service: str, door: str, message: dict[str, Any]) -> dict[str, Any]:
        """What a door answers to another service of the house, which also asks while the house is stopping."""
        engine = self.engines.get(service)
        if engine is None or door not in self._doors[service]:
            raise LookupError(f"{service}.{door}")
        instance = self.classes[service]()
        instance.rooms, instance.engine = engine.rooms, engine
        answer: dict[str, Any] = getattr(instance, door)(message)
        return answer

    def listen_heads(self, listener: HeadListener) -> Unsubscribe:
        """Tell `listener(service, size)` of each announced head, from a thread of its own."""
        return self._transport.listen_heads(lambda head: listener(str(head["source"]), int(head["size"])))

    def failing(self) -> dict[str, list[str]]:
        """Service → what of it does not run as it should; empty when all is well."""
        return {name: failing for name, engine in self.engines.items() if (failing := engine.failing())}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _prepare(self) -> None:
        check_finished(self.settings.data)
        check_there(self.settings, self.classes)
        Keyring.create(self.settings.key_directory, PURPOSES)
        for name, one in self.classes.items():
            upgrade_as(self.settings.for_service(name), name, package=one.__module__.rpartition(".")[0])

    def _engine(self, name: str, service: Any) -> Engine:
        check_hearing(name, service)
        build: Callable[..., Any] = service.rooms.build
        return assembled(
            build(self.settings.for_service(name), clock=self.clock), self._transport, LocalClient(_Within(self))
        )


class _Within:
    """The house as its own services see it: they are answered until all of them have stopped listening."""

    def __init__(self, house: EmbeddedHost) -> None:
        self.clock, self.answer, self.listen_heads = house.clock, house.answer_neighbour, house.listen_heads
