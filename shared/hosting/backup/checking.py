"""Checking a backup: every file by its sum, every row by its form, every entry by its hash, the log by its root."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msgspec
from sqlalchemy import Table

from shared.eventstore import tables as t
from shared.hosting.backup.files import (
    FORMAT,
    MANIFEST,
    PAGE,
    SUMS,
    DamagedBackup,
    LogFacts,
    Manifest,
    file_of,
    read_table,
    sum_of,
)
from shared.hosting.backup.tables import kept_tables
from shared.ledger.merkle import Frontier, leaf_hash
from shared.ledger.tables import log_positions

Told = Callable[[str, int, int], object]
_LONGEST = 1024 * 1024


def read_manifest(folder: Path) -> Manifest:
    """What a service's folder says of itself, compared with its sum. Raises DamagedBackup."""
    return _manifest(folder, _sums(folder))


def check(folder: Path, told: Told = lambda _service, _done, _all: None) -> Manifest:
    """Check a service's folder whole. Raises DamagedBackup for the first thing that is wrong, with what and where."""
    sums = _sums(folder)
    manifest = _manifest(folder, sums)
    tables = kept_tables(manifest.service)
    expected = {file_of(one) for one in tables}
    if odd := sorted(expected.symmetric_difference(manifest.files)):
        raise DamagedBackup(f"{folder.name}/{MANIFEST}", f"names other files than a backup has: {', '.join(odd)}")
    for name, facts in manifest.files.items():
        _check_file(folder, name, facts.sha256, sums.get(name))
    if strangers := sorted(one.name for one in folder.iterdir() if one.name not in {*expected, MANIFEST, SUMS}):
        raise DamagedBackup(f"{folder.name}/{strangers[0]}", "is not in the manifest")
    done, total = 0, sum(one.rows for one in manifest.files.values())
    with _Leaves(folder) as leaves:
        for table in tables:
            done = _check_rows(folder, table, manifest, leaves, done, total, told)
        told(manifest.service, total, total)
        if manifest.log is not None:
            leaves.compare(manifest.log)
    return manifest


def _check_rows(
    folder: Path, table: Table, manifest: Manifest, leaves: _Leaves, done: int, total: int, told: Told
) -> int:
    """Read a table's file; how many rows are done with it."""
    rows = 0
    for row in read_table(folder, table):
        rows += 1
        if table is t.events:
            leaves.entry(row["id"], leaf_hash(row["entry"]))
        elif table is log_positions:
            leaves.place(row["position"], row["event_id"], row["leaf"])
        if rows % PAGE == 0:
            told(manifest.service, done + rows, total)
    said = manifest.files[file_of(table)].rows
    if rows != said:
        raise DamagedBackup(f"{folder.name}/{file_of(table)}", f"has {rows} rows, the manifest says {said}")
    return done + rows


class _Leaves:
    """The log as the files have it. Hashes lie in a temporary file, so that a large log needs no memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._edge = Frontier()
        self._db = sqlite3.connect("", isolation_level=None)  # a nameless file that goes with the connection
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("CREATE TABLE leaves (event TEXT PRIMARY KEY, leaf BLOB NOT NULL) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def entry(self, event: str, leaf: bytes) -> None:
        """An entry of the events' file."""
        self._db.execute("INSERT OR REPLACE INTO leaves VALUES (?, ?)", (event, leaf))

    def place(self, position: int, event: str, leaf: bytes) -> None:
        """A place, which must be the next, and must be its entry's. Raises DamagedBackup."""
        file = f"{self._folder.name}/{file_of(log_positions)}"
        if position != self._edge.size:
            raise DamagedBackup(file, f"position {position} stands where {self._edge.size} was expected")
        found = self._db.execute("SELECT leaf FROM leaves WHERE event = ?", (event,)).fetchone()
        if found is None or found[0] != leaf:
            what = "has no entry" if found is None else "has another hash than its entry"
            raise DamagedBackup(file, f"position {position} {what}")
        self._edge.append(leaf)

    def compare(self, said: LogFacts) -> None:
        """Hold size and root against the manifest. Raises DamagedBackup."""
        size, root = self._edge.size, self._edge.root().hex()
        if (size, root) != (said.size, said.root):
            what = f"the log has size {size} and root {root}, the manifest says {said.size} and {said.root}"
            raise DamagedBackup(f"{self._folder.name}/{MANIFEST}", what)


def _sums(folder: Path) -> dict[str, str]:
    name = f"{folder.name}/{SUMS}"
    try:
        lines = (folder / SUMS).read_bytes()[:_LONGEST].decode("ascii").splitlines()
    except FileNotFoundError:
        raise DamagedBackup(name, "is missing") from None
    except UnicodeDecodeError:
        raise DamagedBackup(name, "is not a list of sums") from None
    split = [line.split("  ", 1) for line in lines]
    if any(len(one) != 2 for one in split):
        raise DamagedBackup(name, "is not a list of sums")
    return {file: digest for digest, file in split}


def _manifest(folder: Path, sums: dict[str, str]) -> Manifest:
    name = f"{folder.name}/{MANIFEST}"
    _check_file(folder, MANIFEST, sums.get(MANIFEST, ""), sums.get(MANIFEST))
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise DamagedBackup(name, f"is no manifest ({error})") from None
    if manifest.format != FORMAT:
        raise DamagedBackup(name, f"has the format {manifest.format}; this version reads {FORMAT}")
    if manifest.service != folder.name:
        raise DamagedBackup(name, f"is of {manifest.service}")
    return manifest


def _check_file(folder: Path, name: str, said: str, listed: str | None) -> None:
    """Raises DamagedBackup unless a file is there and has the sum that is said and listed."""
    try:
        found = sum_of(folder / name)
    except FileNotFoundError:
        raise DamagedBackup(f"{folder.name}/{name}", "is missing") from None
    if found != said:
        raise DamagedBackup(f"{folder.name}/{name}", f"has the sum {found}, written was {said or 'nothing'}")
    if found != listed:
        raise DamagedBackup(f"{folder.name}/{SUMS}", f"has another sum of {name} than the manifest")
