"""Writing an export: every log as tiles, bundles of entries and checkpoints, with what is needed to check them.

    MANIFEST.sha256                the SHA-256 of every other file, as `sha256sum -c` reads it
    README.txt                     how to check it
    verify.py                      what checks it
    trust-policy.txt               the keys that sign and cosign, and the quorum (C2SP tlog-policy)
    schemas.json                   the shape of every type of event
    logs/<service>/key             the public key of the log
    logs/<service>/checkpoint      the newest checkpoint
    logs/<service>/checkpoints.jsonl   every checkpoint: size, when it was made, the note with all signatures
    logs/<service>/lost.jsonl      what witnesses cosigned of a log that was restored since, and does not continue it
    logs/<service>/tile/…          C2SP tlog-tiles

A log is written as far as its newest checkpoint. Nothing is held in memory but a tile, a page of checkpoints, and a
line of the manifest for each file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

from shared.ledger.canonical import canonical
from shared.ledger.tiles import ENTRIES, Tile, levels_of, tiles_of

MANIFEST = "MANIFEST.sha256"
README = """This is a copy of everything that was recorded, but for what is personal: that lies encrypted elsewhere.
Whether the copy is whole, this command says; it needs Python 3.11 or newer and `cryptography`:

    python verify.py

Its answer is worth as much as the keys in trust-policy.txt: compare them with those that you were given. With
--policy FILE it takes yours, and with --checkpoint PATH it takes a checkpoint or receipt that you kept from before,
and says whether history was cut off or told in two ways since.
"""
Progress = Callable[[str, int, int], None]
"""Is told the log's name, how many files of it are written, and how many there will be."""


class ExportExists(Exception):
    """The directory holds something already: nothing is written over."""


class Source(Protocol):
    """A log that can be read."""

    @property
    def verifier(self) -> str:
        """Its public key, `name+hash+base64`."""
        ...

    def checkpoints(self) -> Iterator[Mapping[str, Any]]:
        """Everything that was signed, by size: `size`, `time` (RFC 3339), `note`."""
        ...

    def read(self, tile: Tile) -> bytes:
        """A tile or a bundle of entries."""
        ...


def write_export(
    folder: Path,
    logs: Mapping[str, Source],
    *,
    schemas: Mapping[str, Any],
    witnesses: Mapping[str, str] | None = None,
    lost: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
    progress: Progress = lambda _log, _done, _all: None,
) -> dict[str, int]:
    """Write an export of these logs; the size of each. Until it is whole it stands beside `folder`, as `….part`.

    `witnesses` are public keys of who cosigns, by a name for each; `lost` are, for a log, the notes that a witness
    keeps and the log does not continue since it was restored: `witness`, `note`.
    Raises ExportExists where `folder` is there and not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportExists(str(folder))
    draft = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    files = _Files(draft)
    sizes = {name: _write_log(files, name, logs[name], progress) for name in sorted(logs)}
    for name, notes in sorted((lost or {}).items()):
        if notes:
            lines = (canonical({one: row[one] for one in ("witness", "note")}) + b"\n" for row in notes)
            files.stream(f"logs/{name}/lost.jsonl", lines)
    files.write("README.txt", README.encode())
    files.write("schemas.json", canonical(dict(schemas)) + b"\n")
    files.write("trust-policy.txt", policy_of(logs.values(), witnesses or {}).encode())
    files.write("verify.py", resources.files("shared.ledger.export").joinpath("verify.py").read_bytes())
    (draft / MANIFEST).write_text("".join(sorted(files.lines, key=lambda line: line[66:-1])), encoding="ascii")
    if folder.exists():
        folder.rmdir()
    draft.rename(folder)
    return sizes


def policy_of(logs: Iterable[Source], witnesses: Mapping[str, str]) -> str:
    """Which keys are trusted, in C2SP `tlog-policy` form.

    The witnesses are named and none is asked for: how many must have cosigned is the auditor's to say, who writes the
    name of a witness or of the group into the last line.
    """
    lines = [f"log {one.verifier}" for one in logs]
    lines += [f"witness {name} {key}" for name, key in sorted(witnesses.items())]
    if witnesses:
        lines.append(f"group witnesses any {' '.join(sorted(witnesses))}")
    return "".join(f"{line}\n" for line in [*lines, "quorum none"])


class _Files:
    """Writes files and remembers what the manifest says of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lines: list[str] = []

    def write(self, name: str, content: bytes) -> None:
        """A whole file."""
        self.stream(name, [content])

    def stream(self, name: str, pieces: Iterable[bytes]) -> None:
        """A file, piece by piece."""
        path, digest = self._folder / name, sha256()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as opened:
            for piece in pieces:
                opened.write(piece)
                digest.update(piece)
        self.lines.append(f"{digest.hexdigest()}  {name}\n")


def _write_log(files: _Files, name: str, source: Source, progress: Progress) -> int:
    """One log; its size."""
    place = f"logs/{name}"
    newest: Mapping[str, Any] = {"size": 0}

    def lines() -> Iterator[bytes]:
        nonlocal newest
        for newest in source.checkpoints():
            yield canonical({one: newest[one] for one in ("size", "time", "note")}) + b"\n"

    files.write(f"{place}/key", f"{source.verifier}\n".encode())
    files.stream(f"{place}/checkpoints.jsonl", lines())
    if "note" in newest:
        files.write(f"{place}/checkpoint", newest["note"].encode())
    size = int(newest["size"])
    kinds = (ENTRIES, *levels_of(size))
    total, done = sum(1 for kind in kinds for _ in tiles_of(kind, size)), 0
    for kind in kinds:
        for tile in tiles_of(kind, size):
            files.write(f"{place}/{tile.path}", source.read(tile))
            done += 1
            progress(name, done, total)
    return size
