"""Keys wrapped anew under a newer key-encryption key, on both databases, while others seal, open and erase."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError

from shared.kernel.messages import PURPOSES
from shared.kernel.refusals import Refusal
from shared.vault import rewrapping
from shared.vault.erasing import destroy
from shared.vault.errors import KeyringError
from shared.vault.keyring import Keyring
from shared.vault.rewrapping import VAULT_KEYS
from shared.vault.rotating import kek_file, kek_ids, make_kek, remove_kek
from shared.vault.tables import vault_keys
from shared.vault.vault import Vault
from tests.integration.vault.conftest import House, new, part

NAME = {"name": "𠮷"}
ALL = (VAULT_KEYS,)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_keys_are_moved_in_steps_and_every_part_opens_before_between_and_after(house: House, keys: Path) -> None:
    sealed = house.seal(*(part(new()) for _ in range(5)), part(new(), "contact"))
    (old,) = kek_ids(keys, "identity")
    young = make_kek(keys, "identity")
    steps = []
    after = ""
    while (done := _step(house, after=after, limit=2)).last is not None:
        steps.append(done.done)
        after = done.last
        assert house.reopen(*sealed) == [NAME] * 6
    assert steps == [2, 2, 1]
    (contact,) = kek_ids(keys, "contact")
    assert _counts(house) == {("identity", young): 5, ("contact", contact): 1}
    assert _step(house).done == 0
    assert _close(house, old) is None
    assert remove_kek(keys, "identity", old)
    fresh = Vault("registry", Keyring.load(keys, PURPOSES), house.clock)
    with house.database.read() as tx:
        assert list(fresh.open(tx, [(one.event_id, one.reference()) for one in sealed]).values()) == [NAME] * 6


def test_a_step_that_does_not_end_leaves_nothing_behind(house: House, keys: Path) -> None:
    house.seal(*(part(new()) for _ in range(3)))
    before = _counts(house)
    make_kek(keys, "identity")

    def step_and_fail(tx: Connection) -> None:
        assert rewrapping.step(tx, house.vault.keyring, VAULT_KEYS, "identity").done == 3
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        house.does(step_and_fail)
    assert _counts(house) == before
    assert _step(house).done == 3


def test_a_reader_that_runs_takes_up_a_new_key_without_a_start(house: House, keys: Path) -> None:
    reader = Vault("registry", Keyring.load(keys, PURPOSES), house.clock)
    (sealed,) = house.seal(part(new()))
    make_kek(keys, "identity")
    _step(house)
    with house.database.read() as tx:
        assert list(reader.open(tx, [(sealed.event_id, sealed.reference())]).values()) == [NAME]


def test_what_is_sealed_after_a_new_key_was_made_is_wrapped_by_it_in_every_process(house: House, keys: Path) -> None:
    house.seal(part(new()))
    young = make_kek(keys, "identity")
    house.seal(part(new()))
    assert _counts(house)["identity", young] == 1


def test_destroyed_keys_are_not_moved_and_do_not_hold_an_old_key_back(house: House, keys: Path) -> None:
    gone = new()
    house.seal(part(gone), part(new()))
    house.does(destroy, gone)
    (old,) = kek_ids(keys, "identity")
    make_kek(keys, "identity")
    assert _step(house).done == 1
    assert _close(house, old) is None


def test_a_key_that_still_wraps_cannot_be_closed_and_a_closed_one_wraps_nothing(house: House, keys: Path) -> None:
    stale = Vault("registry", Keyring.load(keys, PURPOSES), house.clock)
    stale.keyring._directory = None  # a process that does not see the directory change
    house.seal(part(new()), part(new()))
    (old,) = kek_ids(keys, "identity")
    with pytest.raises(Refusal) as refused:
        _close(house, old)
    assert (refused.value.code, refused.value.facts["keys"]) == ("keys.kek_in_use", 2)
    make_kek(keys, "identity")
    _step(house)
    _close(house, old)
    _close(house, old)
    with pytest.raises(DBAPIError, match="closed"), house.database.begin() as tx:
        stale.seal(tx, [part(new())])
    with pytest.raises(DBAPIError, match="closed"), house.database.begin() as tx:
        tx.execute(update(vault_keys).values(kek=old))
    with pytest.raises(DBAPIError), house.owner.begin() as tx:
        tx.execute(text("DELETE FROM vault_closed"))


def test_a_key_is_not_closed_while_somebody_is_about_to_wrap_by_it(house: House, keys: Path) -> None:
    if house.database.is_sqlite:
        pytest.skip("one transaction writes at a time")
    (old,) = kek_ids(keys, "identity")
    with house.database.begin() as tx:
        house.vault.seal(tx, [part(new())])
        with ThreadPoolExecutor(1) as pool, pytest.raises(Refusal, match=r"keys\.kek_in_use"):
            pool.submit(_close, house, old).result(10)


def test_a_neighbour_keeps_a_key_under_the_newest_however_it_was_handed_out(house: House, keys: Path) -> None:
    person = new()
    with house.database.begin() as tx:
        house.vault.seal(tx, [part(person)])
        fetched = house.vault.wrapped_keys(tx, {(person, "identity")})
    neighbour = Vault("alerts", Keyring.load(keys, PURPOSES), house.clock)
    young = make_kek(keys, "identity")
    other = fetched[0] | {"created": "2027-01-01T00:00:00.000000Z"}
    with house.database.begin() as tx:
        # The same table serves as the neighbour's: there the key has another id, or the row would be in the way.
        key = house.vault.keyring.unwrap(
            base64.b64decode(other["wrapped"]), kek=other["kek"], key_id=other["key"], person=person, purpose="identity"
        )
        its = new()
        old = Keyring({"identity": {other["kek"]: house.vault.keyring._keks["identity"][other["kek"]]}}, b"")
        kek, wrapped = old.wrap(key, key_id=its, person=person, purpose="identity")
        neighbour.keep_keys(tx, [other | {"key": its, "kek": kek, "wrapped": base64.b64encode(wrapped).decode()}])
        assert tx.execute(select(vault_keys.c.kek).where(vault_keys.c.key_id == its)).scalar_one() == young


def test_a_key_that_was_changed_stops_its_step_by_name_and_nothing_is_moved(house: House, keys: Path) -> None:
    house.seal(*(part(new()) for _ in range(3)))
    make_kek(keys, "identity")
    with house.database.begin() as tx:
        broken = tx.execute(select(vault_keys.c.key_id).order_by(vault_keys.c.key_id.desc()).limit(1)).scalar_one()
        tx.execute(update(vault_keys).where(vault_keys.c.key_id == broken).values(wrapped=b"x" * 60))
    before = _counts(house)
    with pytest.raises(KeyringError, match=broken):
        _step(house)
    assert _counts(house) == before


def test_a_missing_and_a_foreign_key_are_named_before_anything_is_served(house: House, keys: Path) -> None:
    house.seal(part(new()), part(new(), "contact"))
    with house.database.read() as tx:
        rewrapping.check(tx, Keyring.load(keys, PURPOSES), ALL)
    (old,) = kek_ids(keys, "identity")
    own = kek_file(keys, "identity", old)
    content = own.read_bytes()
    make_kek(keys, "identity")
    own.unlink()
    with house.database.read() as tx, pytest.raises(KeyringError, match=f"{old}.*not held here"):
        rewrapping.check(tx, Keyring.load(keys, PURPOSES), ALL)
    Keyring.create(keys.parent / "other", PURPOSES)
    (other,) = (keys.parent / "other").glob("kek-identity-*")
    own.write_bytes(other.read_bytes())
    own.chmod(0o600)
    with house.database.read() as tx, pytest.raises(KeyringError, match=f"{old}.*not the one that was used"):
        rewrapping.check(tx, Keyring.load(keys, PURPOSES), ALL)
    own.write_bytes(content)
    with house.database.read() as tx:
        rewrapping.check(tx, Keyring.load(keys, PURPOSES), ALL)


def _step(house: House, *, after: str = "", limit: int = 500) -> rewrapping.Step:
    with house.database.begin() as tx:
        return rewrapping.step(tx, house.vault.keyring, VAULT_KEYS, "identity", after=after, limit=limit)


def _close(house: House, kek: str) -> None:
    with house.database.begin() as tx:
        rewrapping.close(tx, ALL, "identity", kek)


def _counts(house: House) -> dict[tuple[str, str], int]:
    with house.database.read() as tx:
        return rewrapping.counts(tx, ALL)
