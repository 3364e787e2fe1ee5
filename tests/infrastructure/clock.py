"""A clock that tests move: the file that `SHOUWANG_TEST_CLOCK` names, read by every process of the system."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from shared.kernel.clock import OffsetClock

VARIABLE = "SHOUWANG_TEST_CLOCK"


class MovedClock:
    """Moves the time of every process that was started with its `environment`. It only goes forwards."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seconds = 0.0
        self._write()

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to follow this clock."""
        return {VARIABLE: str(self.path)}

    def move(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> datetime:
        """Let that much time pass at once; gives the new present.

        Raises:
            ValueError: the sum is negative; durable timers do not run backwards.
        """
        by = seconds + 60 * minutes + 3600 * hours + 86400 * days
        if by < 0:
            raise ValueError("time does not run backwards")
        self._seconds += by
        self._write()
        return self.now()

    def now(self) -> datetime:
        """The present instant as the processes see it, UTC."""
        return OffsetClock(self.path).now()

    def _write(self) -> None:
        # Renamed into place: who reads at this moment sees the old offset or the new one, never an empty file.
        draft = self.path.with_suffix(".draft")
        draft.write_text(f"{self._seconds}\n")
        draft.replace(self.path)
