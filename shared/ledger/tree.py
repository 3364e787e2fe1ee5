"""A service's Merkle tree in its own database: growing it, reading roots and proofs from it, signing its size.

Every method works within a transaction that the caller holds. Growing takes the same few statements for one leaf as
for a thousand: the size compared and set, leaves and nodes written; the growing edge is read where it is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, and_, insert, not_, or_, select, text

from shared.kernel.clock import Clock
from shared.ledger.growing import TreeMoved, write_growth
from shared.ledger.merkle import (
    HASH_SIZE,
    Frontier,
    Node,
    complete_nodes,
    consistency_proof,
    consistency_spans,
    inclusion_proof,
    inclusion_spans,
)
from shared.ledger.notes import SigningKey, sign_checkpoint
from shared.ledger.tables import log_checkpoints, log_cosignatures, log_nodes
from shared.storage.folding import sqlite_cursor

_LEVELS = 48
"""More levels than any tree here will ever have."""
_CHUNK = 4096
"""Leaves whose nodes `nodes_in_order` reads at a time."""


class DamagedTreeError(Exception):
    """A part of the tree that must be in the database is not there, or contradicts what was signed."""


class Tree:
    """The tree that grows in a service's log tables.

    It remembers the edge that it has last written, and takes it up again where the database still ends in that leaf.
    An entry's id is random, so the same last leaf at the same size is the same tree, whoever has written meanwhile.
    """

    def __init__(self) -> None:
        self._written: tuple[int, bytes, tuple[bytes, ...]] | None = None

    def size(self, tx: Connection) -> int:
        """The number of leaves, which is the next position."""
        size: int = tx.execute(_SIZE).scalar_one()
        return size

    def head(self, tx: Connection) -> tuple[int, bytes | None]:
        """The number of leaves, and the hash of the last one (None in the empty tree)."""
        if tx.dialect.name == "sqlite":
            with sqlite_cursor(tx) as cursor:
                size, last = cursor.execute(_HEAD).fetchone()
        else:
            size, last = tx.exec_driver_sql(_HEAD).one()
        return size, None if last is None else bytes(last)

    def grow(self, tx: Connection, leaves: Sequence[tuple[str, bytes]], at_size: int, last: bytes | None = None) -> int:
        """Append events, each with its id and leaf hash, to the tree of `at_size` leaves. Returns the first position.

        `last` is the tree's last leaf, where the caller has read it with the size: it may save reading the edge.
        Raises TreeMoved when the tree has another size, ValueError on a hash that is not 32 bytes, and
        DamagedTreeError when the growing edge is not all there. In a patient transaction TreeMoved may come with a
        later statement or the commit instead, as the DBAPIError that `growing.moved` knows.
        """
        if any(len(leaf) != HASH_SIZE for _, leaf in leaves):
            raise ValueError("a leaf hash has 32 bytes")
        edge = self._edge(tx, at_size, last)
        nodes = [node for _, leaf in leaves for node in edge.append(leaf)]
        write_growth(tx, at_size, leaves, nodes)
        if leaves:
            self._written = (edge.size, leaves[-1][1], tuple(edge.hashes))
        return at_size

    def _edge(self, tx: Connection, size: int, last: bytes | None) -> Frontier:
        written = self._written
        if written is not None and last is not None and written[:2] == (size, last):
            return Frontier(size, written[2])
        # A tree that is smaller has no such edge, and one that has lost a part of it is damaged: which of them it is,
        # the size alone says.
        if self.size(tx) != size:
            raise TreeMoved(size)
        return self.frontier(tx, size)

    def frontier(self, tx: Connection, size: int) -> Frontier:
        """The growing edge that the tree had at `size`, which must not lie beyond its present size."""
        edge = list(complete_nodes(0, size))
        found = _read(tx, edge)
        return Frontier(size, [found[node] for node in edge])

    def root(self, tx: Connection, size: int | None = None) -> bytes:
        """The root at a size, by default the present one. Raises ValueError beyond the present size."""
        return self.frontier(tx, self._within(tx, size)).root()

    def inclusion(self, tx: Connection, position: int, size: int) -> list[bytes]:
        """The proof that the leaf at `position` is in the tree of `size` leaves.

        Raises ValueError unless position < size <= present size.
        """
        found = _read_spans(tx, inclusion_spans(position, self._within(tx, size)))
        return inclusion_proof(position, size, lambda level, index: found[level, index])

    def consistency(self, tx: Connection, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `new` leaves begins with that of `old`. Raises ValueError as `inclusion` does."""
        found = _read_spans(tx, consistency_spans(old, self._within(tx, new)))
        return consistency_proof(old, new, lambda level, index: found[level, index])

    def row(self, tx: Connection, level: int, start: int, stop: int) -> list[bytes]:
        """Hashes of one level: complete nodes from `start` up to `stop`. Raises DamagedTreeError unless all exist."""
        wanted = [(level, index) for index in range(start, stop)]
        found = _read(tx, wanted)
        return [found[node] for node in wanted]

    def leaf_before(self, tx: Connection, position: int) -> bytes | None:
        """The leaf hash before a position: what a range of events names to say what it follows. None before the first.

        Raises DamagedTreeError when that leaf is not there.
        """
        return _read(tx, [(0, position - 1)])[0, position - 1] if position > 0 else None

    def nodes_in_order(self, tx: Connection) -> Iterator[Node]:
        """All stored inner nodes in the order in which a growing tree completes them, read in chunks.

        Nodes beyond the present size come last: they have no business there, and `verify` says so.
        """
        size = self.size(tx)
        for start in range(0, size, _CHUNK):
            yield from _completed_between(tx, start, min(start + _CHUNK, size))
        beyond = or_(
            *(and_(log_nodes.c.level == level, log_nodes.c.idx >= size >> level) for level in range(1, _LEVELS)),
            not_(log_nodes.c.level.between(1, _LEVELS - 1)),
        )
        rows = tx.execute(select(log_nodes.c.level, log_nodes.c.idx, log_nodes.c.hash).where(beyond))
        yield from ((level, index, bytes(one)) for level, index, one in rows)

    def _within(self, tx: Connection, size: int | None) -> int:
        present = self.size(tx)
        if size is None:
            return present
        if not 0 <= size <= present:
            raise ValueError(f"the tree has {present} leaves, not yet {size}")
        return size


class Checkpoints:
    """Signs what the log has come to, once for each size. `origin` names the log: `<deployment>/<service>`."""

    def __init__(self, key: SigningKey, origin: str, clock: Clock) -> None:
        self._key = key
        self._origin = origin
        self._clock = clock
        self._tree = Tree()

    def make(self, tx: Connection, size: int | None = None) -> str:
        """The signed checkpoint of a size, by default the present one: the stored one, or a new one that is stored.

        Raises DamagedTreeError instead of signing a second root for a size, which nobody could ever take back, and
        ValueError for a size that the log has not reached.
        """
        size = self._tree.size(tx) if size is None else size
        root = self._tree.root(tx, size)
        stored = tx.execute(
            select(log_checkpoints.c.root, log_checkpoints.c.note).where(log_checkpoints.c.size == size)
        ).one_or_none()
        if stored is not None:
            if bytes(stored.root) != root:
                raise DamagedTreeError(f"another root was signed for size {size}")
            return str(stored.note)
        note = sign_checkpoint(self._origin, size, root, self._key)
        tx.execute(insert(log_checkpoints).values(size=size, root=root, note=note, time=self._clock.now()))
        return note

    def latest(self, tx: Connection) -> str | None:
        """The stored checkpoint of the largest size with every cosignature so far, or None before the first."""
        newest = self.newest(tx)
        return cosigned(tx, *newest) if newest else None

    def newest(self, tx: Connection) -> tuple[int, str] | None:
        """Size and note of the stored checkpoint of the largest size, as it was signed; None before the first."""
        newest = select(log_checkpoints.c.size, log_checkpoints.c.note).order_by(log_checkpoints.c.size.desc()).limit(1)
        row = tx.execute(newest).one_or_none()
        return (row.size, str(row.note)) if row else None


def cosigned(tx: Connection, size: int, note: str) -> str:
    """A checkpoint of this size with a line for each witness that has cosigned it, by the witness's name."""
    lines = select(log_cosignatures.c.line).where(log_cosignatures.c.size == size).order_by(log_cosignatures.c.witness)
    return note + "".join(tx.execute(lines).scalars())


def _read_spans(tx: Connection, spans: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    return _read(tx, [node for start, stop in spans for node in complete_nodes(start, stop)])


def _read(tx: Connection, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The hashes of complete nodes by level and index, in one statement. Raises DamagedTreeError unless all exist."""
    if not wanted:
        return {}
    rows = tx.execute(_NODES_WANTED[tx.dialect.name], _columns(tx, wanted, "levels", "indexes"))
    found = {(level, index): bytes(one) for level, index, one in rows}
    if missing := [node for node in wanted if node not in found]:
        raise DamagedTreeError(f"missing from the tree (level, index): {missing}")
    return found


def _completed_between(tx: Connection, start: int, stop: int) -> list[Node]:
    """The stored nodes whose last leaf is at `start` or later and before `stop`, in the order of their completion."""
    spans = [(level, start >> level, (stop >> level) - 1) for level in range(1, stop.bit_length())]
    rows = tx.execute(_NODES_BETWEEN[tx.dialect.name], _columns(tx, spans, "levels", "starts", "stops"))
    found = [(level, index, bytes(one)) for level, index, one in rows]
    return sorted(found, key=lambda node: ((node[1] + 1) << node[0], node[0]))


def _columns(tx: Connection, rows: Sequence[tuple[Any, ...]], *names: str) -> dict[str, Any]:
    """Rows as parameters: an array for each column on PostgreSQL, one JSON list on SQLite."""
    if tx.dialect.name == "postgresql":
        return {name: [row[at] for row in rows] for at, name in enumerate(names)}
    return {"rows": json.dumps(rows)}


_SIZE = text("SELECT size FROM log_tree")
_HEAD = "SELECT size, (SELECT leaf FROM log_positions WHERE position = size - 1) FROM log_tree"
# Written out, because the plan matters: a row-wise IN makes SQLite read the whole table, and so may a join that it
# turns around. CROSS JOIN keeps the order there, and each wanted row is one search by key.
_NODES_WANTED = {
    "sqlite": text(
        """
        WITH wanted AS (
            SELECT json_extract(value, '$[0]') AS level, json_extract(value, '$[1]') AS idx FROM json_each(:rows)
        )
        SELECT n.level, n.idx, n.hash FROM wanted CROSS JOIN log_nodes AS n
        WHERE wanted.level > 0 AND n.level = wanted.level AND n.idx = wanted.idx
        UNION ALL
        SELECT 0, p.position, p.leaf FROM wanted CROSS JOIN log_positions AS p
        WHERE wanted.level = 0 AND p.position = wanted.idx
        """
    ),
    "postgresql": text(
        """
        WITH wanted(level, idx) AS (
            SELECT * FROM unnest(CAST(:levels AS smallint[]), CAST(:indexes AS bigint[]))
        )
        SELECT n.level, n.idx, n.hash FROM wanted JOIN log_nodes AS n USING (level, idx) WHERE wanted.level > 0
        UNION ALL
        SELECT 0, p.position, p.leaf FROM wanted JOIN log_positions AS p ON p.position = wanted.idx
        WHERE wanted.level = 0
        """
    ),
}
_NODES_BETWEEN = {
    "sqlite": text(
        """
        WITH span AS (
            SELECT json_extract(value, '$[0]') AS level, json_extract(value, '$[1]') AS start,
                json_extract(value, '$[2]') AS stop FROM json_each(:rows)
        )
        SELECT n.level, n.idx, n.hash FROM span CROSS JOIN log_nodes AS n
        WHERE n.level = span.level AND n.idx BETWEEN span.start AND span.stop
        """
    ),
    "postgresql": text(
        """
        WITH span(level, start, stop) AS (
            SELECT * FROM unnest(CAST(:levels AS smallint[]), CAST(:starts AS bigint[]), CAST(:stops AS bigint[]))
        )
        SELECT n.level, n.idx, n.hash FROM span
        JOIN log_nodes AS n ON n.level = span.level AND n.idx BETWEEN span.start AND span.stop
        """
    ),
}
