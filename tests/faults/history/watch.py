"""Watches over a long history: says how far it is, and ends it before it fills the disk."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import text

from shared.storage.database import Database
from tests.faults.history.parts import Ground

MOST_BYTES = 12 * 2**30
"""What both databases may take together. A million events take about a quarter of it."""
LEAST_FREE = 3 * 2**30
"""What stays free on the disk of the folder."""
EVERY = 1.0
"""Seconds between two looks."""


class Telling(Protocol):
    """How often something is said, in seconds; 0 for never."""

    @property
    def told(self) -> float: ...


class Reading(Protocol):
    """Who reads the log."""

    seen: list[Any]


class Killing(Protocol):
    """Who kills, and how often it did."""

    @property
    def kills(self) -> Mapping[str, int]: ...


class Watch(threading.Thread):
    """Looks once a second. Where there is too little room the writers are told to stop; what they wrote is judged."""

    def __init__(
        self, plan: Telling, ground: Ground, databases: Sequence[Database], tail: Reading, nemesis: Killing
    ) -> None:
        super().__init__(daemon=True)
        self._plan, self._ground, self._databases = plan, ground, databases
        self._tail, self._nemesis = tail, nemesis
        self._ending = threading.Event()

    def run(self) -> None:
        """Look until the end."""
        begun = told = time.monotonic()
        while not self._ending.wait(EVERY):
            taken, free = self._taken(), shutil.disk_usage(self._ground.folder).free
            crowded = taken > MOST_BYTES or free < LEAST_FREE
            if crowded and not self._ground.stop.exists():
                self._ground.stop.touch()
                _say(f"no room for more: {_gib(taken)} taken, {_gib(free)} free; the writers stop here")
            now = time.monotonic()
            if self._plan.told and now - told >= self._plan.told:
                told = now
                _say(
                    f"{now - begun:.0f} s: {len(self._tail.seen):,} of {self._ground.events:,} events in the log,"
                    f" {sum(self._nemesis.kills.values())} kills, {_gib(taken)} in the databases, {_gib(free)} free"
                )

    def end(self) -> None:
        """Look no more."""
        self._ending.set()
        if self.is_alive():
            self.join(10)

    def _taken(self) -> int:
        """Bytes in both databases."""
        found = 0
        for one in self._databases:
            with one.read() as tx:
                found += tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return found


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
