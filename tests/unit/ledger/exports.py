"""A log in memory, its export, and the hands of a forger who knows the formats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.kernel.ids import derived_id
from shared.ledger.bundles import bundle_of, entries_in
from shared.ledger.canonical import canonical
from shared.ledger.cosignatures import Cosigner
from shared.ledger.export import Report, verify_export, write_export
from shared.ledger.merkle import Frontier, leaf_hash, root_of
from shared.ledger.notes import SigningKey, sign_checkpoint
from shared.ledger.tiles import ENTRIES, WIDTH, Tile, levels_of, tiles_of

ORIGIN = "county.example/casework"
KEY = SigningKey.generate(ORIGIN)
START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_at(position: int, **changed: Any) -> bytes:
    """An entry as the store writes it: five streams take turns, a second apart."""
    fields = {
        "id": derived_id(str(position), "entry"),
        "source": ORIGIN,
        "stream": f"casework.case-{derived_id(str(position % 5), 'case')}",
        "stream_version": position // 5 + 1,
        "time": stamp(START + timedelta(seconds=position)),
        "type": "casework.note_added",
        "version": 1,
        "persons": [derived_id(str(position % 7), "person")],
        "actor": {"id": derived_id("somebody", "staff"), "role": "counsellor"},
        "command_id": derived_id(str(position), "command"),
        "correlation": derived_id(str(position), "correlation"),
        "data": {"number": position, "school": "示范镇第一学校" if position % 3 == 0 else "none"},
        "sealed": [
            {
                "part": "child.notes",
                "person": derived_id(str(position % 7), "person"),
                "purpose": "notes",
                "key": derived_id(str(position % 7), "key"),
                "commitment": hashlib.sha256(b"%d" % position).hexdigest(),
            }
        ],
    }
    return canonical(fields | changed)


@dataclass
class MemoryLog:
    """A log that its owner can tell as he likes: the source of an export."""

    entries: list[bytes]
    signed_at: tuple[int, ...]
    key: SigningKey = KEY
    cosigners: tuple[Cosigner, ...] = ()
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    extra: list[dict[str, Any]] = field(default_factory=list)
    moved: timedelta = timedelta()
    """How much later each checkpoint is said to have been made."""

    def __post_init__(self) -> None:
        edge = Frontier()
        self.leaves = [leaf_hash(one) for one in self.entries]
        for at, leaf in enumerate(self.leaves):
            self.nodes[0, at] = leaf
            self.nodes |= {(level, index): one for level, index, one in edge.append(leaf)}

    @property
    def verifier(self) -> str:
        return str(self.key.verifier)

    def note(self, size: int) -> str:
        note = sign_checkpoint(ORIGIN, size, root_of(self.leaves[:size]), self.key)
        return note + "".join(one.cosign(note, START + timedelta(seconds=size)) for one in self.cosigners)

    def checkpoints(self) -> Iterator[dict[str, Any]]:
        for size in self.signed_at:
            yield {"size": size, "time": stamp(START + timedelta(seconds=size) + self.moved), "note": self.note(size)}
        yield from self.extra

    def read(self, tile: Tile) -> bytes:
        start = tile.index * WIDTH
        if tile.level == ENTRIES:
            return bundle_of(self.entries[start : start + tile.width])
        return b"".join(self.nodes[tile.level * 8, at] for at in range(start, start + tile.width))


def log_of(size: int, signed_at: tuple[int, ...] = (), **changed: Any) -> MemoryLog:
    """A log of so many entries, signed at its end and wherever else; `changed` is made of entry → its fields."""
    entries = [entry_at(at, **changed.get(f"e{at}", {})) for at in range(size)]
    return MemoryLog(entries, tuple(sorted({*signed_at, size})))


@dataclass
class Export:
    """An export on disk."""

    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "logs" / "casework"

    def verify(self, *saved: Path, **how: Any) -> Report:
        return verify_export(self.folder, saved=list(saved), **how)

    def bundle(self, size: int, index: int = 0) -> Path:
        tile = list(tiles_of(ENTRIES, size))[index]
        return self.log / tile.path

    def tiles(self, size: int) -> list[Path]:
        return [self.log / one.path for level in levels_of(size) for one in tiles_of(level, size)]

    def change_entries(self, size: int, change: Callable[[list[bytes]], object], index: int = 0) -> None:
        """Rewrite a bundle as a careful forger does, manifest included."""
        path = self.bundle(size, index)
        entries = entries_in(path.read_bytes())
        change(entries)
        path.write_bytes(bundle_of(entries))
        self.list_anew()

    def change_checkpoints(self, change: Callable[[list[dict[str, Any]]], object]) -> None:
        path = self.log / "checkpoints.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        change(rows)
        path.write_bytes(b"".join(canonical(row) + b"\n" for row in rows))
        (self.log / "checkpoint").write_text(rows[-1]["note"], encoding="utf-8")
        self.list_anew()

    def list_anew(self) -> None:
        """Write the manifest again, as whoever forges an export would."""
        files = sorted(one for one in self.folder.rglob("*") if one.is_file() and one.name != "MANIFEST.sha256")
        named = sorted((one.relative_to(self.folder).as_posix(), one) for one in files)
        lines = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {name}\n" for name, one in named]
        (self.folder / "MANIFEST.sha256").write_text("".join(lines), encoding="ascii")


def exported(log: MemoryLog, folder: Path, **more: Any) -> Export:
    write_export(folder, {"casework": log}, schemas={}, **more)
    return Export(folder)
