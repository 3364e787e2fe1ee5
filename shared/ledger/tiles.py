"""C2SP `tlog-tiles`: the tree in pieces of 256 hashes, which never change once they are full.

    tile/<level>/<index>             256 hashes: the nodes (8·level, 256·index …) of the tree
    tile/<level>/<index>.p/<width>   the first 1 to 255 of them, at the right edge
    tile/entries/<index>             the entries of those leaves (`shared.ledger.bundles`)

An index is written in groups of three digits, all but the last after an `x`: 1234067 is `x001/x234/067`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from shared.ledger.tree import Tree

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes of a full tile, entries of a full bundle."""
MOST_LEVEL = 7
"""The highest level that a tree of 63 bits has."""
MOST_INDEX = 2**55
_INDEX = re.compile(r"((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile, or (level -1) a bundle of entries. `width` is 256 for a full one."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def full(self) -> bool:
        """Whether it never changes again."""
        return self.width == WIDTH

    @property
    def path(self) -> str:
        """Its place below the log's address."""
        kind = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.full else f".p/{self.width}"
        return f"tile/{kind}/{index_path(self.index)}{partial}"

    def lies_in(self, size: int) -> bool:
        """Whether a tree of this size has all of it."""
        return self.index * WIDTH + self.width <= size >> (HEIGHT * max(self.level, 0))


ENTRIES = -1
"""The level of a bundle of entries."""


def index_path(index: int) -> str:
    """An index as path elements of three digits."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))


def tile_at(level: int, path: str) -> Tile | None:
    """The tile that `<index>[.p/<width>]` names; None unless it is written in the one way there is."""
    match = _INDEX.fullmatch(path)
    if match is None or len(path) > 60:
        return None
    tile = Tile(level, int(match[1].replace("x", "").replace("/", "") + match[2]), int(match[3] or WIDTH))
    in_range = tile.index < MOST_INDEX and (tile.width < WIDTH or match[3] is None) and ENTRIES <= level <= MOST_LEVEL
    return tile if in_range and tile.path.endswith("/" + path) else None


def tiles_of(level: int, size: int) -> Iterator[Tile]:
    """The tiles of one level (or the bundles) of a tree of this size, left to right; the last may be partial."""
    full, partial = divmod(size >> (HEIGHT * max(level, 0)), WIDTH)
    yield from (Tile(level, index) for index in range(full))
    if partial:
        yield Tile(level, full, partial)


def levels_of(size: int) -> range:
    """The levels at which a tree of this size has tiles."""
    return range((max(size.bit_length(), 1) - 1) // HEIGHT + 1) if size else range(0)


def read_tile(tx: Connection, tree: Tree, tile: Tile) -> bytes:
    """The hashes of a tile, one after the other. Raises DamagedTreeError when one is not stored."""
    start = tile.index * WIDTH
    return b"".join(tree.row(tx, tile.level * HEIGHT, start, start + tile.width))
