"""Loops that never die: a step run again and again, woken by a kick or by time, slower after each failure.

Threads when embedded; under nameko the same code runs in greenthreads, because its process is patched at the start.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from shared.observability import metrics

log = structlog.get_logger(__name__)
LONGEST_BACKOFF = 5.0
"""Seconds that a failing loop waits at most before it tries again."""
JOIN_WITHIN = 15.0


class Loop:
    """Runs `step` until it is stopped.

    `step` returns whether there may be more to do at once. `idle` is how long, in seconds, it rests when there is
    not. A step that raises is logged by the name of its exception, counted, and tried again with growing patience.
    """

    def __init__(self, service: str, name: str, step: Callable[[], object], *, idle: float) -> None:
        self.service, self.name, self.idle = service, name, idle
        self._step = step
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._failures = 0

    @property
    def failing(self) -> bool:
        """Whether its last step failed."""
        return self._failures > 0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin. A loop starts once."""
        self._thread = threading.Thread(target=self._run, name=f"{self.service}-{self.name}", daemon=True)
        self._thread.start()

    def kick(self) -> None:
        """There is something to do. From any thread; never blocks."""
        self._wake.set()

    def stop(self) -> None:
        """Ask it to end after the step under way."""
        self._stopping.set()
        self._wake.set()

    def join(self) -> bool:
        """Wait for its end; whether it came in time."""
        if self._thread is None:
            return True
        self._thread.join(JOIN_WITHIN)
        if self._thread.is_alive():
            log.error("loop_does_not_end", service=self.service, loop=self.name)
            return False
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            # Cleared before the step: what is kicked during it is looked at by the next one.
            self._wake.clear()
            rest = self._once()
            if rest and not self._stopping.is_set():
                self._wake.wait(rest)

    def _once(self) -> float:
        """One step; how long to rest after it."""
        try:
            busy = self._step()
        except Exception as error:  # noqa: BLE001 - whatever it is, the loop goes on
            self._failures += 1
            metrics.LOOP_FAILURES.labels(self.service, self.name).inc()
            rest = min(LONGEST_BACKOFF, 0.05 * 2 ** min(self._failures, 10))
            write = log.warning if self._failures > 1 else log.exception
            write("loop_failed", service=self.service, loop=self.name, error=type(error).__name__, again_in=rest)
            # Kicks must not cut the patience short: a broken database is not mended by asking more often.
            self._stopping.wait(rest)
            return 0.0
        if self._failures:
            log.info("loop_recovered", service=self.service, loop=self.name, failures=self._failures)
            self._failures = 0
        if busy:
            time.sleep(0)  # lets other greenthreads run between two busy steps
            return 0.0
        return self.idle
