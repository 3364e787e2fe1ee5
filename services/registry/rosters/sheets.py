"""What a spreadsheet is once it is open: grids of values, counted as a person counts them (row 1, column A)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

Cell = str | float | int | bool | date | datetime | time | timedelta
Kind = Literal["xlsx", "xls", "csv"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `rows[0]` is row 1; rows may differ in length; an empty cell is "".

    `formulas` are the (row, column) of cells that hold a formula; `merged` are (first row, first column, last row,
    last column); both count from 1.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    formulas: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: bool = False

    def value(self, row: int, column: int) -> Cell:
        """The value at a row and column, both counted from 1; "" beyond the edge."""
        if 0 < row <= len(self.rows) and 0 < column <= len(self.rows[row - 1]):
            return self.rows[row - 1][column - 1]
        return ""


@dataclass(frozen=True, slots=True)
class Sheets:
    """An open file. `encoding` is set for text files only."""

    kind: Kind
    sheets: tuple[Sheet, ...]
    encoding: str | None = None


def letter(column: int) -> str:
    """The letters over a column: 1 → A, 27 → AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_of(letters: str) -> int:
    """The number of a column: A → 1, AA → 27."""
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - 64
    return number


def text_in(cell: Cell) -> str:
    """A cell as a person reads it: whole numbers without `.0`, dates as 2014-05-06, truth values as 是 and 否."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell)
