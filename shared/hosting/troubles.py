"""Troubles: what a service meets in hearing its neighbours, said to alerts, which shows it to those who run the house.

The present state is said whole, when it changes and each minute while there is any trouble, until alerts has answered:
whatever is lost on the way, and whoever is restarted, alerts ends up with what is so. When alerts itself is silent
nobody can say so to it; the console shows that from the heads that it does not hear.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import structlog

from shared.hosting.clients.port import OutcomeUnknown, ServiceUnavailable
from shared.kernel.refusals import Refusal
from shared.messaging import silence

log = structlog.get_logger(__name__)
Met = tuple[str, str]
"""The kind of a trouble, and the source with which it is met."""
Report = Callable[[list[dict[str, str]]], object]
"""Takes `{"kind", "source"}` of all present troubles to alerts. Raises what a client raises."""
AGAIN = 60.0
"""Seconds between two reports of the same trouble, and before the first report of none."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds before a report is tried again that was not taken: at first, and at most after doubling."""


class Told(Protocol):
    """What is needed of a follower: `shared.messaging.follower.Follower`."""

    source: str

    def status(self) -> dict[str, Any]:
        """How far it has come, what is parked, and for how long the source has been silent."""
        ...


def met_with(followers: Iterable[Told]) -> frozenset[Met]:
    """The troubles that these followers have with their sources. Raises what the database raises."""
    found: set[Met] = set()
    for one in followers:
        status = one.status()
        if status["silent_for"] >= silence.SILENT_AFTER:
            found.add(("source_silent", one.source))
        if status["reason"] is not None:
            found.add(("follower_stopped", one.source))
        if any(each["parked"] for each in status["projectors"].values()):
            found.add(("event_parked", one.source))
    return frozenset(found)


class Troubles:
    """Remembers what was said last. `monotonic` gives seconds; tests move them."""

    def __init__(
        self, met: Callable[[], frozenset[Met]], report: Report, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._met, self._report, self._monotonic = met, report, monotonic
        self._said: frozenset[Met] | None = None
        self._at = monotonic() + AGAIN
        self._not_before, self._pause = 0.0, 0.0

    def step(self, *, speaking: bool) -> bool:
        """Say what has changed, if it is on this process to speak; returns whether it was said.

        Whoever begins to speak does not know what was said before: it says all of it, nothing too.
        """
        if not speaking:
            self._said = None
            return False
        found, now = self._met(), self._monotonic()
        changed = found != (self._said or frozenset())
        due = now >= self._at and (bool(found) or self._said is None)
        if not (changed or due) or now < self._not_before:
            return False
        try:
            self._report([{"kind": kind, "source": source} for kind, source in sorted(found)])
        except (ServiceUnavailable, OutcomeUnknown, Refusal) as error:
            self._pause = min(max(FIRST_PAUSE, self._pause * 2), LONGEST_PAUSE)
            self._not_before = now + self._pause
            log.warning("troubles_not_reported", troubles=len(found), error=type(error).__name__)
            return False
        self._said, self._at, self._pause, self._not_before = found, now + AGAIN, 0.0, 0.0
        return True
