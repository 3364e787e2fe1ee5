"""Opening a roster file: what kind it is by its content, whether it is safe to parse, and its sheets.

Every refusal has a name (`registry.roster_…`). A file is measured before the parser sees it, because the parser lays
out every cell of a sheet in memory: a few bytes that name the last cell of a sheet would cost gigabytes.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from services.registry.rosters.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, Measured, check_extent
from services.registry.rosters.ole import SIGNATURE as OLE
from services.registry.rosters.ole import measure_xls
from services.registry.rosters.packages import measure_xlsx
from services.registry.rosters.sheets import Sheet, Sheets
from shared.kernel.refusals import Refusal
from shared.localisation.text import text_of

_ZIP = b"PK\x03\x04"
_NOT_TABLES = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"{\\rtf", "document"),
)
_MARKUP = ("<html", "<!doctype", "<?xml", "<table", "<meta", "<head", "mime-version")


def open_sheets(data: bytes) -> Sheets:
    """Open a .xlsx, .xls or .csv file by its content; its name does not matter.

    Refuses with:

    - `registry.roster_empty`
    - `registry.roster_too_large` {bytes, most}
    - `registry.roster_not_a_spreadsheet` {looks_like}: pdf, image, archive, document, web_page, binary, damaged
    - `registry.roster_encrypted`: a password is needed
    - `registry.roster_inflates` {most | entries}: a zip bomb
    - `registry.roster_too_many_rows`, `…_columns`, `…_sheets`, `…_cells` {sheet, found, most}
    - `registry.roster_text_unreadable`: neither UTF-8 nor GB18030
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise Refusal("registry.roster_empty")
    if len(data) > MOST_BYTES:
        raise Refusal("registry.roster_too_large", bytes=len(data), most=MOST_BYTES)
    for mark, looks_like in _NOT_TABLES:
        if data.startswith(mark):
            raise not_a_spreadsheet(looks_like)
    if data.startswith(_ZIP):
        return _workbook(data, "xlsx", measure_xlsx(data))
    if data.startswith(OLE):
        return _workbook(data, "xls", measure_xls(data))
    return _text(data)


def not_a_spreadsheet(looks_like: str) -> Refusal:
    """The refusal for a file that is something else."""
    return Refusal("registry.roster_not_a_spreadsheet", looks_like=looks_like)


def _workbook(data: bytes, kind: Any, measured: Measured) -> Sheets:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if len(book.sheet_names) > MOST_SHEETS:
            raise Refusal("registry.roster_too_many_sheets", found=len(book.sheet_names), most=MOST_SHEETS)
        sheets = tuple(_sheet(book, index, measured) for index in range(len(book.sheet_names)))
    except Refusal:
        raise
    except PasswordError as error:
        raise Refusal("registry.roster_encrypted") from error
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        raise not_a_spreadsheet("damaged") from error
    if not any(cell != "" for sheet in sheets for row in sheet.rows for cell in row):
        raise Refusal("registry.roster_empty")
    return Sheets(kind, sheets)


def _sheet(book: CalamineWorkbook, index: int, measured: Measured) -> Sheet:
    about = book.sheets_metadata[index]
    hidden = about.visible != SheetVisibleEnum.Visible
    if about.typ != SheetTypeEnum.WorkSheet:
        return Sheet(about.name, (), hidden=hidden)
    sheet = book.get_sheet_by_index(index)
    check_extent(about.name, sheet.total_height, sheet.total_width)
    rows = tuple(tuple(row) for row in sheet.to_python(skip_empty_area=False))
    merged = tuple(
        (top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    return Sheet(about.name, rows, measured.formulas.get(about.name, frozenset()), merged, hidden)


def _text(data: bytes) -> Sheets:
    try:
        decoded = text_of(data)
    except Refusal as refusal:
        looks_binary = b"\x00" in data[:4096]
        raise not_a_spreadsheet("binary") if looks_binary else Refusal("registry.roster_text_unreadable") from refusal
    text = decoded.text
    if text.lstrip()[:64].lower().startswith(_MARKUP):
        raise not_a_spreadsheet("web_page")
    if any(ord(character) < 32 and character not in "\t\r\n\x1a" for character in set(text)):
        raise not_a_spreadsheet("binary")
    try:
        rows = tuple(tuple(row) for row in csv.reader(io.StringIO(text.rstrip("\x1a")), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise not_a_spreadsheet("damaged") from error
    check_extent("", len(rows), max(map(len, rows), default=0))
    if not any(cell.strip() for row in rows for cell in row):
        raise Refusal("registry.roster_empty")
    return Sheets("csv", (Sheet("", rows),), decoded.encoding)


def _delimiter(text: str) -> str:
    """The sign between cells: of comma, tab, semicolon and full-width comma the one that most lines have most of."""
    lines = text.splitlines()[:50]
    return max(",\t;，|", key=lambda sign: sum(min(line.count(sign), 40) for line in lines))


__all__ = ["MOST_BYTES", "MOST_COLUMNS", "MOST_ROWS", "MOST_SHEETS", "not_a_spreadsheet", "open_sheets"]
