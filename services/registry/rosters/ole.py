"""Measuring a .xls file before the parser sees it: its compound document, whether it is encrypted, extents, formulas.

The format is a small file system (MS-CFB) with one stream of records (MS-XLS). Only what is needed to measure is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from services.registry.rosters.limits import MOST_BYTES, Measured, check_extent
from services.registry.rosters.meters import damaged
from shared.kernel.refusals import Refusal

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_FREE = 0xFFFFFFFA
"""Sector numbers from here on mean the end of a chain or no sector."""
_MINI_BELOW = 4096
_ENTRY = 128
_BEGIN, _SHEET, _ENCRYPTED = 0x0809, 0x0085, 0x002F
_FORMULAS = {0x0006, 0x0206, 0x0406}
_CELLS = {0x0201, 0x0202, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00D6} | _FORMULAS
_EXTENT, _TEXTS = 0x0200, 0x00FC
"""DIMENSIONS and SST: the parser takes memory for as many cells and texts as these two say, true or not."""
_MOST_ROWS, _MOST_COLUMNS, _SHORTEST_TEXT = 65_536, 256, 3
_MANY = 0x00BD
"""MULRK: several numbers in one record; its last two bytes are the last column."""


def measure_xls(data: bytes) -> Measured:
    """Measure a .xls file.

    Refuses with `registry.roster_encrypted`, `registry.roster_not_a_spreadsheet` (also for an older Word file, which
    looks the same from outside) and the limits of `check_extent`.
    """
    try:
        streams = _streams(data)
        if "encryptedpackage" in streams:
            raise Refusal("registry.roster_encrypted")
        book = streams.get("workbook") or streams.get("book")
        if book is None:
            raise Refusal("registry.roster_not_a_spreadsheet", looks_like="document")
        return _measure(book)
    except (struct.error, IndexError, ValueError) as error:
        raise damaged() from error


def _streams(data: bytes) -> dict[str, bytes]:
    """The streams of interest by their name in lower case."""
    sector_bits, mini_bits = struct.unpack_from("<HH", data, 30)
    if sector_bits not in {9, 12} or mini_bits != 6:
        raise damaged()
    directory_at, mini_table_at = struct.unpack_from("<I", data, 48)[0], struct.unpack_from("<I", data, 60)[0]
    size = 1 << sector_bits
    table = _table(data, size)
    directory = _chain(data, table, directory_at, size, size)
    entries = [_entry(directory, at, wide=sector_bits == 12) for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    if any(length > len(data) for *_, length in entries):
        raise damaged()
    root = next((entry for entry in entries if entry[1] == 5), None)
    mini_table = _numbers(_chain(data, table, mini_table_at, size, size))
    mini = _chain(data, table, root[2], size, size) if root else b""
    found = {}
    for name, kind, start, length in entries:
        if kind != 2 or name not in {"workbook", "book", "encryptedpackage"}:
            continue
        if length < _MINI_BELOW:
            found[name] = _chain(mini, mini_table, start, 64, 0)[:length]
        else:
            found[name] = _chain(data, table, start, size, size)[:length]
    return found


def _table(data: bytes, size: int) -> tuple[int, ...]:
    """The sector allocation table, from the list in the header and the sectors that continue it."""
    sectors = list(struct.unpack_from("<109I", data, 76))
    following = struct.unpack_from("<I", data, 68)[0]
    seen = set()
    while following < _FREE and following not in seen:
        seen.add(following)
        more = struct.unpack_from(f"<{size // 4}I", data, (following + 1) * size)
        sectors.extend(more[:-1])
        following = more[-1]
    return tuple(
        number
        for sector in sectors
        if sector < _FREE
        for number in struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
    )


def _chain(data: bytes, table: tuple[int, ...], start: int, size: int, offset: int) -> bytes:
    """The bytes of a chain of sectors. A chain that runs in a circle ends at the limit for the whole file."""
    parts = []
    room = MOST_BYTES // size
    while start < _FREE:
        room -= 1
        if room < 0:
            raise damaged()
        parts.append(data[offset + start * size : offset + (start + 1) * size])
        start = table[start]
    return b"".join(parts)


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data)


def _entry(directory: bytes, at: int, *, wide: bool) -> tuple[str, int, int, int]:
    """Name, kind (2 stream, 5 root), first sector and length of a directory entry."""
    length = struct.unpack_from("<H", directory, at + 64)[0]
    name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    start, size = struct.unpack_from("<IQ" if wide else "<II", directory, at + 116)
    return name.lower(), directory[at + 66], start, size


def _records(book: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Position, kind and content of each record."""
    at = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield at, kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def _measure(book: bytes) -> Measured:
    names: dict[int, str] = {}
    formulas: dict[str, set[tuple[int, int]]] = {}
    sheet, last_row, last_column = "", 0, 0
    for at, kind, content in _records(book):
        if kind == _ENCRYPTED:
            raise Refusal("registry.roster_encrypted")
        _check_claims(kind, content, len(book))
        if kind == _SHEET:
            names[struct.unpack_from("<I", content)[0]] = _sheet_name(content)
        elif kind == _BEGIN and at in names:
            sheet, last_row, last_column = names[at], 0, 0
        elif kind in _CELLS or kind == _MANY:
            row, column = struct.unpack_from("<HH", content)
            if kind in _FORMULAS:
                formulas.setdefault(sheet, set()).add((row + 1, column + 1))
            if kind == _MANY:
                column = struct.unpack_from("<H", content, len(content) - 2)[0]
            if row >= last_row or column >= last_column:
                last_row, last_column = max(last_row, row + 1), max(last_column, column + 1)
                check_extent(sheet, last_row, last_column)
    return Measured({name: frozenset(cells) for name, cells in formulas.items()})


def _check_claims(kind: int, content: bytes, size: int) -> None:
    """Refuse records that claim more than the format allows or the file can hold."""
    if kind == _EXTENT:
        first_row, rows, first, columns = struct.unpack_from("<IIHH" if len(content) >= 14 else "<HHHH", content)
        if first_row > rows or first > columns or rows > _MOST_ROWS or columns > _MOST_COLUMNS:
            raise damaged()
    elif kind == _TEXTS and struct.unpack_from("<I", content, 4)[0] * _SHORTEST_TEXT > size:
        raise damaged()


def _sheet_name(content: bytes) -> str:
    length, wide = content[6], content[7] & 1
    raw = content[8 : 8 + length * (2 if wide else 1)]
    return raw.decode("utf-16-le" if wide else "latin-1", "replace")
