"""A tree grows alike on both databases, with the application's rights alone, and only one of two rivals makes it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from shared.kernel.clock import FixedClock
from shared.ledger.growing import TreeMoved
from shared.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash, root_of, verify_consistency, verify_inclusion
from shared.ledger.notes import SigningKey, read_checkpoint
from shared.ledger.tables import log_checkpoints, log_nodes, log_positions, log_tree
from shared.ledger.tree import Checkpoints, DamagedTreeError, Tree
from shared.storage.database import Database

NOW = datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)
LEAVES = [leaf_hash(str(one).encode()) for one in range(300)]
TREE = Tree()
KEY = SigningKey.generate("liuyang.example/casework")


def named(leaves: list[bytes]) -> list[tuple[str, bytes]]:
    return [(str(uuid.uuid4()), leaf) for leaf in leaves]


def grow(database: Database, leaves: list[bytes]) -> int:
    with database.begin() as tx:
        return TREE.grow(tx, named(leaves), TREE.size(tx))


@contextmanager
def statements(tx: Connection) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(tx.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(tx.engine, "before_cursor_execute", note)


def test_a_new_tree_is_empty(database: Database) -> None:
    with database.read() as tx:
        assert TREE.size(tx) == 0
        assert TREE.root(tx) == EMPTY_ROOT
        assert TREE.leaf_before(tx, 0) is None


def test_the_first_position_is_nought_and_there_are_no_gaps(database: Database) -> None:
    assert [grow(database, LEAVES[:3]), grow(database, LEAVES[3:4]), grow(database, LEAVES[4:9])] == [0, 3, 4]
    with database.read() as tx:
        rows = tx.execute(select(log_positions.c.position, log_positions.c.leaf).order_by("position")).all()
    assert [(position, bytes(leaf)) for position, leaf in rows] == list(enumerate(LEAVES[:9]))


def test_every_root_of_the_past_can_be_read(database: Database) -> None:
    sizes = [0]
    for width in (1, 1, 2, 5, 1, 7, 16, 31, 64, 3):
        grow(database, LEAVES[sizes[-1] : sizes[-1] + width])
        sizes.append(sizes[-1] + width)
    with database.read() as tx:
        assert TREE.root(tx) == root_of(LEAVES[: sizes[-1]])
        for size in range(sizes[-1] + 1):
            assert TREE.root(tx, size) == root_of(LEAVES[:size])


def test_the_nodes_are_stored_in_which_the_tree_was_completed(database: Database) -> None:
    grow(database, LEAVES[:100])
    grow(database, LEAVES[100:203])
    edge = Frontier()
    expected = [node for leaf in LEAVES[:203] for node in edge.append(leaf)]
    with database.read() as tx:
        assert list(TREE.nodes_in_order(tx)) == expected


def test_nodes_are_read_in_order_over_many_chunks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.ledger.tree._CHUNK", 24)
    grow(database, LEAVES[:203])
    edge = Frontier()
    expected = [node for leaf in LEAVES[:203] for node in edge.append(leaf)]
    with database.read() as tx:
        assert list(TREE.nodes_in_order(tx)) == expected


def test_a_node_that_no_tree_of_this_size_has_is_read_last(database: Database) -> None:
    grow(database, LEAVES[:5])
    for stray in ((1, 2), (9, 0), (0, 0)):
        with database.begin() as tx:
            tx.execute(insert(log_nodes).values(level=stray[0], idx=stray[1], hash=bytes(32)))
    with database.read() as tx:
        found = [(level, index) for level, index, _ in TREE.nodes_in_order(tx)]
    assert found[:3] == [(1, 0), (1, 1), (2, 0)]
    assert sorted(found[3:]) == [(0, 0), (1, 2), (9, 0)]


def test_proofs_from_the_database_verify(database: Database) -> None:
    grow(database, LEAVES[:77])
    with database.read() as tx:
        for size in (1, 2, 37, 64, 77):
            root = TREE.root(tx, size)
            for position in {0, size // 2, size - 1}:
                verify_inclusion(LEAVES[position], position, size, TREE.inclusion(tx, position, size), root)
            for old in {0, 1, size // 2, size - 1, size}:
                verify_consistency(old, TREE.root(tx, old), size, root, TREE.consistency(tx, old, size))


@pytest.mark.parametrize("many", [1, 7, 299])
def test_growing_takes_the_same_few_statements_for_any_number(database: Database, many: int) -> None:
    grow(database, LEAVES[:1])
    with database.begin() as tx, statements(tx) as seen:
        TREE.grow(tx, named(LEAVES[1 : 1 + many]), 1)
    # On SQLite what is written goes past the toolkit, where nobody counts.
    assert len(seen) == (2 if database.is_sqlite else 3)


def test_a_tree_that_ends_as_it_was_left_is_grown_without_reading_its_edge(database: Database) -> None:
    tree = Tree()
    with database.begin() as tx:
        tree.grow(tx, named(LEAVES[:5]), 0)
    with database.begin() as tx:
        head = tree.head(tx)
        assert head == (5, LEAVES[4])
        with statements(tx) as seen:
            tree.grow(tx, named(LEAVES[5:12]), *head)
    assert len(seen) == (0 if database.is_sqlite else 1)
    with database.read() as tx:
        assert tree.root(tx) == root_of(LEAVES[:12])


def test_what_was_rolled_back_is_not_taken_for_the_edge(database: Database) -> None:
    tree = Tree()
    grow(database, LEAVES[:5])
    with database.begin() as tx:
        tree.grow(tx, named(LEAVES[20:23]), *tree.head(tx))
        tx.rollback() if not database.is_sqlite else tx.exec_driver_sql("ROLLBACK")
        if database.is_sqlite:
            tx.exec_driver_sql("BEGIN IMMEDIATE")
    grow(database, LEAVES[5:8])
    with database.begin() as tx:
        tree.grow(tx, named(LEAVES[8:9]), *tree.head(tx))
    with database.read() as tx:
        assert tree.root(tx) == root_of(LEAVES[:9])


def test_a_proof_takes_two_statements(database: Database) -> None:
    grow(database, LEAVES[:299])
    with database.begin() as tx, statements(tx) as seen:
        TREE.inclusion(tx, 150, 299)
        TREE.consistency(tx, 113, 299)
    assert len(seen) == 4


def test_growing_at_another_size_is_refused_and_writes_nothing(database: Database) -> None:
    grow(database, LEAVES[:5])
    for size in (4, 6, 0):
        with pytest.raises(TreeMoved), database.begin() as tx:
            TREE.grow(tx, named(LEAVES[5:6]), size)
    with database.read() as tx:
        assert (TREE.size(tx), TREE.root(tx)) == (5, root_of(LEAVES[:5]))


def test_growing_by_nothing_changes_nothing_but_still_compares(database: Database) -> None:
    grow(database, LEAVES[:5])
    with database.begin() as tx:
        assert TREE.grow(tx, [], 5) == 5
    with pytest.raises(TreeMoved), database.begin() as tx:
        TREE.grow(tx, [], 4)


def test_of_rivals_who_read_the_same_size_one_grows_the_tree(database: Database) -> None:
    rivals = 6
    grow(database, LEAVES[:5])
    together = threading.Barrier(rivals)

    def attempt(rival: int) -> bool:
        together.wait(timeout=30)
        try:
            with database.begin() as tx:
                TREE.grow(tx, named([leaf_hash(f"rival {rival}".encode())]), 5)
        except TreeMoved:
            return False
        return True

    with ThreadPoolExecutor(rivals) as pool:
        assert sum(pool.map(attempt, range(rivals))) == 1
    with database.read() as tx:
        stored = [bytes(one) for one in tx.execute(select(log_positions.c.leaf).order_by("position")).scalars()]
        assert (TREE.size(tx), TREE.root(tx)) == (6, root_of(stored))


def test_one_event_has_one_place(database: Database) -> None:
    twice = (str(uuid.uuid4()), LEAVES[0])
    with pytest.raises(IntegrityError), database.begin() as tx:
        TREE.grow(tx, [twice, twice], 0)
    with database.read() as tx:
        assert TREE.size(tx) == 0


def grow_and_fail(database: Database, leaves: list[bytes]) -> None:
    with database.begin() as tx:
        TREE.grow(tx, named(leaves), TREE.size(tx))
        tx.execute(insert(log_positions).values(position=0, event_id=str(uuid.uuid4()), leaf=bytes(32)))


def test_a_transaction_that_is_rolled_back_leaves_no_leaf_and_no_node(database: Database) -> None:
    with pytest.raises(IntegrityError):
        grow_and_fail(database, LEAVES[:4])
    assert grow(database, LEAVES[10:12]) == 0
    with database.read() as tx:
        assert TREE.root(tx) == root_of(LEAVES[10:12])


def test_a_leaf_hash_of_another_length_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        grow(database, [b"short"])


def test_nothing_is_proved_of_a_size_that_is_yet_to_come(database: Database) -> None:
    grow(database, LEAVES[:5])
    with database.read() as tx:
        with pytest.raises(ValueError, match="not yet"):
            TREE.root(tx, 6)
        with pytest.raises(ValueError, match="not yet"):
            TREE.inclusion(tx, 0, 6)
        with pytest.raises(ValueError, match="not yet"):
            TREE.consistency(tx, 3, 6)


def test_a_missing_node_is_named(database: Database) -> None:
    with database.begin() as tx:
        tx.execute(update(log_tree).values(size=3))
    with database.read() as tx:
        with pytest.raises(DamagedTreeError, match=r"\(1, 0\), \(0, 2\)"):
            TREE.root(tx)
        with pytest.raises(DamagedTreeError):
            TREE.leaf_before(tx, 3)
    with pytest.raises(DamagedTreeError):
        grow(database, LEAVES[:1])


def test_the_leaf_before_a_position_is_that_of_its_predecessor(database: Database) -> None:
    grow(database, LEAVES[:5])
    with database.read() as tx:
        assert [TREE.leaf_before(tx, position) for position in range(6)] == [None, *LEAVES[:5]]


def test_a_checkpoint_signs_the_present_size_and_root(database: Database) -> None:
    checkpoints = Checkpoints(KEY, "liuyang.example/casework", FixedClock(NOW))
    grow(database, LEAVES[:5])
    with database.begin() as tx:
        note = checkpoints.make(tx)
    read = read_checkpoint(note, [KEY.verifier])
    assert (read.origin, read.size, read.root) == ("liuyang.example/casework", 5, root_of(LEAVES[:5]))
    with database.read() as tx:
        assert [tuple(row) for row in tx.execute(select(log_checkpoints))] == [(5, root_of(LEAVES[:5]), note, NOW)]


def test_a_size_is_signed_once(database: Database) -> None:
    clock = FixedClock(NOW)
    grow(database, LEAVES[:5])
    with database.begin() as tx:
        first = Checkpoints(KEY, "liuyang.example/casework", clock).make(tx)
        second = Checkpoints(SigningKey.generate("another"), "another", clock).make(tx)
    assert second == first


def test_the_latest_checkpoint_is_that_of_the_largest_size(database: Database) -> None:
    checkpoints = Checkpoints(KEY, "liuyang.example/casework", FixedClock(NOW))
    with database.begin() as tx:
        assert checkpoints.latest(tx) is None
        empty = checkpoints.make(tx)
        assert checkpoints.latest(tx) == empty
    for start, stop in ((0, 9), (9, 10)):
        grow(database, LEAVES[start:stop])
        with database.begin() as tx:
            made = checkpoints.make(tx)
            assert checkpoints.latest(tx) == made


def test_a_second_root_for_a_signed_size_is_never_signed(database: Database) -> None:
    checkpoints = Checkpoints(KEY, "liuyang.example/casework", FixedClock(NOW))
    with database.begin() as tx:
        tx.execute(insert(log_checkpoints).values(size=2, root=bytes(32), note="?", time=NOW))
    grow(database, LEAVES[:2])
    with pytest.raises(DamagedTreeError, match="another root"), database.begin() as tx:
        checkpoints.make(tx)


@pytest.mark.parametrize("table", [log_positions, log_nodes, log_checkpoints], ids=lambda one: str(one.name))
def test_the_application_cannot_change_the_tree(database: Database, table: Any) -> None:
    grow(database, LEAVES[:2])
    with database.begin() as tx:
        Checkpoints(KEY, "liuyang.example/casework", FixedClock(NOW)).make(tx)
    column = next(one for one in table.c if one.name in {"leaf", "hash", "root"})
    for change in (update(table).values({column: bytes(32)}), delete(table)):
        with pytest.raises(Exception, match=r"append-only|permission denied"), database.begin() as tx:
            tx.execute(change)
