"""The files of a backup: a folder for each service, a compressed file for each table, and what is said of them.

    <service>/<table>.jsonl.gz    the columns' names in the first line, then a row a line; bytes in base64
    <service>/manifest.json       counts, sizes, sums; the size and the root of the log
    <service>/MANIFEST.sha256     the SHA-256 of every file, as `sha256sum -c` reads it

Folders are for their owner only (0700), and so are files (0600).
"""

from __future__ import annotations

import base64
import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import msgspec
from sqlalchemy import Column, Connection, LargeBinary, Table, select

from shared.storage.columns import Instant

FORMAT = 1
MANIFEST, SUMS, SUFFIX = "manifest.json", "MANIFEST.sha256", ".jsonl.gz"
PAGE, HEAVY = 500, 8
"""Rows that are held at a time; of files' chunks, which have a megabyte each, fewer."""
LONGEST_LINE = 64 * 1024 * 1024
"""The longest row that is read: more than any attachment's chunk or entry."""
_LEVEL = 6
Told = Callable[[int], object]
"""Is told how many more rows are done."""


class DamagedBackup(Exception):
    """A file of a backup is not what was written: `file`, within the backup, and what is wrong with it."""

    def __init__(self, file: str, what: str) -> None:
        super().__init__(f"{file}: {what}")
        self.file, self.what = file, what


class FileFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the manifest says of a table's file."""

    rows: int
    bytes: int
    sha256: str


class LogFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log as the backup has it: its size, its root (hex), its epoch, and how many events wait for a place."""

    size: int
    root: str
    epoch: str
    pending: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a service's backup is. `log` is None for the console, which has none; `taken` is an instant (RFC 3339)."""

    format: int
    deployment: str
    service: str
    revision: str
    taken: str
    log: LogFacts | None
    files: dict[str, FileFacts]


def file_of(table: Table) -> str:
    """The name of a table's file."""
    return f"{table.name}{SUFFIX}"


def make_private(folder: Path) -> None:
    """Make a folder for its owner only. Raises FileExistsError."""
    folder.mkdir(mode=0o700, parents=True)


def write_private(file: Path, content: bytes) -> None:
    """Write a new file for its owner only, and durably."""
    with open_private(file) as opened:
        opened.write(content)


class open_private:  # noqa: N801 - used as a function is
    """A new file for its owner only, which is on the disk at the end of the block."""

    def __init__(self, file: Path) -> None:
        self._opened: IO[bytes] = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def __enter__(self) -> IO[bytes]:
        return self._opened

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._opened.flush()
            os.fsync(self._opened.fileno())
        self._opened.close()


def write_table(folder: Path, tx: Connection, table: Table, told: Told) -> FileFacts:
    """Write all rows of a table, by primary key, a page at a time in memory."""
    rows, digest, file = 0, sha256(), folder / file_of(table)
    encode = msgspec.json.Encoder().encode
    query = select(table).order_by(*table.primary_key.columns)
    size = HEAVY if table.name == "vault_chunks" else PAGE
    with open_private(file) as opened:
        packed = _Summed(opened, digest.update)
        # The time in the header would make two backups of the same rows different.
        with gzip.GzipFile(fileobj=packed, filename="", mode="wb", compresslevel=_LEVEL, mtime=0) as lines:
            lines.write(encode([str(column.name) for column in table.columns]) + b"\n")
            for page in tx.execute(query.execution_options(stream_results=True, yield_per=size)).partitions(size):
                lines.write(b"".join(encode(list(row)) + b"\n" for row in page))
                rows += len(page)
                told(len(page))
    return FileFacts(rows=rows, bytes=file.stat().st_size, sha256=digest.hexdigest())


def read_table(folder: Path, table: Table) -> Iterator[dict[str, Any]]:
    """The rows of a table's file, one at a time. Raises DamagedBackup, with the line, on what cannot be read."""
    name = f"{folder.name}/{file_of(table)}"
    number = 0
    try:
        with gzip.open(folder / file_of(table), "rb") as lines:
            columns = _columns(name, table, lines.readline(LONGEST_LINE))
            readers = [(column.name, _reader(column)) for column in columns]
            number = 1
            while line := lines.readline(LONGEST_LINE):
                number += 1
                values = msgspec.json.decode(line, type=list[Any])
                yield {key: read(value) for (key, read), value in zip(readers, values, strict=True)}
    except FileNotFoundError:
        raise DamagedBackup(name, "is missing") from None
    except (EOFError, OSError, ValueError, TypeError, zlib.error) as error:
        raise DamagedBackup(name, f"cannot be read after line {number} ({type(error).__name__})") from None


def pages(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Rows, so many at a time."""
    page: list[dict[str, Any]] = []
    for row in rows:
        page.append(row)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def sum_of(file: Path) -> str:
    """The SHA-256 of a file (hex). Raises FileNotFoundError."""
    with file.open("rb") as opened:
        digest = sha256()
        while piece := opened.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


class _Summed:
    """Passes on what is written, and shows it to a digest."""

    def __init__(self, opened: IO[bytes], update: Callable[[bytes], None]) -> None:
        self._opened, self._update = opened, update

    def write(self, piece: bytes) -> int:
        self._update(piece)
        return self._opened.write(piece)

    def flush(self) -> None:
        self._opened.flush()


def _columns(name: str, table: Table, line: bytes) -> list[Column[Any]]:
    names = msgspec.json.decode(line, type=list[str])
    if sorted(names) != sorted(column.name for column in table.columns):
        raise DamagedBackup(name, "has other columns than the table")
    return [table.columns[one] for one in names]


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, LargeBinary):
        return lambda value: None if value is None else base64.b64decode(value, validate=True)
    if isinstance(column.type, Instant):
        return lambda value: None if value is None else datetime.fromisoformat(value)
    return lambda value: value
