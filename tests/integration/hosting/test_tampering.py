"""Whoever holds the database and switches its guards off is found out where it stands: the place and the exit code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, func, select, update

from shared.eventstore.tables import events
from shared.kernel.clock import FixedClock
from shared.ledger.canonical import canonical, parse
from shared.ledger.merkle import leaf_hash
from shared.ledger.notes import SigningKey, sign_checkpoint
from shared.ledger.tables import log_checkpoints, log_nodes, log_positions
from shared.ledger.tree import Tree
from shared.storage.columns import instant_text
from shared.vault.tables import vault_parts
from tests.infrastructure.database import TestDatabase
from tests.integration.hosting.watched import Watched, cut, watched

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SIZE, PLACE = 12, 5


@pytest.fixture
def county(test_database: TestDatabase, tmp_path: Path) -> Iterator[Watched]:
    """Twelve entries, of which the tenth has sealed parts; signed and cosigned at 8 and 12."""
    with watched(test_database, tmp_path, FixedClock(NOW)) as made:
        made.record(8)
        made.cosign()
        made.record(1)
        made.record_person()
        made.record(2)
        made.cosign()
        yield made


def entry_of(tx: Connection, position: int) -> tuple[str, bytes]:
    at = log_positions.c
    found = select(at.event_id, events.c.entry).join(events, events.c.id == at.event_id).where(at.position == position)
    event_id, entry = tx.execute(found).one()
    return event_id, bytes(entry)


def rewrite(tx: Connection, position: int, entry: bytes) -> None:
    event_id, _ = entry_of(tx, position)
    tx.execute(update(events).where(events.c.id == event_id).values(entry=entry))


def forged(tx: Connection, position: int) -> bytes:
    fields = parse(entry_of(tx, position)[1])
    return canonical(fields | {"data": {"forged": True}})


def change_entry(tx: Connection) -> None:
    rewrite(tx, PLACE, forged(tx, PLACE))


def change_entry_and_leaf(tx: Connection) -> None:
    entry = forged(tx, PLACE)
    rewrite(tx, PLACE, entry)
    tx.execute(update(log_positions).where(log_positions.c.position == PLACE).values(leaf=leaf_hash(entry)))


def change_leaf(tx: Connection) -> None:
    tx.execute(update(log_positions).where(log_positions.c.position == PLACE).values(leaf=bytes(32)))


def change_node(tx: Connection) -> None:
    tx.execute(update(log_nodes).where(log_nodes.c.level == 1, log_nodes.c.idx == 2).values(hash=bytes(32)))


def back_date(tx: Connection) -> None:
    fields = parse(entry_of(tx, PLACE)[1])
    rewrite(tx, PLACE, canonical(fields | {"time": instant_text(NOW - timedelta(days=30))}))


def drop_entry(tx: Connection) -> None:
    tx.execute(delete(events).where(events.c.id == entry_of(tx, PLACE)[0]))


def drop_row(tx: Connection) -> None:
    tx.execute(delete(log_positions).where(log_positions.c.position == PLACE))


def duplicate(tx: Connection) -> None:
    rewrite(tx, PLACE, entry_of(tx, PLACE - 1)[1])


def swap(tx: Connection) -> None:
    first, second = entry_of(tx, PLACE)[1], entry_of(tx, PLACE + 1)[1]
    rewrite(tx, PLACE, second)
    rewrite(tx, PLACE + 1, first)


@pytest.mark.parametrize(
    ("change", "what", "position"),
    [
        (change_entry, "entry_changed", PLACE),
        (change_entry_and_leaf, "node_changed", PLACE - 1),  # the pair above them is the first that shows it
        (change_leaf, "entry_changed", PLACE),
        (change_node, "node_changed", 4),
        (back_date, "entry_changed", PLACE),
        (drop_entry, "entry_missing", PLACE),
        (drop_row, "row_missing", PLACE),
        (duplicate, "entry_changed", PLACE),
        (swap, "entry_changed", PLACE),
    ],
)
def test_what_the_owner_of_the_database_changed_is_named_with_its_place(
    county: Watched, change: Callable[[Connection], None], what: str, position: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert county.verified() == 0, capsys.readouterr().out
    with county.tampering() as tx:
        change(tx)

    assert county.verified() == 1
    out = capsys.readouterr().out
    assert re.search(rf"{what}, at position {position}\b", out), out


def test_both_hashes_of_a_changed_entry_are_shown(county: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    with county.tampering() as tx:
        right, wrong = leaf_hash(entry_of(tx, PLACE)[1]), leaf_hash(forged(tx, PLACE))
        change_entry(tx)

    county.verified()

    assert f"expected {right.hex()}, found {wrong.hex()}" in capsys.readouterr().out


def test_a_changed_checkpoint_is_tampering(county: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    with county.tampering() as tx:
        tx.execute(update(log_checkpoints).where(log_checkpoints.c.size == 8).values(root=bytes(32)))

    assert county.verified() == 1
    assert "checkpoint_row_changed" in capsys.readouterr().out


def test_a_checkpoint_by_another_key_is_not_trusted(county: Watched) -> None:
    with county.tampering() as tx:
        stranger = SigningKey.generate("county.example/registry")
        note = sign_checkpoint("county.example/registry", 8, Tree().root(tx, 8), stranger)
        tx.execute(update(log_checkpoints).where(log_checkpoints.c.size == 8).values(note=note))

    assert county.verified() == 3


def test_a_checkpoint_that_is_no_note_is_unreadable(county: Watched) -> None:
    with county.tampering() as tx:
        tx.execute(update(log_checkpoints).where(log_checkpoints.c.size == 8).values(note="nothing\n"))

    assert county.verified() == 2


def test_a_sealed_part_that_was_exchanged_or_taken_away_is_tampering(
    county: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    with county.tampering() as tx:
        tx.execute(update(vault_parts).where(vault_parts.c.purpose == "contact").values(ciphertext=bytes(40)))
    assert county.verified() == 1
    assert "sealed_part_changed, at position 9" in capsys.readouterr().out

    with county.tampering() as tx:
        tx.execute(delete(vault_parts).where(vault_parts.c.purpose == "contact"))
    assert county.verified() == 1
    assert "sealed_part_missing, at position 9" in capsys.readouterr().out


def test_a_tail_cut_off_and_signed_again_is_rolled_back_by_what_the_witness_keeps(
    county: Watched, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut(county, 8)
    forget_outside(tmp_path)

    assert county.verified() == 4
    assert re.search(r"rolled_back, at position 8 to 11\b", capsys.readouterr().out)


def test_a_tail_cut_off_is_rolled_back_by_the_directory_outside_alone(
    county: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    cut(county, 8)
    county.witnesses.clear()

    assert county.verified() == 4
    assert "rolled_back, at position 8 to 11" in capsys.readouterr().out


def test_a_log_rewritten_from_the_middle_and_signed_with_the_right_key_is_contradicted_by_its_witness(
    county: Watched, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut(county, 10)
    with county.tampering() as tx:
        tx.execute(delete(log_checkpoints).where(log_checkpoints.c.size > 8))
    county.record(2)
    county.sign()
    forget_outside(tmp_path)

    assert county.verified() == 4
    out = capsys.readouterr().out
    assert re.search(r"split, at position 8 to 11, expected [0-9a-f]{64}, found [0-9a-f]{64}", out), out

    county.restart()
    county.cosign()
    assert county.cosigning.contradicting() == ["alerts"]
    assert county.verified() == 4
    assert "contradiction_on_record (split)" in capsys.readouterr().out


def test_a_time_far_outside_its_neighbouring_checkpoints_is_reported(
    county: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    present = county.clock.now()
    county.clock.move(-86_400)
    county.record(1)
    county.clock.move((present - county.clock.now()).total_seconds() + 60)
    county.cosign()

    assert county.verified() == 5
    said = capsys.readouterr().out
    assert "whole, but some times stand back" in said
    assert f"time_stands_back, at position {SIZE}" in said
    assert county.verified(accept_late=90_000) == 0
    assert f"warning: time_stands_back, at position {SIZE}" in capsys.readouterr().out


def test_a_log_without_a_signature_is_signed_only_when_it_is_whole(county: Watched) -> None:
    county.record(1)
    with county.tampering() as tx:
        event_id, _ = entry_of(tx, SIZE)
        tx.execute(update(events).where(events.c.id == event_id).values(entry=forged(tx, SIZE)))
    assert county.verified() == 1
    with county.rooms.database.read() as tx:
        assert tx.execute(select(func.max(log_checkpoints.c.size))).scalar_one() == SIZE


def forget_outside(folder: Path) -> None:
    """The directory outside is tidied too, by whoever holds the house."""
    for file in (folder / "outside" / "registry").iterdir():
        file.unlink()
