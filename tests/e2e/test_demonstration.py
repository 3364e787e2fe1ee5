"""The demonstration: what `shouwang up --demo` puts into an empty system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from shared.access.roles import Role
from shared.demo.load import UNCHANGED, load_demo
from shared.testing.hosts import System, embedded_system
from tests.e2e.crew import SERVICES
from tests.infrastructure.clock import MovedClock

PASSWORD = "quiet-river-stone-41"


@dataclass
class KnownAccounts:
    """Accounts as the console has them, without their passwords' slow hashes."""

    made: dict[str, tuple[str, str]] = field(default_factory=dict)

    def find(self, login: str) -> tuple[str, str] | None:
        return self.made.get(login)

    def make(self, login: str, password: str, staff: str) -> None:
        assert login not in self.made
        self.made[login] = (password, staff)


@dataclass
class Loaded:
    system: System
    accounts: KnownAccounts
    said: list[tuple[str, str, str]]

    def load(self) -> list[tuple[str, str, str]]:
        system = self.system
        return load_demo(system.client, keys=system.keys, clock=system.clock, accounts=self.accounts, password=PASSWORD)

    def ask(self, role: str, service: str, door: str, data: dict[str, Any] | None = None) -> Any:
        token = self.system.token(self.accounts.made[role][1], role)
        return self.system.client.call(service, door, data or {}, token=token)

    def sizes(self) -> dict[str, int]:
        """How many events of people's making there are in each log."""
        return {one: len(self.ask("auditor", one, "log_entries", {"limit": 100})["items"]) for one in SERVICES}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder: Path = tmp_path_factory.mktemp("demonstration")
    with embedded_system(folder, MovedClock(folder / "clock").path) as system:
        it = Loaded(system, KnownAccounts(), [])
        it.said = it.load()
        yield it


def test_there_is_an_account_for_each_role_named_by_its_code(loaded: Loaded) -> None:
    assert [login for login, _, _ in loaded.said] == [role for _, role, _ in loaded.said]
    assert {role for _, role, _ in loaded.said} == {str(role) for role in Role}
    assert {password for _, _, password in loaded.said} == {PASSWORD}


def test_each_of_them_has_something_to_see(loaded: Loaded) -> None:
    assert loaded.ask("teacher", "registry", "children")["items"]
    assert loaded.ask("village_director", "registry", "children")["items"]
    assert [one["kind"] for one in loaded.ask("duty_officer", "alerts", "board")["items"]].count("absence") == 1
    assert loaded.ask("counsellor", "casework", "cases")["items"]
    assert any(one["notes"] for one in loaded.ask("supervisor", "casework", "cases")["items"])
    assert [one["state"] for one in loaded.ask("funding_approver", "funding", "applications")["items"]] == ["submitted"]
    assert [one["available"] for one in loaded.ask("accountant", "funding", "funds")["items"]] == [6_000_000]
    assert loaded.ask("auditor", "registry", "log_verify")["outcome"] == "whole"


def test_loading_it_again_changes_nothing(loaded: Loaded) -> None:
    before = loaded.sizes()

    again = loaded.load()

    assert {password for _, _, password in again} == {UNCHANGED}
    assert loaded.sizes() == before


def test_a_load_that_was_cut_short_goes_on_without_doing_anything_twice(loaded: Loaded) -> None:
    del loaded.accounts.made["auditor"]
    children = loaded.ask("county_admin", "registry", "figures")
    figures = loaded.ask("accountant", "funding", "funds")

    again = {login: password for login, _, password in loaded.load()}

    assert (again["auditor"], again["teacher"]) == (PASSWORD, UNCHANGED)
    assert loaded.ask("county_admin", "registry", "figures") == children
    assert loaded.ask("accountant", "funding", "funds") == figures
