"""Keys and parts between services: who makes them, who hands them out, who may open what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared.kernel.clock import FixedClock
from shared.vault import rewrapping
from shared.vault.errors import NotOwner, Tampered
from shared.vault.guards import guard_keks
from shared.vault.rewrapping import VAULT_KEYS
from shared.vault.rotating import kek_ids, make_kek
from shared.vault.tables import vault_keys
from tests.unit.vault.conftest import House
from tests.unit.vault.controls import carry, counted, destroy, hand_over, new, reopen, request, seal


def test_a_service_cannot_seal_for_a_purpose_of_another_without_the_persons_key(alerts: House) -> None:
    with pytest.raises(NotOwner):
        seal(alerts, request())


def test_a_service_seals_with_a_key_that_it_fetched(registry: House, alerts: House) -> None:
    (sealed,) = seal(registry, request())
    hand_over(registry, alerts, sealed)
    (theirs,) = seal(alerts, request(person=sealed.person, content={"name": "x"}))
    assert theirs.key == sealed.key
    assert reopen(alerts, theirs) == [{"name": "x"}]


def test_a_neighbour_opens_what_came_with_the_event(registry: House, alerts: House) -> None:
    (sealed,) = seal(registry, request())
    hand_over(registry, alerts, sealed)
    assert carry(registry, alerts, sealed, ["identity"]) == {"child.identity": {"name": "阿依古丽·买买提"}}


def test_a_neighbour_without_the_key_or_the_part_opens_nothing(registry: House, alerts: House) -> None:
    (sealed,) = seal(registry, request())
    assert carry(registry, alerts, sealed, ["identity"]) == {"child.identity": None}
    hand_over(registry, alerts, sealed)
    assert carry(registry, alerts, sealed, ["contact"]) == {"child.identity": None}


def test_a_part_changed_on_the_way_is_detected(registry: House, alerts: House) -> None:
    (sealed,) = seal(registry, request())
    hand_over(registry, alerts, sealed)
    with registry.database.read() as tx:
        ((ciphertext, blind),) = registry.vault.parts_for(tx, [sealed.event_id], ["identity"])[sealed.event_id].values()
    changed = {(sealed.event_id, sealed.part): (ciphertext[:-1] + b"\x00\x01", blind)}
    with alerts.database.read() as tx, pytest.raises(Tampered):
        alerts.vault.open_carried(tx, [(sealed.event_id, sealed.reference())], changed)


def test_a_reader_is_shipped_its_purposes_only(registry: House) -> None:
    event_id = new()
    seal(registry, request(event_id=event_id), request(event_id=event_id, purpose="health", part="child.health"))
    with registry.database.read() as tx:
        assert registry.vault.parts_for(tx, [event_id, new()], ["health"]).keys() == {event_id}
        assert registry.vault.parts_for(tx, [event_id], ["health"])[event_id].keys() == {"child.health"}
        assert registry.vault.parts_for(tx, [event_id], []) == registry.vault.parts_for(tx, [], ["health"]) == {}


def test_only_the_owner_hands_out_keys(registry: House, alerts: House) -> None:
    (sealed,) = seal(registry, request())
    hand_over(registry, alerts, sealed)
    with alerts.database.read() as tx, pytest.raises(NotOwner):
        alerts.vault.wrapped_keys(tx, {(sealed.person, "identity")})


def test_the_owner_takes_no_keys_from_others(registry: House) -> None:
    (sealed,) = seal(registry, request())
    with registry.database.begin() as tx, pytest.raises(ValueError, match="itself"):
        registry.vault.keep_keys(tx, registry.vault.wrapped_keys(tx, {(sealed.person, "identity")}))


def test_keys_are_handed_out_for_the_pairs_that_were_asked_for(registry: House) -> None:
    one, other = seal(registry, request(), request(purpose="contact"))
    with registry.database.read() as tx:
        keys = registry.vault.wrapped_keys(
            tx, {(one.person, "identity"), (other.person, "identity"), (new(), "contact")}
        )
    assert [key["key"] for key in keys] == [one.key]
    assert all(isinstance(value, str) for value in keys[0].values())


def test_keeping_keys_twice_is_keeping_them_once(registry: House, alerts: House) -> None:
    (sealed,) = seal(registry, request())
    hand_over(registry, alerts, sealed)
    hand_over(registry, alerts, sealed)
    with alerts.database.read() as tx:
        assert len(tx.execute(select(vault_keys)).all()) == 1


def test_a_newer_key_of_the_owner_replaces_the_kept_one_and_the_older_never_returns(
    registry: House, alerts: House, clock: FixedClock
) -> None:
    (old,) = seal(registry, request())
    with registry.database.read() as tx:
        old_keys = registry.vault.wrapped_keys(tx, {(old.person, "identity")})
    hand_over(registry, alerts, old)
    destroy(registry, old)
    clock.move(1)
    (fresh,) = seal(registry, request(person=old.person))
    hand_over(registry, alerts, fresh)
    with alerts.database.begin() as tx:
        alerts.vault.keep_keys(tx, old_keys)
    assert carry(registry, alerts, fresh, ["identity"])[fresh.part] == {"name": "阿依古丽·买买提"}
    assert carry(registry, alerts, old, ["identity"])[old.part] is None


def test_an_older_key_that_arrives_late_does_not_take_the_newer_ones_place(
    registry: House, alerts: House, clock: FixedClock
) -> None:
    (old,) = seal(registry, request())
    with registry.database.read() as tx:
        old_keys = registry.vault.wrapped_keys(tx, {(old.person, "identity")})
    destroy(registry, old)
    clock.move(1)
    (fresh,) = seal(registry, request(person=old.person))
    hand_over(registry, alerts, fresh)
    with alerts.database.begin() as tx:
        alerts.vault.keep_keys(tx, old_keys)
    assert carry(registry, alerts, fresh, ["identity"])[fresh.part] is not None


def test_a_key_that_was_destroyed_here_stays_destroyed(registry: House, alerts: House) -> None:
    (sealed,) = seal(registry, request())
    hand_over(registry, alerts, sealed)
    destroy(alerts, sealed)
    hand_over(registry, alerts, sealed)
    assert carry(registry, alerts, sealed, ["identity"]) == {"child.identity": None}


@pytest.mark.parametrize("field", ["key", "person", "purpose", "wrapped", "kek", "created"])
@pytest.mark.parametrize("value", ["", "nonsense " * 4, None])
def test_what_is_no_wrapped_key_is_refused(registry: House, alerts: House, field: str, value: Any) -> None:
    (sealed,) = seal(registry, request())
    with registry.database.read() as tx:
        (key,) = registry.vault.wrapped_keys(tx, {(sealed.person, "identity")})
    with alerts.database.begin() as tx, pytest.raises(ValueError, match="not a wrapped key"):
        alerts.vault.keep_keys(tx, [key | {field: value}])


def test_missing_keys_are_those_that_can_be_fetched(registry: House, alerts: House) -> None:
    identity, contact, health = seal(registry, request(), request(purpose="contact"), request(purpose="health"))
    hand_over(registry, alerts, contact)
    (own,) = seal(alerts, request(purpose="incident"))
    references = [one.reference() for one in (identity, contact, health, own)]
    with alerts.database.begin() as tx:
        assert alerts.vault.missing(tx, references) == {(identity.person, "identity")}
        assert alerts.vault.missing(tx, []) == set()


def test_a_destroyed_key_is_not_missing(registry: House, alerts: House) -> None:
    (sealed,) = seal(registry, request())
    hand_over(registry, alerts, sealed)
    destroy(alerts, sealed)
    with alerts.database.read() as tx:
        assert alerts.vault.missing(tx, [sealed.reference()]) == set()


def test_keeping_and_opening_many_takes_a_constant_number_of_statements(registry: House, alerts: House) -> None:
    event_id = new()
    sealed = seal(registry, *(request(event_id=event_id, part=f"p{n}") for n in range(300)))
    references = [one.reference() for one in sealed]
    with registry.database.read() as tx, counted(tx) as said:
        keys = registry.vault.wrapped_keys(tx, {(one.person, one.purpose) for one in sealed})
        parts = registry.vault.parts_for(tx, [event_id], ["identity"])[event_id]
    assert len(said) == 2
    with alerts.database.begin() as tx, counted(tx) as said:
        alerts.vault.keep_keys(tx, keys)
        carried = [(event_id, one) for one in references]
        stored = {(event_id, part): content for part, content in parts.items()}
        assert None not in alerts.vault.open_carried(tx, carried, stored).values()
        assert alerts.vault.missing(tx, references) == set()
    assert len(said) == 4


def test_a_fetched_key_is_wrapped_by_the_newest_however_long_ago_the_directory_was_read(
    registry: House, alerts: House, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    make_kek(keys, "identity")
    (sealed,) = seal(registry, request())
    newest = make_kek(keys, "identity")
    hand_over(registry, alerts, sealed)
    with alerts.database.read() as tx:
        assert rewrapping.counts(tx, [VAULT_KEYS]) == {("identity", newest): 1}
    assert carry(registry, alerts, sealed, ["identity"]) == {"child.identity": {"name": "阿依古丽·买买提"}}


def test_a_key_handed_out_under_what_was_closed_here_meanwhile_is_kept_under_the_newest(
    registry: House, alerts: House, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    make_kek(keys, "identity")
    (sealed,) = seal(registry, request())
    newest = make_kek(keys, "identity")
    with alerts.database.begin() as tx:
        guard_keks(tx, "vault_keys")
        for old in kek_ids(keys, "identity")[:-1]:
            rewrapping.close(tx, [VAULT_KEYS], "identity", old)
    hand_over(registry, alerts, sealed)
    with alerts.database.read() as tx:
        assert rewrapping.counts(tx, [VAULT_KEYS]) == {("identity", newest): 1}
