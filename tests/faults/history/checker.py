"""The checker: what was committed against what one observer saw, in the order in which it saw it.

It knows nothing of any event store, so that the same checker judges ours and its peer, and it is tested itself against
histories with a fault planted in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

FEW = 3
"""How many examples of each fault are shown."""


class Written(NamedTuple):
    """An event whose transaction was committed, as its writer knows it."""

    id: str
    stream: str
    version: int


class Seen(NamedTuple):
    """An event as an observer met it at a position."""

    position: int
    id: str


@dataclass(frozen=True)
class Verdict:
    """How many events there were, and what is wrong with the observation of them.

    `lost` were committed and never seen, `doubled` seen again, `phantoms` seen and never committed (rolled back),
    `reordered` seen after a later position or a later event of their stream, `gaps` positions that were passed over.
    """

    observer: str
    committed: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    phantoms: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether every committed event was seen exactly once, in order, without gaps."""
        return not (self.lost or self.doubled or self.phantoms or self.reordered or self.gaps)

    def counts(self) -> dict[str, int]:
        """Each kind of fault with how many there are of it."""
        kinds = ("lost", "doubled", "phantoms", "reordered", "gaps")
        return {kind: len(getattr(self, kind)) for kind in kinds}

    def __str__(self) -> str:
        found = {kind: getattr(self, kind)[:FEW] for kind, count in self.counts().items() if count}
        return f"{self.observer}: {self.committed} committed, {self.counts()}, {found or 'sound'}"


def check(observer: str, committed: Iterable[Written], seen: Sequence[Seen], *, gaps_allowed: bool = False) -> Verdict:
    """Judge one observer. `gaps_allowed` where positions are numbers of a sequence, which a rollback uses up."""
    written = {one.id: one for one in committed}
    verdict = Verdict(observer, len(written))
    met: set[str] = set()
    reached: dict[str, int] = {}
    position = -1
    for at, one in seen:
        if not gaps_allowed:
            verdict.gaps.extend(range(position + 1, at))
        event = written.get(one)
        if event is None:
            verdict.phantoms.append(one)
        elif one in met:
            verdict.doubled.append(one)
        else:
            if at <= position or event.version < reached.get(event.stream, 0):
                verdict.reordered.append(one)
            reached[event.stream] = max(event.version, reached.get(event.stream, 0))
            met.add(one)
        position = max(position, at)
    verdict.lost.extend(one for one in written if one not in met)
    return verdict
