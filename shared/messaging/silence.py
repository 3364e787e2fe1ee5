"""Hearing: when a source was last heard, and when it is time to ask it."""

from __future__ import annotations

from collections.abc import Callable

ASK_AFTER = 5.0
"""Seconds without a word after which the source is asked."""
SILENT_AFTER = 60.0
"""Seconds without a word, not even an answer, after which somebody is told."""
LATE_AFTER = 1.5
"""Seconds that a range may take after the head that spoke of it, while no other range comes."""
LONGEST_PAUSE = 30.0
"""The longest pause in seconds between two questions that nobody answers."""


class Hearing:
    """Keeps the times of one source. `monotonic` gives seconds; tests move them."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        now = monotonic()
        self._heard_at, self._ranged_at = now, now
        self._behind_since: float | None = None
        self._not_before, self._pause = now, 0.0
        self._missed = False
        self._told = False

    def heard(self, *, a_range: bool = False) -> None:
        """A range or a head came, or an answer."""
        self._heard_at = self._monotonic()
        self._told = False
        if a_range:
            self._ranged_at = self._heard_at

    def answered(self) -> None:
        """The source has answered a question."""
        self.heard()
        self._missed, self._pause, self._not_before = False, 0.0, self._heard_at

    def unanswered(self, now: float | None = None) -> None:
        """The source has not answered: the next question waits longer."""
        self._pause = min(max(1.0, self._pause * 2), LONGEST_PAUSE)
        self._not_before = self._now(now) + self._pause

    def missed(self) -> None:
        """Something is missing that only the source has."""
        self._missed = True

    def behind(self, yes: bool) -> None:
        """Whether there is more in the log than has been applied."""
        if not yes:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = self._monotonic()

    def quiet(self, now: float | None = None) -> float:
        """Seconds since anything was heard."""
        return max(0.0, self._now(now) - self._heard_at)

    def should_ask(self, now: float | None = None) -> bool:
        """Whether it is time to ask the source."""
        now = self._now(now)
        if now < self._not_before:
            return False
        return self._missed or self.late(now) or self.quiet(now) >= ASK_AFTER

    def late(self, now: float | None = None) -> bool:
        """Whether there is more in the log than was applied, and no range has come for a while."""
        behind = self._behind_since
        return behind is not None and self._now(now) - max(behind, self._ranged_at) >= LATE_AFTER

    def silent_for_too_long(self, now: float | None = None) -> float | None:
        """The seconds of silence when they are too many, once for each silence."""
        quiet = self.quiet(now)
        if quiet < SILENT_AFTER or self._told:
            return None
        self._told = True
        return quiet

    def _now(self, now: float | None) -> float:
        return self._monotonic() if now is None else now
