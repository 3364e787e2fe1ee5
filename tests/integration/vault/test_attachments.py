"""Files in chunks: what comes out is what went in, or it is found; kept, restricted and erased as parts are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text

from shared.kernel.refusals import NotFound
from shared.vault.attachments import CHUNK, MOST_CHUNKS, WAITS, commitments
from shared.vault.erasing import Destroyed, destroy, lift, restrict
from shared.vault.errors import PersonErased, Tampered
from shared.vault.tables import vault_attachments, vault_chunks, vault_uploads
from tests.infrastructure.database import TestDatabase
from tests.integration.vault.conftest import House, new

CANARY = b"a yellow bird in a letter " * 8


def chunks_of(size: int) -> list[bytes]:
    content = os.urandom(size)
    return [content[start : start + CHUNK] for start in range(0, size, CHUNK)]


def rows(house: House) -> list[int]:
    with house.database.read() as tx:
        tables = (vault_uploads, vault_attachments, vault_chunks)
        return [tx.execute(select(func.count()).select_from(table)).scalar() or 0 for table in tables]


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, MOST_CHUNKS * CHUNK])
def test_a_file_comes_out_as_it_went_in(house: House, size: int) -> None:
    chunks = chunks_of(size)
    attached = house.attach(new(), *chunks)
    assert house.download(attached, len(chunks)) == chunks
    assert rows(house) == [0, 1, len(chunks)]


@pytest.mark.parametrize(
    ("number", "count", "size"), [(1, 1, 0), (1, 1, CHUNK + 1), (1, 2, 5), (3, 2, 5), (0, 1, 5), (11, 11, 1)]
)
def test_what_is_no_chunk_of_a_file_does_not_come_in(house: House, number: int, count: int, size: int) -> None:
    with pytest.raises(ValueError, match="not a chunk"), house.database.begin() as tx:
        house.files.put(
            tx,
            new(),
            number=number,
            count=count,
            content=bytes(size),
            owner="somebody",
            person=new(),
            purpose="identity",
        )


def test_what_waits_is_opened_to_be_looked_at_and_stands_nowhere_in_the_clear(house: House) -> None:
    name = house.bring(new(), CANARY)
    with house.database.begin() as tx:
        waiting = house.files.waiting(tx, name)
        assert waiting is not None
        assert (waiting.whole, waiting.size) == (True, len(CANARY))
        assert list(house.files.opened(tx, waiting)) == [CANARY]
        assert CANARY not in bytes(tx.execute(select(vault_uploads.c.ciphertext)).scalar_one())


def test_a_file_of_which_a_chunk_lacks_is_not_kept(house: House) -> None:
    name, person = new(), new()
    first, _second = chunks_of(CHUNK + 1)
    with house.database.begin() as tx:
        house.files.put(tx, name, number=1, count=2, content=first, owner="somebody", person=person, purpose="identity")
    with pytest.raises(NotFound), house.database.begin() as tx:
        house.files.keep(tx, name, event_id=new(), part="child.identity.file", person=person, purpose="identity")


def test_a_file_is_not_kept_for_another_person_than_it_came_in_for(house: House) -> None:
    name = house.bring(new(), b"%PDF")
    with pytest.raises(NotFound), house.database.begin() as tx:
        house.files.keep(tx, name, event_id=new(), part="child.identity.file", person=new(), purpose="identity")


def test_a_chunk_that_comes_twice_is_one_and_nobody_else_adds_to_a_file(house: House) -> None:
    name, person = new(), new()
    house.bring(person, b"first try", attachment=name)
    house.bring(person, b"second try", attachment=name)
    assert rows(house) == [1, 0, 0]
    with pytest.raises(NotFound), house.database.begin() as tx:
        house.files.put(
            tx, name, number=1, count=1, content=b"mine", owner="another", person=person, purpose="identity"
        )


def test_a_chunk_that_comes_again_after_its_file_was_kept_changes_nothing(house: House) -> None:
    person = new()
    attached = house.attach(person, b"kept")
    house.bring(person, b"late", attachment=attached[0])
    assert rows(house) == [0, 1, 1]
    assert house.download(attached) == [b"kept"]


def test_what_nobody_attaches_is_dropped_after_a_day(house: House) -> None:
    house.bring(new(), b"forgotten")
    house.clock.move(WAITS.total_seconds() + 1)
    house.bring(new(), b"new")
    assert rows(house) == [1, 0, 0]


def swapped(tx: Connection, name: str) -> None:
    for before, after in ((1, 9), (2, 1), (9, 2)):
        tx.execute(_renumbered, {"before": before, "after": after, "name": name})


def doubled(tx: Connection, name: str) -> None:
    tx.execute(_DELETED, {"name": name, "number": 2})
    tx.execute(
        text(
            "INSERT INTO vault_chunks (attachment, number, person, ciphertext)"
            " SELECT attachment, 2, person, ciphertext FROM vault_chunks WHERE attachment = :name AND number = 1"
        ),
        {"name": name},
    )


def cut(tx: Connection, name: str) -> None:
    tx.execute(_DELETED, {"name": name, "number": 3})


def lengthened(tx: Connection, name: str) -> None:
    tx.execute(
        text(
            "INSERT INTO vault_chunks (attachment, number, person, ciphertext)"
            " SELECT attachment, 4, person, ciphertext FROM vault_chunks WHERE attachment = :name AND number = 3"
        ),
        {"name": name},
    )


_renumbered = text("UPDATE vault_chunks SET number = :after WHERE attachment = :name AND number = :before")
_DELETED = text("DELETE FROM vault_chunks WHERE attachment = :name AND number = :number")


@pytest.mark.parametrize("change", [swapped, doubled, cut, lengthened])
def test_a_change_behind_the_systems_back_is_found_by_who_reads_and_by_who_audits(house: House, change: Any) -> None:
    attached = house.attach(new(), *chunks_of(2 * CHUNK + 7))
    name, kept = attached
    with house.owner.begin() as tx:
        _unguarded(tx, house.owner.is_sqlite)
        change(tx, name)
    with pytest.raises(Tampered):
        house.download(attached, 3)
    with house.database.read() as tx:
        assert commitments(tx, [kept.event_id])[kept.event_id, kept.part] != kept.commitment


@pytest.mark.parametrize("change", [swapped, doubled])
def test_a_chunk_opens_in_its_own_place_only_even_where_nobody_asks_for_the_commitment(
    house: House, change: Any
) -> None:
    name, kept = house.attach(new(), *chunks_of(2 * CHUNK + 7))
    with house.owner.begin() as tx:
        _unguarded(tx, house.owner.is_sqlite)
        change(tx, name)
    with pytest.raises(Tampered), house.database.read() as tx:
        house.files.read(tx, name, kept.reference(), number=2, count=3)
    with pytest.raises(Tampered), house.database.read() as tx:
        house.files.read(tx, name, kept.reference(), number=3, count=2)


def test_an_untouched_file_is_what_its_entry_commits_to(house: House) -> None:
    _name, kept = house.attach(new(), *chunks_of(CHUNK + 1))
    with house.database.read() as tx:
        assert commitments(tx, [kept.event_id]) == {(kept.event_id, kept.part): kept.commitment}


def test_a_restricted_persons_file_is_kept_and_not_opened(house: House) -> None:
    person = new()
    attached = house.attach(person, b"kept")
    house.does(restrict, person)
    assert house.download(attached) == [None]
    house.does(lift, person)
    assert house.download(attached) == [b"kept"]


def test_an_erased_persons_files_are_gone_and_nobody_elses(house: House) -> None:
    person, other = new(), new()
    gone, kept = house.attach(person, b"gone"), house.attach(other, b"kept")
    waiting = house.bring(person, b"on its way")
    assert house.does(destroy, person) == Destroyed(keys=1, parts=0, attachments=1)
    assert rows(house) == [0, 1, 1]
    assert (house.download(gone), house.download(kept)) == ([None], [b"kept"])
    with pytest.raises(PersonErased):
        house.bring(person, b"another")
    with pytest.raises(PersonErased), house.database.begin() as tx:
        house.files.keep(tx, waiting, event_id=new(), part="child.identity.file", person=person, purpose="identity")


def test_nothing_of_an_erased_file_is_left_in_the_database_file(house: House, test_database: TestDatabase) -> None:
    if not house.database.is_sqlite:
        pytest.skip("PostgreSQL has no file of its own for a table's past")
    person = new()
    name, _kept = house.attach(person, CANARY)
    with house.database.read() as tx:
        query = select(vault_chunks.c.ciphertext).where(vault_chunks.c.attachment == name)
        ciphertext = bytes(tx.execute(query).scalar_one())
    path = Path(test_database.owner_url.removeprefix("sqlite:///"))

    def held() -> bytes:
        with house.owner.engine.connect() as raw:
            raw.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()

    assert ciphertext[40:80] in held()
    assert CANARY[:40] not in held()
    house.does(destroy, person)
    assert ciphertext[40:80] not in held()


def _unguarded(tx: Connection, sqlite: bool) -> None:
    for action in ("update", "delete"):
        statement = f"DROP TRIGGER vault_chunks_no_{action}" + ("" if sqlite else " ON vault_chunks")
        tx.execute(text(statement))
