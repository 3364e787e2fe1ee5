"""How a tree that grows is written: its size compared and set, the new leaves and nodes; one message, or one writer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from shared.ledger.merkle import Node
from shared.storage.arrays import binaries, numbers, texts
from shared.storage.folding import sqlite_cursor, write

_GROWN = "UPDATE log_tree SET size = ? WHERE size = ?"


class TreeMoved(Exception):
    """The tree has not the size that the caller read: somebody else has grown it. Nothing was written."""

    def __init__(self, expected: int) -> None:
        super().__init__(f"the tree is no longer of size {expected}")
        self.expected = expected


def write_growth(tx: Connection, at_size: int, leaves: Sequence[tuple[str, bytes]], nodes: Sequence[Node]) -> None:
    """Write the leaves, each with the id of its event, and the nodes that they complete, to the tree of this size.

    Raises TreeMoved, in a patient transaction perhaps later, as the DBAPIError that `moved` knows.
    """
    if tx.dialect.name == "postgresql":
        _grow_on_postgresql(tx, at_size, leaves, nodes)
    else:
        _grow_on_sqlite(tx, at_size, leaves, nodes)


def moved(error: DBAPIError) -> bool:
    """Whether the database has refused to grow a tree that has another size."""
    return "shouwang_tree_moved" in str(error.orig)


def _grow_on_postgresql(
    tx: Connection, at_size: int, leaves: Sequence[tuple[str, bytes]], nodes: Sequence[Node]
) -> None:
    values = (
        at_size,
        texts([event_id for event_id, _ in leaves]),
        binaries([leaf for _, leaf in leaves]),
        numbers([level for level, _, _ in nodes]),
        numbers([index for _, index, _ in nodes]),
        binaries([one for _, _, one in nodes]),
    )
    try:
        write(tx, "SELECT shouwang_grow(%s, %s, %s, %s, %s, %s)", values)
    except DBAPIError as error:
        raise TreeMoved(at_size) if moved(error) else error from error


def _grow_on_sqlite(tx: Connection, at_size: int, leaves: Sequence[tuple[str, bytes]], nodes: Sequence[Node]) -> None:
    places = [(at_size + offset, event_id, leaf) for offset, (event_id, leaf) in enumerate(leaves)]
    with sqlite_cursor(tx) as cursor:
        if cursor.execute(_GROWN, (at_size + len(leaves), at_size)).rowcount != 1:
            raise TreeMoved(at_size)
        cursor.executemany("INSERT INTO log_positions (position, event_id, leaf) VALUES (?, ?, ?)", places)
        if nodes:
            cursor.executemany("INSERT INTO log_nodes (level, idx, hash) VALUES (?, ?, ?)", nodes)
