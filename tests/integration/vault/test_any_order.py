"""Whatever is done to people's keys, in whatever order, what opens for whom is what a small model says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shared.kernel.messages import PURPOSES
from shared.kernel.refusals import Refusal
from shared.storage.database import Database
from shared.vault import openings, rewrapping
from shared.vault.erasing import destroy, lift, restrict
from shared.vault.errors import PersonErased
from shared.vault.guards import create_vault
from shared.vault.keyring import Keyring
from shared.vault.parts import SealedPart
from shared.vault.rewrapping import VAULT_KEYS
from shared.vault.rotating import kek_ids, make_kek, remove_kek
from shared.vault.vault import Vault
from tests.integration.vault.conftest import House, new, part

NAME = {"name": "𠮷"}
PEOPLE = 3
anybody = st.integers(0, PEOPLE - 1)


class Keys(RuleBasedStateMachine):
    """An owner of keys, a neighbour that fetches them, and their one directory of keys."""

    def __init__(self, house: House, neighbour: Database, directory: Path) -> None:
        super().__init__()
        self.house, self.directory = house, directory
        self.databases = {"registry": house.database, "alerts": neighbour}
        self.vaults = {
            "registry": house.vault,
            "alerts": Vault("alerts", Keyring.load(directory, PURPOSES), house.clock),
        }
        self.people = [new() for _ in range(PEOPLE)]
        self.standing = ["normal"] * PEOPLE
        self.sealed: list[list[SealedPart]] = [[] for _ in self.people]
        self.wrapped: dict[str, dict[str, str]] = {"registry": {}, "alerts": {}}
        self.keks = kek_ids(directory, "identity")

    @rule(who=anybody)
    def seal(self, who: int) -> None:
        if self.standing[who] == "erased":
            with pytest.raises(PersonErased):
                self.house.seal(part(self.people[who]))
            return
        (one,) = self.house.seal(part(self.people[who]))
        self.sealed[who].append(one)
        self.wrapped["registry"].setdefault(one.key, self.keks[-1])

    @rule(who=anybody)
    def destroy(self, who: int) -> None:
        self._both(destroy, who)
        self.standing[who] = "erased"
        for kept in self.wrapped.values():
            for one in self.sealed[who]:
                kept.pop(one.key, None)

    @rule(who=anybody)
    def restrict(self, who: int) -> None:
        self._stand(restrict, who, "restricted")

    @rule(who=anybody)
    def lift(self, who: int) -> None:
        self._stand(lift, who, "normal")

    @rule(who=anybody)
    def open_by_two(self, who: int) -> None:
        opening, person, now = new(), self.people[who], self.house.clock.now()
        pair: dict[str, Any] = {"asked_by": "first", "approved_by": "second"}
        with self.house.database.begin() as tx:
            openings.begin(tx, opening, person, [person], **pair, until=now + timedelta(minutes=5), now=now)
            readable = self.standing[who] != "erased"
            self.house.vault.open_to(tx, by="second", child=person)
            opened = self.house.vault.open(tx, _asked(self.sealed[who]))
            assert list(opened.values()) == [NAME if readable else None] * len(self.sealed[who])
            openings.end(tx, opening)

    @rule(who=anybody)
    def keep_keys(self, who: int) -> None:
        with self.house.database.read() as tx:
            fetched = self.house.vault.wrapped_keys(tx, {(self.people[who], "identity")})
        with self.databases["alerts"].begin() as tx:
            self.vaults["alerts"].keep_keys(tx, fetched)
        for one in fetched:
            self.wrapped["alerts"].setdefault(one["key"], self.keks[-1])

    @rule()
    def rotate(self) -> None:
        self.keks.append(make_kek(self.directory, "identity"))

    @rule(service=st.sampled_from(["registry", "alerts"]), limit=st.integers(1, 3))
    def rewrap(self, service: str, limit: int) -> None:
        stale = sorted(key for key, kek in self.wrapped[service].items() if kek != self.keks[-1])[:limit]
        with self.databases[service].begin() as tx:
            done = rewrapping.step(tx, self.vaults[service].keyring, VAULT_KEYS, "identity", limit=limit)
        assert (done.done, done.last) == (len(stale), stale[-1] if stale else None)
        self.wrapped[service] |= dict.fromkeys(stale, self.keks[-1])

    @rule()
    def retire(self) -> None:
        for kek in self.keks[:-1]:
            refused = False
            for service, database in self.databases.items():
                wraps = kek in self.wrapped[service].values()
                refused |= wraps
                try:
                    with database.begin() as tx:
                        rewrapping.close(tx, [VAULT_KEYS], "identity", kek)
                except Refusal:
                    assert wraps
                else:
                    assert not wraps
            if not refused:
                assert remove_kek(self.directory, "identity", kek)
        self.keks = kek_ids(self.directory, "identity")

    @invariant()
    def everything_opens_for_whom_it_should(self) -> None:
        begun = Vault("registry", Keyring.load(self.directory, PURPOSES), self.house.clock)
        with self.house.database.read() as tx:
            for who, sealed in enumerate(self.sealed):
                expected = [NAME if self.standing[who] == "normal" else None] * len(sealed)
                for vault in (self.house.vault, begun):
                    assert list(vault.open(tx, _asked(sealed)).values()) == expected
            carried = {
                (event, name): stored
                for sealed in self.sealed
                for event, parts in self.house.vault.parts_for(
                    tx, [one.event_id for one in sealed], ["identity"]
                ).items()
                for name, stored in parts.items()
            }
        with self.databases["alerts"].read() as tx:
            for who, sealed in enumerate(self.sealed):
                opened = self.vaults["alerts"].open_carried(tx, _asked(sealed), carried)
                readable = self.standing[who] == "normal"
                assert list(opened.values()) == [
                    NAME if readable and one.key in self.wrapped["alerts"] else None for one in sealed
                ]

    @invariant()
    def the_databases_say_what_wraps_what(self) -> None:
        for service, database in self.databases.items():
            with database.read() as tx:
                found = {kek: keys for (_, kek), keys in rewrapping.counts(tx, [VAULT_KEYS]).items()}
            kept = list(self.wrapped[service].values())
            assert found == {kek: kept.count(kek) for kek in kept}

    def teardown(self) -> None:
        for who in range(PEOPLE):
            self._both(destroy, who)

    def _stand(self, act: Callable[..., None], who: int, stands: str) -> None:
        if self.standing[who] == "erased":
            with pytest.raises(PersonErased):
                self.house.does(act, self.people[who])
            return
        self._both(act, who)
        self.standing[who] = stands

    def _both(self, act: Callable[..., Any], who: int) -> None:
        for database in self.databases.values():
            with database.begin() as tx:
                act(tx, self.people[who])


def test_in_any_order_what_opens_is_what_should(house: House, tmp_path: Path) -> None:
    neighbour = Database(f"sqlite:///{tmp_path / 'neighbour.sqlite'}")
    with neighbour.begin() as tx:
        create_vault(tx)
    try:
        run_state_machine_as_test(
            lambda: Keys(house, neighbour, tmp_path / "keys"),
            settings=settings(
                max_examples=8,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )
    finally:
        neighbour.dispose()


def _asked(sealed: list[SealedPart]) -> list[tuple[str, dict[str, str]]]:
    return [(one.event_id, one.reference()) for one in sealed]
