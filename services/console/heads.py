"""How far each service's log has grown, as far as the console has heard: what keeps pages live."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from services.console.port import ServiceClient
from shared.kernel.clock import Clock

MOST_STREAMS = 40
"""Live streams at once in a process: each holds a thread. Whoever comes later polls."""

SILENT_AFTER = timedelta(minutes=1)
"""How long a service may be silent before somebody is told: each announces its head every second."""


class Heads:
    """The last announced size of each log. One subscription for the process; any number of waiting pages."""

    def __init__(self, client: ServiceClient, clock: Clock) -> None:
        self._changed = threading.Condition()
        self._sizes: dict[str, int] = {}
        self._heard: dict[str, datetime] = {}
        self._listeners: list[Callable[[str], None]] = []
        self._streams = threading.BoundedSemaphore(MOST_STREAMS)
        self._clock = clock
        self._began = clock.now()
        self._closed = False
        self._stop = client.heads(self.announce)

    def announce(self, service: str, size: int) -> None:
        """A service says how large its log is. Wakes the pages that wait only if it has grown."""
        with self._changed:
            self._heard[service] = self._clock.now()
            if self._sizes.get(service) == size:
                return
            self._sizes[service] = size
            self._changed.notify_all()
        for listener in self._listeners:
            listener(service)

    def on_growth(self, listener: Callable[[str], None]) -> None:
        """Call `listener(service)` whenever a log has grown."""
        self._listeners.append(listener)

    def sizes(self) -> dict[str, int]:
        """Service → size of its log."""
        with self._changed:
            return dict(self._sizes)

    def heard(self) -> dict[str, datetime]:
        """Service → when it was last heard."""
        with self._changed:
            return dict(self._heard)

    def silent_since(self, service: str) -> datetime | None:
        """When a service was last heard, or when listening began, if that is a minute ago; None while it is heard."""
        with self._changed:
            last = self._heard.get(service, self._began)
        return last if self._clock.now() - last >= SILENT_AFTER else None

    def wait(self, known: dict[str, int], seconds: float) -> dict[str, int]:
        """The sizes that differ from the known ones, as soon as there are any, or nothing after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._sizes != known, timeout=seconds)
            return {service: size for service, size in self._sizes.items() if known.get(service) != size}

    def take_place(self) -> bool:
        """A place for one long answer, to be given back; False when all are taken or the console is stopping."""
        return not self._closed and self._streams.acquire(blocking=False)

    def give_place(self) -> None:
        """Give a place back."""
        self._streams.release()

    @property
    def closed(self) -> bool:
        """Whether the console is stopping: streams then end."""
        return self._closed

    def close(self) -> None:
        """Stop listening and let every waiting page go. Twice is once."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        self._stop()
