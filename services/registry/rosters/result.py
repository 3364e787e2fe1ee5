"""The result file: for each row of a roster what happened to it and why, in the reader's language.

It goes back to the school that sent the roster, so it may name its children; it says nothing that the roster did not.
Every text is kept a text: a name that begins with = must not start to compute on the reader's machine.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

import xlsxwriter

from services.registry.rosters.problems import Problem

Outcome = Literal["registered", "updated", "unchanged", "counted", "refused", "duplicate", "waiting"]
Translate = Callable[[str, Mapping[str, Any]], str]
"""Makes a sentence of a code and its facts, in the language of who reads it."""

COLUMNS = ("sheet", "row", "name", "outcome", "column", "reason")
"""The columns of the file; their headings are the sentences of `roster.result.<column>`."""
_WIDTHS = (14, 8, 16, 14, 8, 70)
_COMPUTES = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class RowResult:
    """What happened to a row: `registered`, `updated`, `unchanged` (in the register already), `counted` (not left
    behind: of the rest of the school only counts are kept), `refused`, `duplicate`, or `waiting` (not yet taken in).
    """

    sheet: str
    row: int
    name: str
    outcome: Outcome
    problems: Sequence[Problem] = field(default=())


def write_result_xlsx(target: BinaryIO, results: Iterable[RowResult], translate: Translate) -> None:
    """Write the results as a spreadsheet with one line for each row, or for each of its problems."""
    # Numbers and links are never guessed from texts, and texts are marked as such for whoever saves the file again.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet(translate("roster.result.title", {})[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"quote_prefix": True, "text_wrap": True, "valign": "top"})
    for index, (heading, width) in enumerate(zip(_headings(translate), _WIDTHS, strict=True)):
        sheet.set_column(index, index, width)
        sheet.write_string(0, index, heading, bold)
    last = 0
    for last, line in enumerate(_lines(results, translate), start=1):
        for index, value in enumerate(line):
            if isinstance(value, int):
                sheet.write_number(last, index, value)
            else:
                sheet.write_string(last, index, value, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()


def write_result_csv(target: BinaryIO, results: Iterable[RowResult], translate: Translate) -> None:
    """Write the results as UTF-8 with a mark, so that every spreadsheet program reads the characters right."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(_headings(translate))
    writer.writerows([guarded(value) for value in line] for line in _lines(results, translate))
    text.detach()


def guarded(value: str | int) -> str | int:
    """A text that no spreadsheet program takes for a formula: one that begins like it gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" \n").startswith(_COMPUTES) else value


def _headings(translate: Translate) -> list[str]:
    return [translate(f"roster.result.{column}", {}) for column in COLUMNS]


def _lines(results: Iterable[RowResult], translate: Translate) -> Iterable[list[str | int]]:
    for result in results:
        outcome = translate(f"roster.outcome.{result.outcome}", {})
        head: list[str | int] = [result.sheet, result.row, result.name, outcome]
        if not result.problems:
            yield [*head, "", ""]
        for problem in result.problems:
            yield [*head, problem.column or "", translate(problem.code, {**problem.facts, "value": problem.value})]
