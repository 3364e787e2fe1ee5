"""Tables as files to take away: spreadsheets and CSV in which no text can begin to compute on the reader's machine."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from flask import Response

Line = Sequence[str | int]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COMPUTES = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_WIDEST = 70


def guarded(value: str | int) -> str | int:
    """A text that no spreadsheet program takes for a formula: one that begins like it gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" \n").startswith(_COMPUTES) else value


def as_csv(headings: Sequence[str], lines: Iterable[Line]) -> bytes:
    """UTF-8 with a mark, so that every spreadsheet program reads the characters right."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(headings)
    writer.writerows([guarded(value) for value in line] for line in lines)
    return target.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, headings: Sequence[str], lines: Iterable[Line]) -> bytes:
    """A spreadsheet with one sheet, its headings repeated on every printed page. `title` names the sheet."""
    target = io.BytesIO()
    # Numbers and links are never guessed from texts, and texts are marked as such for whoever saves the file again.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet("".join(one for one in title if one not in "[]:*?/\\'")[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"quote_prefix": True, "text_wrap": True, "valign": "top"})
    widths = [len(heading) * 2 + 2 for heading in headings]
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    last = 0
    for last, line in enumerate(lines, 1):
        for column, value in enumerate(line):
            widths[column] = max(widths[column], min(_WIDEST, len(str(value)) * 2))
            if isinstance(value, int):
                sheet.write_number(last, column, value)
            else:
                sheet.write_string(last, column, value, text)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(headings) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()
    return target.getvalue()


def file_answer(body: bytes, kind: str, name: str) -> Response:
    """The file as an answer that a browser saves under a name (letters, digits, `-` and `.` only)."""
    response = Response(body, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
