"""A live log is verified where it stands, and the one row that its owner changed behind the system's back is found."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, delete, select, text, update

from shared.kernel.clock import FixedClock
from shared.kernel.ids import derived_id
from shared.ledger.canonical import canonical
from shared.ledger.merkle import leaf_hash
from shared.ledger.notes import SigningKey
from shared.ledger.tables import APPEND_ONLY, log_checkpoints, log_nodes, log_positions, log_tree
from shared.ledger.tree import Checkpoints, Tree
from shared.ledger.verify import Report, Row, verify_live
from shared.storage.columns import Bytes, Id, instant_text
from shared.storage.database import Database
from tests.integration.ledger.conftest import Ledger

ORIGIN = "liuyang.example/casework"
KEY = SigningKey.generate(ORIGIN)
CLOCK = FixedClock(datetime(2026, 11, 23, 8, tzinfo=UTC))
entries = Table("entries", MetaData(), Column("id", Id, primary_key=True), Column("entry", Bytes, nullable=False))
TREE = Tree()


def name(number: int) -> str:
    return derived_id(str(number), "entry")


def entry(number: int) -> bytes:
    stamp = instant_text(CLOCK.now() + timedelta(milliseconds=number))
    fields = {"id": name(number), "stream": f"casework.case-{number % 5}", "stream_version": number // 5 + 1}
    return canonical(fields | {"time": stamp, "data": {"number": number}})


def write(database: Database, start: int, stop: int) -> str:
    with database.begin() as tx:
        written = [(name(number), entry(number)) for number in range(start, stop)]
        tx.execute(entries.insert(), [{"id": event_id, "entry": one} for event_id, one in written])
        TREE.grow(tx, [(event_id, leaf_hash(one)) for event_id, one in written], start)
        return Checkpoints(KEY, ORIGIN, CLOCK).make(tx)


def rows(tx: Connection) -> Iterator[Row]:
    joined = log_positions.outerjoin(entries, entries.c.id == log_positions.c.event_id)
    query = select(log_positions.c.position, log_positions.c.event_id, entries.c.entry, log_positions.c.leaf)
    for position, event_id, found, leaf in tx.execute(query.select_from(joined).order_by(log_positions.c.position)):
        yield position, event_id, None if found is None else bytes(found), bytes(leaf)


def verified(database: Database, *kept_elsewhere: str) -> Report:
    with database.read() as tx:
        return verify_live(tx, rows(tx), [KEY.verifier], origin=ORIGIN, kept_elsewhere=kept_elsewhere)


@pytest.fixture
def owner(ledger: Ledger) -> Database:
    """A log of 300 entries, signed at 100 and 300, whose owner has thrown the guards away."""
    with ledger.owner.begin() as tx:
        entries.create(tx)
    write(ledger.owner, 0, 100)
    write(ledger.owner, 100, 300)
    with ledger.owner.begin() as tx:
        for table in APPEND_ONLY:
            if ledger.owner.is_sqlite:
                tx.execute(text(f"DROP TRIGGER {table}_no_update"))
                tx.execute(text(f"DROP TRIGGER {table}_no_delete"))
            else:
                tx.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))
    return ledger.owner


def test_an_untouched_live_log_is_whole(owner: Database) -> None:
    report = verified(owner)
    assert (report.exit_code, report.findings, report.warnings) == (0, [], [])
    assert (report.size, report.signed_size) == (300, 300)


def change_entry(tx: Connection) -> None:
    tx.execute(update(entries).where(entries.c.id == name(142)).values(entry=entry(143)))


def remove_entry(tx: Connection) -> None:
    tx.execute(delete(entries).where(entries.c.id == name(142)))


def remove_position(tx: Connection) -> None:
    tx.execute(delete(log_positions).where(log_positions.c.position == 142))


def change_leaf_and_entry(tx: Connection) -> None:
    forged = entry(142).replace(b'"number":142', b'"number":999')
    tx.execute(update(entries).where(entries.c.id == name(142)).values(entry=forged))
    tx.execute(update(log_positions).where(log_positions.c.position == 142).values(leaf=leaf_hash(forged)))


def exchange_events(tx: Connection) -> None:
    first, second = (
        tx.execute(select(log_positions).where(log_positions.c.position == position)).one() for position in (142, 143)
    )
    for position, event_id in ((142, str(uuid.uuid4())), (143, first.event_id), (142, second.event_id)):
        tx.execute(update(log_positions).where(log_positions.c.position == position).values(event_id=event_id))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (change_entry, "entry_changed"),
        (remove_entry, "entry_missing"),
        (remove_position, "row_missing"),
        (change_leaf_and_entry, "node_changed"),
        (exchange_events, "entry_changed"),
    ],
)
def test_the_one_row_that_was_touched_is_found(
    owner: Database, change: Callable[[Connection], None], what: str
) -> None:
    with owner.begin() as tx:
        change(tx)
    report = verified(owner)
    assert report.exit_code == 1
    assert report.first_bad is not None
    assert (report.first_bad.what, report.first_bad.position) == (what, 142)


def test_a_changed_node_is_found(owner: Database) -> None:
    with owner.begin() as tx:
        tx.execute(update(log_nodes).where(log_nodes.c.level == 3, log_nodes.c.idx == 4).values(hash=bytes(32)))
    report = verified(owner)
    assert [(one.what, one.position, one.until) for one in report.findings] == [("node_changed", 32, 39)]


def test_a_changed_size_is_found(owner: Database) -> None:
    with owner.begin() as tx:
        tx.execute(update(log_tree).values(size=299))
    assert verified(owner).exit_code == 1


def test_a_changed_checkpoint_row_is_found(owner: Database) -> None:
    with owner.begin() as tx:
        tx.execute(update(log_checkpoints).where(log_checkpoints.c.size == 100).values(root=bytes(32)))
    assert [one.what for one in verified(owner).findings] == ["checkpoint_row_changed"]


def test_a_database_put_back_to_an_older_state_is_found_by_a_note_kept_elsewhere(ledger: Ledger) -> None:
    with ledger.owner.begin() as tx:
        entries.create(tx)
    write(ledger.owner, 0, 100)
    with ledger.owner.begin() as tx:
        later = tx.begin_nested()
        TREE.grow(tx, [(name(100), leaf_hash(entry(100)))], 100)
        kept = Checkpoints(KEY, ORIGIN, CLOCK).make(tx)
        later.rollback()
    assert verified(ledger.owner).exit_code == 0
    report = verified(ledger.owner, kept)
    assert (report.exit_code, [one.what for one in report.findings]) == (4, ["rolled_back"])
