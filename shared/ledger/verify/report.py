"""What a verification found: a bounded list of findings, and the one outcome that follows from them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf
from typing import Any

MOST_KEPT = 100
"""Findings, and warnings, that a report keeps; of the rest it keeps the numbers, whatever the size of the log."""


class Outcome(IntEnum):
    """The verdict on a log, and the exit code that says it."""

    WHOLE = 0
    TAMPERED = 1
    UNREADABLE = 2
    UNTRUSTED = 3
    ROLLED_BACK = 4
    LATE = 5
    """Whole, but some times stand back: recorded late, by a clock that was wrong, or back-dated."""


# The worst first: a changed row stays the news even when the log was also cut or signed by a stranger.
_GRAVITY = (Outcome.TAMPERED, Outcome.ROLLED_BACK, Outcome.UNTRUSTED, Outcome.UNREADABLE, Outcome.LATE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        outcome: what it makes of the log; WHOLE for a warning.
        what: a stable code such as `entry_changed`.
        position: the place in the log, or the first of those that it may be (then `until` is the last).
        expected: the hash in hex that would be right.
        found: the hash in hex that is there.
        facts: what else helps; never anything personal.
    """

    outcome: Outcome
    what: str
    position: int | None = None
    until: int | None = None
    expected: str | None = None
    found: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """The result of a verification.

    Attributes:
        size: entries seen, counting from position 0.
        root: the recomputed root in hex, None when rows are missing and there is none.
        signed_size: the largest size whose signed root agrees; what lies behind it rests on nobody's signature yet.
        findings: what is wrong, in the order it was met; at most 100.
        warnings: what deserves a look; at most 100.
        counts: how often each code was found, those included that were not kept.
    """

    size: int = 0
    root: str | None = None
    signed_size: int = 0
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _first: Finding | None = None
    _lowest: float = inf
    _outcomes: set[Outcome] = field(default_factory=set)

    @property
    def outcome(self) -> Outcome:
        """The gravest of the outcomes found: tampered, rolled back, untrusted, unreadable, late."""
        return next((one for one in _GRAVITY if one in self._outcomes), Outcome.WHOLE)

    @property
    def exit_code(self) -> int:
        """The outcome as a number from 0 to 5."""
        return int(self.outcome)

    @property
    def first_bad(self) -> Finding | None:
        """The sign of tampering at the lowest position; None when there is none."""
        return self._first

    def add(self, finding: Finding) -> None:
        """Note a finding. One of outcome WHOLE is a warning."""
        self.counts[finding.what] += 1
        if finding.outcome is Outcome.WHOLE:
            if len(self.warnings) < MOST_KEPT:
                self.warnings.append(finding)
            return
        self._outcomes.add(finding.outcome)
        if len(self.findings) < MOST_KEPT:
            self.findings.append(finding)
        # Of two at one position the earlier stays: the later one follows from it.
        if finding.outcome is Outcome.TAMPERED and finding.position is not None and finding.position < self._lowest:
            self._first, self._lowest = finding, finding.position
