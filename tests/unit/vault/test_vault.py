"""Sealing and opening: what goes in comes out, for those who may, unless it was changed or erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shared.kernel.clock import FixedClock
from shared.vault.errors import KeyringError, NotEntitled, Tampered
from shared.vault.keyring import Keyring
from shared.vault.tables import vault_keys, vault_parts
from shared.vault.vault import Vault
from tests.unit.vault.conftest import House
from tests.unit.vault.controls import counted, destroy, new, reopen, request, seal

many = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@many
@given(content=st.dictionaries(st.text(), json, max_size=5))
def test_what_is_sealed_opens_again(registry: House, content: dict[str, Any]) -> None:
    (sealed,) = seal(registry, request(content=content))
    assert reopen(registry, sealed) == [content]


@many
@given(data=st.data())
def test_any_changed_byte_of_a_stored_part_is_detected(registry: House, data: st.DataObject) -> None:
    (sealed,) = seal(registry, request())
    where = vault_parts.c.event_id == sealed.event_id
    with registry.database.begin() as tx:
        row = tx.execute(select(vault_parts).where(where)).one()
        column = data.draw(st.sampled_from(["ciphertext", "blind"]))
        changed = bytearray(row._mapping[column])
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
        tx.execute(update(vault_parts).where(where).values({column: bytes(changed)}))
    with pytest.raises(Tampered):
        reopen(registry, sealed)


@many
@given(data=st.data())
def test_any_changed_byte_of_a_wrapped_key_is_detected(registry: House, data: st.DataObject) -> None:
    (sealed,) = seal(registry, request())
    where = vault_keys.c.key_id == sealed.key
    with registry.database.begin() as tx:
        changed = bytearray(tx.execute(select(vault_keys.c.wrapped).where(where)).scalar_one())
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
        tx.execute(update(vault_keys).where(where).values(wrapped=bytes(changed)))
    with pytest.raises(Tampered):
        reopen(registry, sealed)


@pytest.mark.parametrize("field", ["person", "purpose"])
def test_a_reference_that_names_another_person_or_purpose_opens_nothing(registry: House, field: str) -> None:
    (sealed,) = seal(registry, request())
    with pytest.raises(Tampered):
        reopen(registry, sealed, **{field: "contact" if field == "purpose" else new()})


def test_a_part_moved_to_another_event_opens_nothing(registry: House) -> None:
    person = new()
    mine, other = seal(registry, request(person=person), request(person=person))
    with registry.database.begin() as tx:
        tx.execute(vault_parts.delete().where(vault_parts.c.event_id == other.event_id))
        tx.execute(update(vault_parts).where(vault_parts.c.event_id == mine.event_id).values(event_id=other.event_id))
    with pytest.raises(Tampered):
        reopen(registry, other, commitment=mine.commitment)


def test_equal_contents_look_different(registry: House) -> None:
    person = new()
    sealed = seal(registry, request(person=person), request(person=person))
    assert sealed[0].key == sealed[1].key
    with registry.database.read() as tx:
        rows = tx.execute(select(vault_parts.c.ciphertext, vault_parts.c.blind)).all()
    assert rows[0].ciphertext != rows[1].ciphertext
    assert rows[0].blind != rows[1].blind


def test_nothing_readable_is_stored(registry: House, tmp_path: Any) -> None:
    seal(registry, request(content={"phone": "000-7777-0001"}))
    registry.database.dispose()
    for file in tmp_path.glob("registry.sqlite*"):
        assert b"000-7777-0001" not in file.read_bytes()


def test_a_reference_says_what_the_entry_needs_and_no_more(registry: House) -> None:
    (sealed,) = seal(registry, request())
    assert set(sealed.reference()) == {"part", "person", "purpose", "key", "commitment"}
    assert len(bytes.fromhex(sealed.commitment)) == 32


def test_a_person_has_one_key_for_each_purpose(registry: House) -> None:
    person = new()
    first = seal(registry, request(person=person), request(person=person, purpose="contact", part="child.contact"))
    again = seal(registry, request(person=person))
    assert first[0].key == again[0].key != first[1].key


def test_parts_are_answered_in_the_order_of_the_requests(registry: House) -> None:
    requests = [request(purpose=purpose) for purpose in ("health", "contact", "identity", "contact")]
    assert [one.event_id for one in seal(registry, *requests)] == [one.event_id for one in requests]


def test_sealing_nothing_says_nothing_to_the_database(registry: House) -> None:
    with registry.database.begin() as tx, counted(tx) as said:
        assert registry.vault.seal(tx, []) == []
        assert registry.vault.open(tx, []) == {}
    assert said == []


def test_what_is_rolled_back_leaves_no_key(registry: House) -> None:
    twice = request()
    with pytest.raises(IntegrityError), registry.database.begin() as tx:
        registry.vault.seal(tx, [twice, twice])
    with registry.database.read() as tx:
        assert tx.execute(select(vault_keys)).all() == tx.execute(select(vault_parts)).all() == []


@pytest.mark.parametrize("count", [1, 40, 3000])
def test_the_number_of_statements_does_not_grow_with_the_parts(registry: House, count: int) -> None:
    requests = [request() for _ in range(count)]
    with registry.database.begin() as tx, counted(tx) as said:
        sealed = registry.vault.seal(tx, requests)
    assert len(said) == 4
    with registry.database.read() as tx, counted(tx) as said:
        assert len(registry.vault.open(tx, [(one.event_id, one.reference()) for one in sealed])) == count
    assert len(said) == 2


def test_a_purpose_without_its_key_encryption_key_is_neither_sealed_nor_opened(
    house: Callable[..., House], registry: House
) -> None:
    (sealed,) = seal(registry, request())
    poorer = house("registry", "contact")
    with pytest.raises(NotEntitled):
        seal(poorer, request())
    assert reopen(poorer, sealed) == [None]


def test_a_lost_key_encryption_key_is_no_erasure(registry: House, clock: FixedClock, tmp_path: Any) -> None:
    (sealed,) = seal(registry, request())
    stranger = Vault("registry", Keyring.create(tmp_path / "other-keys", ["identity"]), clock)
    with pytest.raises(KeyringError):
        reopen(House(stranger, registry.database), sealed)


def test_a_deleted_part_opens_as_nothing(registry: House) -> None:
    sealed = seal(registry, request(), request())
    with registry.database.begin() as tx:
        tx.execute(vault_parts.delete().where(vault_parts.c.event_id == sealed[0].event_id))
    assert reopen(registry, *sealed) == [None, {"name": "阿依古丽·买买提"}]


def test_a_part_whose_key_was_destroyed_opens_as_nothing(registry: House) -> None:
    (sealed,) = seal(registry, request())
    destroy(registry, sealed)
    assert reopen(registry, sealed) == [None]


def test_no_content_appears_in_the_repr_of_a_request() -> None:
    assert "买买提" not in repr(request())
