"""The proportions: a county's return of left-behind pupils by school stage and care arrangement (summary 12).

The primary arrangements add up to 32,842 where the return states 28,342 left-behind pupils. As everywhere in the
demonstration, the stated total counts and the parts are scaled to it; the register's own returns name the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar

Stage = Literal["primary", "secondary"]
Arrangement = Literal["boarding", "grandparents", "relatives", "carer", "alone"]

Key = TypeVar("Key")

SOURCE = 12
"""The number of the summary that the figures come from."""
LEFT_BEHIND: dict[Stage, int] = {"primary": 28_342, "secondary": 11_796}
ARRANGEMENTS: dict[Stage, dict[Arrangement, int]] = {
    "primary": {"boarding": 7_920, "grandparents": 18_281, "relatives": 3_124, "carer": 2_937, "alone": 580},
    "secondary": {"boarding": 9_432, "grandparents": 1_364, "relatives": 378, "carer": 0, "alone": 622},
}
"""Carers in the parents' place are not stated for secondary schools; the other parts add up without them."""


def shares(children: int) -> dict[tuple[Stage, Arrangement], int]:
    """How many of so many children belong to each stage and arrangement, whole and adding up.

    Raises ValueError for fewer than one child.
    """
    if children < 1:
        raise ValueError(f"not a number of children: {children}")
    found: dict[tuple[Stage, Arrangement], int] = {}
    for stage, count in largest_remainder(LEFT_BEHIND, children).items():
        for arrangement, part in largest_remainder(ARRANGEMENTS[stage], count).items():
            found[stage, arrangement] = part
    return found


def largest_remainder(weights: Mapping[Key, int], total: int) -> dict[Key, int]:
    """`total` in whole parts as near as can be to the weights (Hamilton's method); ties go to the earlier."""
    whole = sum(weights.values())
    parts = {key: total * weight // whole for key, weight in weights.items()}
    missing = total - sum(parts.values())
    for key in sorted(weights, key=lambda key: -(total * weights[key] % whole))[:missing]:
        parts[key] += 1
    return parts
