"""The vault on PostgreSQL: keys made by many at once, and the same answers as on SQLite."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.engine import make_url

from shared.kernel.clock import SystemClock
from shared.kernel.messages import PURPOSES
from shared.storage.database import Database
from shared.vault.errors import Tampered
from shared.vault.keyring import Keyring
from shared.vault.tables import metadata, vault_keys, vault_parts
from shared.vault.vault import SealedPart, SealRequest, Vault
from tests.infrastructure.services import TestServices


@pytest.fixture(scope="module", params=["psycopg2", "psycopg"])
def database(request: pytest.FixtureRequest, services: TestServices) -> Iterator[Database]:
    url = make_url(services.database_url).set(drivername=f"postgresql+{request.param}")
    name = f"shouwang_vault_{uuid.uuid4().hex}"
    server = Database(url.render_as_string(hide_password=False))
    outside = server.engine.execution_options(isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    made = Database(url.set(database=name).render_as_string(hide_password=False))
    try:
        with made.begin() as tx:
            metadata.create_all(tx)
        yield made
    finally:
        made.dispose()
        with outside.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    path: Path = tmp_path_factory.mktemp("keys")
    return Keyring.create(path, PURPOSES)


@pytest.fixture
def vault(keyring: Keyring) -> Vault:
    return Vault("registry", keyring, SystemClock())


def new() -> str:
    return str(uuid.uuid4())


def request_for(person: str, purpose: str = "identity") -> SealRequest:
    return SealRequest(event_id=new(), part=f"child.{purpose}", person=person, purpose=purpose, content={"name": "𠮷"})


def reopen(vault: Vault, database: Database, sealed: list[SealedPart]) -> list[dict[str, Any] | None]:
    with database.read() as tx:
        return list(vault.open(tx, [(one.event_id, one.reference()) for one in sealed]).values())


def test_many_that_seal_for_the_same_people_at_once_agree_on_their_keys(database: Database, vault: Vault) -> None:
    people = [new() for _ in range(5)]
    writers = 8
    together = threading.Barrier(writers)

    def seal(number: int) -> list[SealedPart]:
        # Each names the people in another order: made in that order, keys would wait for each other in a circle.
        mine = people[number % 5 :] + people[: number % 5]
        requests = [request_for(person, purpose) for person in mine for purpose in ("identity", "contact")]
        together.wait(10)
        with database.begin() as tx:
            return vault.seal(tx, requests)

    with ThreadPoolExecutor(writers) as pool:
        sealed = [one for parts in pool.map(seal, range(writers)) for one in parts]
    assert len({one.key for one in sealed}) == 10
    assert reopen(vault, database, sealed) == [{"name": "𠮷"}] * 80
    with database.read() as tx:
        live = select(func.count()).select_from(vault_keys).where(vault_keys.c.person.in_(people))
        assert tx.execute(live).scalar_one() == 10


def test_one_waits_for_the_other_and_takes_over_when_the_other_gives_up(database: Database, vault: Vault) -> None:
    person = new()
    with ThreadPoolExecutor(1) as pool:
        with database.engine.connect() as connection:
            first = connection.begin()
            (given_up,) = vault.seal(connection, [request_for(person)])

            def second() -> list[SealedPart]:
                with database.begin() as tx:
                    return vault.seal(tx, [request_for(person)])

            waiting = pool.submit(second)
            _until_one_waits(database)
            first.rollback()
            sealed = waiting.result(10)
    assert sealed[0].key != given_up.key
    assert reopen(vault, database, sealed) == [{"name": "𠮷"}]


def test_the_number_of_statements_does_not_grow_with_the_parts(database: Database, vault: Vault) -> None:
    requests = [request_for(new()) for _ in range(500)]
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    with database.begin() as tx:
        event.listen(tx, "before_cursor_execute", note)
        sealed = vault.seal(tx, requests)
        assert len(said) == 4
        assert len(vault.open(tx, [(one.event_id, one.reference()) for one in sealed])) == 500
        assert len(said) == 6


def test_any_number_of_parts_is_opened_at_once(database: Database, vault: Vault) -> None:
    absent = [(new(), request_reference()) for _ in range(70_000)]
    with database.read() as tx:
        assert set(vault.open(tx, absent).values()) == {None}


def request_reference() -> dict[str, str]:
    return {"part": "p", "person": "p", "purpose": "identity", "key": new(), "commitment": "c"}


def test_a_changed_part_is_detected(database: Database, vault: Vault) -> None:
    with database.begin() as tx:
        (sealed,) = vault.seal(tx, [request_for(new())])
        tx.execute(vault_parts.update().where(vault_parts.c.event_id == sealed.event_id).values(ciphertext=b"x" * 40))
    with pytest.raises(Tampered):
        reopen(vault, database, [sealed])


def test_neighbours_that_keep_the_same_keys_at_once_keep_them_once(
    database: Database, vault: Vault, keyring: Keyring
) -> None:
    neighbour = Vault("alerts", keyring, SystemClock())
    with database.begin() as tx:
        sealed = vault.seal(tx, [request_for(new()) for _ in range(20)])
        pairs = {(one.person, one.purpose) for one in sealed}
        keys = vault.wrapped_keys(tx, pairs)
        tx.execute(vault_keys.delete().where(vault_keys.c.key_id.in_([one.key for one in sealed])))
    together = threading.Barrier(4)

    def keep(number: int) -> None:
        together.wait(10)
        with database.begin() as tx:
            neighbour.keep_keys(tx, keys[number:] + keys[:number])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, range(4)))
    assert reopen(neighbour, database, sealed) == [{"name": "𠮷"}] * 20


def _until_one_waits(database: Database) -> None:
    """Until a transaction of this database waits for a lock; fails after ten seconds."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    pause = threading.Event()
    for _ in range(1000):
        with database.read() as tx:
            if tx.execute(waits).scalar_one():
                return
        pause.wait(0.01)
    pytest.fail("nobody waits")
