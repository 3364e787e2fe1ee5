"""Measuring a .xlsx package before the parser sees it: sizes as declared and as they are, extents, formulas.

A package may lie about its sizes, so every entry is inflated here once with a limit and forgotten again. Each sheet is
walked for its outermost cells and for formulas, which the parser does not report.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator

from services.registry.rosters.limits import MOST_ENTRIES, MOST_INFLATED, MOST_RATIO, RATIO_COUNTS_FROM, Measured
from services.registry.rosters.meters import (
    BookMeter,
    Meter,
    RelationMeter,
    SheetMeter,
    TextMeter,
    UseMeter,
    damaged,
)
from shared.kernel.refusals import Refusal

_LOCAL_HEADER = 30
_CHUNK = 1 << 18
_BOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TEXTS = "xl/sharedstrings.xml"


def measure_xlsx(data: bytes) -> Measured:
    """Measure a package.

    Refuses with `registry.roster_inflates`, `registry.roster_not_a_spreadsheet`, `registry.roster_encrypted` and the
    limits of `check_extent`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = {_name(entry): entry for entry in package.infolist()}
            count = len(package.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise damaged() from error
    _check_declared(entries, count, len(data))
    if _BOOK not in entries:
        looks_like = "document" if any(name.startswith(("word/", "ppt/")) for name in entries) else "archive"
        raise Refusal("registry.roster_not_a_spreadsheet", looks_like=looks_like)
    meters = {name: meter for name in entries if (meter := _meter_for(name)) is not None}
    inflated = 0
    for name, entry in entries.items():
        for chunk in _inflate(data, entry):
            inflated += len(chunk)
            _check_inflated(inflated, len(data))
            if name in meters:
                meters[name].feed(chunk)
    for meter in meters.values():
        meter.close()
    _check_texts(data, entries, meters)
    return Measured(_formulas_by_sheet(meters))


def _name(entry: zipfile.ZipInfo) -> str:
    return entry.filename.replace("\\", "/").lstrip("/").lower()


def _meter_for(name: str) -> Meter | None:
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        return SheetMeter(name)
    fixed: dict[str, type[Meter]] = {_BOOK: BookMeter, _RELATIONS: RelationMeter, _TEXTS: TextMeter}
    return fixed[name]() if name in fixed else None


def _formulas_by_sheet(meters: dict[str, Meter]) -> dict[str, frozenset[tuple[int, int]]]:
    book, relations = meters[_BOOK], meters.get(_RELATIONS)
    found: dict[str, frozenset[tuple[int, int]]] = {}
    if isinstance(book, BookMeter) and isinstance(relations, RelationMeter):
        for sheet, relation in book.sheets.items():
            meter = meters.get(relations.targets.get(relation, ""))
            if isinstance(meter, SheetMeter):
                found[sheet] = frozenset(meter.formulas)
    return found


def _check_texts(data: bytes, entries: dict[str, zipfile.ZipInfo], meters: dict[str, Meter]) -> None:
    """A shared text is copied into each cell that uses it: one long text in many cells is a bomb of its own."""
    texts = meters.get(_TEXTS)
    sheets = {name: meter for name, meter in meters.items() if isinstance(meter, SheetMeter)}
    uses = sum(meter.shared_uses for meter in sheets.values())
    if not isinstance(texts, TextMeter) or max(texts.lengths, default=0) * uses <= MOST_INFLATED:
        return
    used: Counter[int] = Counter()
    for name in sheets:
        meter = UseMeter()
        for chunk in _inflate(data, entries[name]):
            meter.feed(chunk)
        meter.close()
        used.update(meter.used)
    total = sum(times * texts.lengths[index] for index, times in used.items() if 0 <= index < len(texts.lengths))
    if total > MOST_INFLATED:
        raise Refusal("registry.roster_inflates", most=MOST_INFLATED)


def _check_declared(entries: dict[str, zipfile.ZipInfo], count: int, stored: int) -> None:
    if count > MOST_ENTRIES or count != len(entries):
        raise Refusal("registry.roster_inflates", entries=count)
    if any(entry.flag_bits & 0x1 for entry in entries.values()):
        raise Refusal("registry.roster_encrypted")
    _check_inflated(sum(entry.file_size for entry in entries.values()), stored)


def _check_inflated(size: int, stored: int) -> None:
    if size > MOST_INFLATED or (size > RATIO_COUNTS_FROM and size > stored * MOST_RATIO):
        raise Refusal("registry.roster_inflates", most=MOST_INFLATED)


def _inflate(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of an entry chunk by chunk, however much it says that it is."""
    at = entry.header_offset
    header = data[at : at + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise damaged()
    begin = at + _LOCAL_HEADER + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    rest: bytes | memoryview = memoryview(data)[begin : begin + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield bytes(rest)
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise damaged()
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while rest and not inflater.eof:
            yield inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
    except zlib.error as error:
        raise damaged() from error
