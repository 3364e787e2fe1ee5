"""What was measured, and how it is shown: one table with ratios, in which a missed target is named as missed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

RUNS = 3
"""How often a figure is measured at least; the median is shown."""
HEADS = ("what", "ours", "floor", "of the floor", "peer", "of the peer", "target", "")


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach: at least so many times its floor or peer, or an absolute bound in its own unit."""

    of: Literal["floor", "peer", "itself"]
    bound: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measurement: a rate (`per_second` names what is counted; more is better) or a time in seconds (less is better).

    `floor` is the least work that anybody would have to do for the same, `peer` the `eventsourcing` package in its safe
    mode, or what `peer_is` names. `missing` says why there is no figure.
    """

    what: str
    ours: float | None
    floor: float | None = None
    peer: float | None = None
    per_second: str = ""
    floor_is: str = ""
    peer_is: str = ""
    targets: tuple[Target, ...] = ()
    missing: str = ""
    note: str = ""

    def ratio(self, to: Literal["floor", "peer", "itself"]) -> float | None:
        """How many times better than its floor or peer."""
        other = {"floor": self.floor, "peer": self.peer, "itself": None}[to]
        if not other or not self.ours:
            return None
        return self.ours / other if self.per_second else other / self.ours

    @property
    def missed(self) -> list[Target]:
        """The targets that were not met. What was not measured has missed nothing, and says so itself."""
        return [one for one in self.targets if self._misses(one)]

    def _misses(self, target: Target) -> bool:
        if self.ours is None:
            return False
        if target.of == "itself":
            return self.ours < target.bound if self.per_second else self.ours > target.bound
        ratio = self.ratio(target.of)
        return ratio is not None and ratio < target.bound

    def cells(self) -> tuple[str, ...]:
        """The figure as a row under HEADS."""
        if self.ours is None:
            return (self.what, self.missing, "", "", "", "", self._aims(), "not measured")
        verdict = "MISSED" if self.missed else "met" if self.targets else ""
        return (
            f"{self.what}{f' ({self.note})' if self.note else ''}",
            self._shown(self.ours),
            self._named(self.floor, self.floor_is),
            times(self.ratio("floor")),
            self._named(self.peer, self.peer_is),
            times(self.ratio("peer")),
            self._aims(),
            verdict,
        )

    def _named(self, value: float | None, name: str) -> str:
        return "" if value is None else f"{self._shown(value)}{f' ({name})' if name else ''}"

    def _shown(self, value: float) -> str:
        return f"{value:,.0f} {self.per_second}/s" if self.per_second else span(value)

    def _aims(self) -> str:
        sign = "≥" if self.per_second else "≤"
        return ", ".join(
            f"{sign} {self._shown(one.bound)}" if one.of == "itself" else f"≥ {one.bound:g} of the {one.of}"
            for one in self.targets
        )


@dataclass
class Rounds:
    """Rival ways of doing one thing, measured in turn, so that a machine that is busy for a while is busy for all."""

    samples: dict[str, list[float]] = field(default_factory=dict)

    def median(self, name: str) -> float:
        """The median of one of them."""
        return statistics.median(self.samples[name])


def in_turn(ways: Mapping[str, Callable[[], float]], *, runs: int = RUNS) -> Rounds:
    """Measure each way `runs` times, one after the other in each round. A way gives its own rate or time."""
    rounds = Rounds({name: [] for name in ways})
    for _ in range(runs):
        for name, way in ways.items():
            rounds.samples[name].append(way())
    return rounds


def rate(count: int, work: Callable[[], object]) -> float:
    """How many a second, when `work` does `count` of them."""
    return count / seconds(work)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def shown(figures: Sequence[Figure]) -> str:
    """The figures as a table for a terminal."""
    rows = [HEADS, *(one.cells() for one in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def missed(figures: Sequence[Figure]) -> list[str]:
    """A line for each target that was not met."""
    return [
        f"missed: {one.what}: {_came_to(one, target)}, the target is {target.bound:g}"
        for one in figures
        for target in one.missed
    ]


def _came_to(one: Figure, target: Target) -> str:
    ratio = one.ratio(target.of)
    return f"{ratio:.2f} of the {target.of}" if ratio is not None else f"{one.ours:.3g}"


def times(ratio: float | None) -> str:
    """A ratio."""
    return "" if ratio is None else f"{ratio:.2f}"


def span(seconds: float) -> str:
    """Seconds in the unit that reads best."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def percentile(samples: Sequence[float], hundredth: int) -> float:
    """The nearest-rank percentile: a sample that was really measured, not one between two.

    Raises ValueError for no samples.
    """
    if not samples:
        raise ValueError("no samples")
    rank = max(1, -(-hundredth * len(samples) // 100))
    return sorted(samples)[rank - 1]
