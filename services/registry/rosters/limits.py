"""How large a roster file may be. A county of seventy thousand pupils in one file stays within."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.kernel.refusals import Refusal

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 256
MOST_SHEETS = 200
MOST_CELLS = 6_000_000
"""Rows times columns of one sheet, empty ones included: what the parser lays out in memory (32 bytes each)."""
MOST_ENTRIES = 2_000
MOST_INFLATED = 512 * 1024 * 1024
MOST_RATIO = 400
"""Inflated to stored bytes of a whole package. Rosters come to 10 or 20; a bomb to 1,000."""
RATIO_COUNTS_FROM = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found out before parsing: the cells with formulas (row, column from 1) of each sheet by its name."""

    formulas: dict[str, frozenset[tuple[int, int]]] = field(default_factory=dict)


def check_extent(sheet: str, rows: int, columns: int) -> None:
    """Refuse a sheet that reaches too far down or right, or spans too many cells."""
    if rows > MOST_ROWS:
        raise Refusal("registry.roster_too_many_rows", sheet=sheet, found=rows, most=MOST_ROWS)
    if columns > MOST_COLUMNS:
        raise Refusal("registry.roster_too_many_columns", sheet=sheet, found=columns, most=MOST_COLUMNS)
    if rows * columns > MOST_CELLS:
        raise Refusal("registry.roster_too_many_cells", sheet=sheet, found=rows * columns, most=MOST_CELLS)
