"""Erasing and restricting: what is gone is gone for good, what is restricted opens for two, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from shared.storage.database import Database
from shared.vault import openings
from shared.vault.erasing import Destroyed, destroy, lift, restrict, standing, standings
from shared.vault.errors import PersonErased
from shared.vault.tables import vault_attachments, vault_chunks, vault_keys, vault_parts, vault_persons
from shared.vault.vault import Vault
from tests.infrastructure.waiting import eventually
from tests.integration.vault.conftest import House, new, part

NAME = {"name": "𠮷"}


def test_an_erasure_empties_every_key_and_deletes_every_part_of_a_person_and_of_nobody_else(house: House) -> None:
    erased, other = new(), new()
    gone = house.seal(part(erased), part(erased), part(erased, "contact"))
    kept = house.seal(part(other))
    assert house.does(destroy, erased) == Destroyed(keys=2, parts=3)
    assert house.reopen(*gone) == [None] * 3
    assert house.reopen(*kept) == [NAME]
    with house.database.read() as tx:
        assert tx.execute(select(vault_parts.c.event_id).where(vault_parts.c.person == erased)).all() == []
        assert (
            tx.execute(select(vault_keys.c.wrapped).where(vault_keys.c.person == erased)).scalars().all() == [None] * 2
        )
        assert standings(tx, [erased, other]) == {erased: "erased", other: "normal"}


def test_erasing_again_takes_away_nothing_and_is_no_error(house: House) -> None:
    person = new()
    house.seal(part(person))
    house.does(destroy, person)
    assert house.does(destroy, person) == Destroyed(keys=0, parts=0)
    assert house.does(destroy, new()) == Destroyed(keys=0, parts=0)
    assert house.does(destroy) == Destroyed(keys=0, parts=0)


def test_nothing_is_sealed_for_who_was_erased(house: House) -> None:
    person, other = new(), new()
    house.seal(part(person))
    house.does(destroy, person)
    for purpose in ("identity", "health"):
        with pytest.raises(PersonErased) as refused:
            house.seal(part(other), part(person, purpose))
        assert (refused.value.code, refused.value.facts) == ("person_erased", {"person": person})
    with house.database.read() as tx:
        assert tx.execute(select(vault_keys.c.key_id).where(vault_keys.c.wrapped.is_not(None))).all() == []


def test_an_erasure_that_is_rolled_back_has_not_happened(house: House) -> None:
    person = new()
    sealed = house.seal(part(person))

    def destroy_and_fail(tx: Connection, person: str) -> None:
        destroy(tx, person)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        house.does(destroy_and_fail, person)
    assert house.reopen(*sealed) == [NAME]


def test_fetched_keys_go_too_and_do_not_come_back(house: House) -> None:
    person = new()
    with house.database.begin() as tx:
        (sealed,) = house.vault.seal(tx, [part(person)])
        fetched = house.vault.wrapped_keys(tx, {(person, "identity")})
    neighbour = Vault("alerts", house.vault.keyring, house.clock)
    house.does(destroy, person)
    with house.database.begin() as tx:
        neighbour.keep_keys(tx, fetched)
        neighbour.keep_keys(tx, [fetched[0] | {"key": new(), "created": "2027-01-01T00:00:00.000000Z"}])
        assert neighbour.missing(tx, [sealed.reference() | {"key": new()}]) == set()
        assert tx.execute(select(vault_keys.c.wrapped)).scalars().all() == [None]


@pytest.mark.parametrize("count", [1, 300])
def test_an_erasure_takes_as_many_statements_for_one_as_for_many(house: House, count: int) -> None:
    people = [new() for _ in range(count)]
    house.seal(*(part(person, purpose) for person in people for purpose in ("identity", "contact")))
    said: list[str] = []
    with house.database.begin() as tx:
        event.listen(tx, "before_cursor_execute", lambda _c, _cursor, statement, *_: said.append(statement))
        assert destroy(tx, *people) == Destroyed(keys=2 * count, parts=2 * count)
        statements = len(said)
    assert statements == (7 if house.database.is_sqlite else 1)


def test_a_restricted_person_is_kept_and_not_opened_until_the_restriction_is_lifted(house: House) -> None:
    person = new()
    sealed = house.seal(part(person), part(person, "contact"), part(new()))
    house.does(restrict, person)
    assert house.does(standing, person) == "restricted"
    assert house.reopen(*sealed) == [None, None, NAME]
    house.does(restrict, person)
    sealed += house.seal(part(person))
    house.does(lift, person)
    assert house.does(standing, person) == "normal"
    assert house.reopen(*sealed) == [NAME] * 4


def test_what_a_neighbour_sends_of_a_restricted_person_is_not_opened_either(house: House) -> None:
    person = new()
    (sealed,) = house.seal(part(person))
    with house.database.begin() as tx:
        shipped = house.vault.parts_for(tx, [sealed.event_id], ["identity"])[sealed.event_id]
        carried = {(sealed.event_id, name): content for name, content in shipped.items()}
        asked, place = [(sealed.event_id, sealed.reference())], (sealed.event_id, sealed.part)
        assert house.vault.open_carried(tx, asked, carried) == {place: NAME}
        restrict(tx, person)
        assert house.vault.open_carried(tx, asked, carried) == {place: None}


def test_who_was_erased_is_neither_restricted_nor_lifted(house: House) -> None:
    person = new()
    house.does(restrict, person)
    house.does(destroy, person)
    for act in (restrict, lift):
        with pytest.raises(PersonErased):
            house.does(act, person)
    assert house.does(standing, person) == "erased"


def test_two_people_together_open_a_restricted_person_and_nobody_else(house: House) -> None:
    person, other, opening = new(), new(), new()
    sealed = house.seal(part(person), part(other))
    for one in (person, other):
        house.does(restrict, one)
    _begun(house, opening, person)
    for reader in ("first", "second"):
        with house.database.read() as tx:
            assert _contents(house.vault, tx, sealed) == [None, None]
            assert house.vault.open_to(tx, by=reader, child=person) == [opening]
            assert _contents(house.vault, tx, sealed) == [NAME, None]
        assert house.reopen(*sealed) == [None, None], "the next transaction opens nothing by itself"
    with house.database.read() as tx:
        assert house.vault.open_to(tx, by="third", child=person) == []
        assert house.vault.open_to(tx, by="first", child=other) == []
        assert _contents(house.vault, tx, sealed) == [None, None]


def test_who_stands_on_a_card_is_opened_with_the_child(house: House) -> None:
    child, contact, stranger = new(), new(), new()
    sealed = house.seal(part(child), part(contact), part(stranger))
    for one in (child, contact, stranger):
        house.does(restrict, one)
    _begun(house, new(), child, contact)
    with house.database.read() as tx:
        house.vault.open_to(tx, by="first", child=child)
        assert _contents(house.vault, tx, sealed) == [NAME, NAME, None]


def test_a_restricted_file_is_read_by_two_together(house: House) -> None:
    person = new()
    name, kept = house.attach(person, b"kept")
    house.does(restrict, person)
    _begun(house, new(), person)
    with house.database.read() as tx:
        assert house.files.read(tx, name, kept.reference(), number=1, count=1) is None
        house.vault.open_to(tx, by="second", child=person)
        assert house.files.read(tx, name, kept.reference(), number=1, count=1) == b"kept"


def test_one_person_is_never_both_neither_here_nor_in_the_database(house: House) -> None:
    person, now = new(), house.clock.now()
    usual: dict[str, Any] = {"until": now + timedelta(minutes=30), "now": now}
    with house.database.begin() as tx, pytest.raises(ValueError, match="two people"):
        openings.begin(tx, new(), person, [person], asked_by="first", approved_by="first", **usual)
    row = {"opening": new(), "person": person, "child": person, "asked_by": "first", "approved_by": "first"}
    with pytest.raises(DBAPIError), house.database.begin() as tx:
        tx.execute(insert(openings.vault_openings).values(**row, until=now))


def test_an_opening_is_over_in_time_is_cleared_away_and_is_not_begun_late(house: House) -> None:
    person, opening = new(), new()
    sealed = house.seal(part(person))
    house.does(restrict, person)
    _begun(house, opening, person)
    house.clock.move(1800)
    with house.database.read() as tx:
        assert house.vault.open_to(tx, by="first", child=person) == []
        assert _contents(house.vault, tx, sealed) == [None]
    _begun(house, new(), person, until=house.clock.now())
    with house.database.read() as tx:
        assert tx.execute(select(openings.vault_openings)).all() == []


def test_an_opening_lasts_an_hour_at_most_and_can_be_ended(house: House) -> None:
    person, opening = new(), new()
    house.does(restrict, person)
    _begun(house, new(), person, until=house.clock.now() + timedelta(hours=2))
    house.clock.move(3600)
    with house.database.read() as tx:
        assert house.vault.open_to(tx, by="first", child=person) == []
    _begun(house, opening, person)
    _begun(house, opening, person)
    house.does(openings.end, opening)
    house.does(openings.end, opening)
    with house.database.read() as tx:
        assert house.vault.open_to(tx, by="first", child=person) == []


def test_an_erasure_ends_the_openings_of_the_person(house: House) -> None:
    person, opening = new(), new()
    sealed = house.seal(part(person))
    house.does(restrict, person)
    _begun(house, opening, person)
    with house.database.begin() as tx:
        house.vault.open_to(tx, by="first", child=person)
        destroy(tx, person)
        assert _contents(house.vault, tx, sealed) == [None]
        assert house.vault.open_to(tx, by="first", child=person) == []


@pytest.mark.parametrize("role", ["application", "owner"])
@pytest.mark.parametrize(
    "statement",
    [
        delete(vault_parts),
        update(vault_parts).values(ciphertext=b"changed"),
        delete(vault_attachments),
        update(vault_attachments).values(part="another"),
        delete(vault_chunks),
        update(vault_chunks).values(ciphertext=b"changed"),
        delete(vault_keys),
        update(vault_keys).values(person="someone"),
        update(vault_keys).where(vault_keys.c.wrapped.is_(None)).values(wrapped=b"revived"),
        delete(vault_persons),
        update(vault_persons).values(standing="normal"),
        text("INSERT INTO vault_persons VALUES ('p', 'dead')"),
    ],
    ids=str,
)
def test_the_database_itself_refuses_what_only_an_erasure_may_do(house: House, role: str, statement: Any) -> None:
    erased, other = new(), new()
    house.seal(part(erased), part(other))
    house.attach(other)
    house.does(destroy, erased)
    database = house.owner if role == "owner" else house.database
    with pytest.raises(DBAPIError), database.begin() as tx:
        tx.execute(statement)


def test_no_live_key_is_ever_stored_for_who_was_erased(house: House) -> None:
    person = new()
    house.does(destroy, person)
    row = {"key_id": new(), "person": person, "purpose": "identity", "wrapped": b"x", "kek": "1"}
    with house.database.begin() as tx:
        tx.execute(insert(vault_keys).values(row | {"created": house.clock.now()}))
        assert tx.execute(select(vault_keys)).all() == []


def test_a_part_that_is_sealed_while_the_person_is_erased_does_not_outlive_the_erasure(house: House) -> None:
    """Whichever comes first: both a person with a key and one whose first key is just being made."""
    if house.database.is_sqlite:
        pytest.skip("one transaction writes at a time")
    for known in (True, False):
        person = new()
        if known:
            house.seal(part(person))
        with ThreadPoolExecutor(1) as pool:
            with house.database.begin() as tx:
                sealed = house.vault.seal(tx, [part(person)])
                erasing = pool.submit(house.does, destroy, person)
                _until_one_waits(house.database)
            assert erasing.result(10) == Destroyed(keys=1, parts=2 if known else 1)
        assert house.reopen(*sealed) == [None]


def test_a_part_that_waits_for_an_erasure_is_refused(house: House) -> None:
    if house.database.is_sqlite:
        pytest.skip("one transaction writes at a time")
    for known in (True, False):
        person = new()
        if known:
            house.seal(part(person))
        with ThreadPoolExecutor(1) as pool:
            with house.database.begin() as tx:
                destroy(tx, person)
                sealing = pool.submit(house.seal, part(person))
                _until_one_waits(house.database)
            with pytest.raises(PersonErased):
                sealing.result(10)


def _begun(house: House, opening: str, *people: str, until: datetime | None = None) -> None:
    """First and second read together what is restricted about the first of these people, and the others on its card."""
    now = house.clock.now()
    end = until or now + timedelta(minutes=30)
    with house.database.begin() as tx:
        openings.begin(tx, opening, people[0], people, asked_by="first", approved_by="second", until=end, now=now)


def _contents(vault: Vault, tx: Connection, sealed: Any) -> list[Any]:
    return list(vault.open(tx, [(one.event_id, one.reference()) for one in sealed]).values())


def _until_one_waits(database: Database) -> None:
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def waiting() -> bool:
        with database.read() as tx:
            return bool(tx.execute(waits).scalar_one())

    eventually(waiting)
