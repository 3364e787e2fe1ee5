"""However a log is cut into batches, its tree is the same. Rivals and rights stand in the integration tests."""

from __future__ import annotations

import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, select

from shared.ledger.merkle import Frontier, leaf_hash, root_of, verify_consistency, verify_inclusion
from shared.ledger.tables import log_nodes, metadata
from shared.ledger.tree import Tree

TREE = Tree()


@given(st.lists(st.integers(1, 20), min_size=1, max_size=8), st.data())
def test_batches_of_any_width_grow_the_same_tree(widths: list[int], data: st.DataObject) -> None:
    leaves = [leaf_hash(str(one).encode()) for one in range(sum(widths))]
    engine = create_engine("sqlite://")
    with engine.begin() as tx:
        metadata.create_all(tx)
        at = 0
        for width in widths:
            batch = [(str(uuid.uuid4()), leaf) for leaf in leaves[at : at + width]]
            assert TREE.grow(tx, batch, at) == at
            at += width
        assert TREE.root(tx) == root_of(leaves)
        edge = Frontier()
        completed = {node for leaf in leaves for node in edge.append(leaf)}
        assert {tuple(row) for row in tx.execute(select(log_nodes))} == completed

        size = data.draw(st.integers(1, at))
        position = data.draw(st.integers(0, size - 1))
        root = TREE.root(tx, size)
        verify_inclusion(leaves[position], position, size, TREE.inclusion(tx, position, size), root)
        verify_consistency(position, TREE.root(tx, position), size, root, TREE.consistency(tx, position, size))
    engine.dispose()


def test_no_question_reads_a_whole_table() -> None:
    engine = create_engine("sqlite://")
    asked: list[tuple[str, Any]] = []
    with engine.begin() as tx:
        metadata.create_all(tx)
        TREE.grow(tx, [(str(uuid.uuid4()), leaf_hash(b"")) for _ in range(200)], 0)

        def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            asked.append((statement, parameters))

        event.listen(engine, "before_cursor_execute", note)
        TREE.inclusion(tx, 77, 199)
        next(TREE.nodes_in_order(tx))
        event.remove(engine, "before_cursor_execute", note)
        plans = [row[3] for ask in asked for row in tx.exec_driver_sql("EXPLAIN QUERY PLAN " + ask[0], ask[1])]
    engine.dispose()
    assert len(asked) == 4
    assert not {"SCAN n", "SCAN p", "SCAN log_nodes", "SCAN log_positions"} & set(plans)
