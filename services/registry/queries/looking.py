"""What of a roster somebody has to look at: the gravest first, one group at a time, a page at a time.

A row is told in one of three groups: `refused`, `duplicate`, or `notice` for one that goes in with a remark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shared.access.paging import cursor, position
from shared.kernel.refusals import Invalid

GROUPS = ("refused", "duplicate", "notice")
"""In the order in which they are looked at."""
Told = dict[str, Any]


def group_of(row: Told) -> str | None:
    """The group of a row; None for one with nothing to say."""
    if row["outcome"] in ("refused", "duplicate"):
        return str(row["outcome"])
    return "notice" if row["problems"] else None


def sorted_out(rows: Iterable[Told]) -> tuple[list[Told], dict[str, int]]:
    """The rows with something to say, the gravest first and the same problems together, and how many each group has."""
    telling = [row for row in rows if group_of(row) is not None]
    telling.sort(key=lambda row: (GROUPS.index(str(group_of(row))), _problem(row)))
    counts = Counter(group_of(row) for row in telling)
    return telling, {name: counts[name] for name in GROUPS}


def cut(rows: Sequence[Told], show: str | None, after: str | None, limit: int) -> tuple[list[Told], int, str | None]:
    """A page of these rows, all or one group: the rows, how many come behind them, and the cursor of the next page."""
    chosen = [row for row in rows if show in (None, group_of(row))]
    start = _number(position(after, 1)[0]) if after else 0
    shown = chosen[start : start + limit]
    behind = max(0, len(chosen) - start - len(shown))
    return shown, behind, cursor((str(start + limit),)) if behind else None


def gathered(
    chunk: Callable[[int], Sequence[Told]], chunks: int, show: str, after: str | None, limit: int
) -> tuple[list[Told], str | None]:
    """A page of one group out of chunks (numbered from 1) that stand in the order of the file, and the next cursor."""
    number, start = (_number(one) for one in position(after, 2)) if after else (1, 0)
    shown: list[Told] = []
    while number <= chunks:
        for place, row in enumerate(chunk(number)):
            if place >= start and group_of(row) == show:
                if len(shown) == limit:
                    return shown, cursor((str(number), str(place)))
                shown.append(row)
        number, start = number + 1, 0
    return shown, None


def _problem(row: Told) -> str:
    return str(row["problems"][0]["code"]) if row["problems"] else ""


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Invalid({"after": ["not_a_cursor"]})
    return int(text)
