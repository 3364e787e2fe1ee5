"""The console over the registry's real doors, embedded: who signs in, what tokens open, how roles change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from services.console.app import create_app
from services.console.doors import call
from services.console.settings import ConsoleSettings
from services.console.visits import needs
from services.registry.service import RegistryService
from shared.access.tokens import TokenSigner
from shared.config.settings import Settings
from shared.hosting.embedded import EmbeddedHost
from shared.hosting.migrating import upgrade
from shared.kernel.ids import new_id
from shared.storage.database import Database
from tests.infrastructure.waiting import eventually
from tests.unit.console.conftest import PASSWORD, Browser


@dataclass
class Town:
    """A county with one administrator who has an account."""

    app: Flask
    host: EmbeddedHost
    county: str
    staff: str
    bootstrap: str

    def order(self, door: str, data: dict[str, object]) -> dict[str, object]:
        command = new_id(self.host.clock.now())
        answer: dict[str, object] = self.host.client.call(
            "registry", door, data, token=self.bootstrap, command_id=command
        )
        return answer

    def grant(self, role: str) -> None:
        self.order("grant_role", {"staff": self.staff, "role": role, "scope": "division", "division": self.county})


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Registry and console in one process."""
    settings = Settings(environment="test", data=tmp_path)
    host = EmbeddedHost(settings, classes={"registry": RegistryService}, socket=False).start()
    keys = settings.key_directory
    bootstrap = TokenSigner.load(keys, "token-bootstrap", host.clock).issue("system:bootstrap", "", "", "system")
    url = f"sqlite:///{tmp_path / 'console.sqlite'}"
    upgrade("console", url)
    database = Database(url)
    signer = TokenSigner.load(keys, "token-console", host.clock)
    app = create_app(ConsoleSettings(secret=b"s" * 32), host.client, database, host.clock, signer)
    made = Town(app, host, "", "", bootstrap)
    county = {"code": "990100", "name": "示范县", "level": "county", "parent": None}
    made.county = str(made.order("register_divisions", {"divisions": [county]})["id"])
    made.staff = str(made.order("register_staff", {"name": "王秀兰"})["id"])
    made.grant("county_admin")
    app.extensions["console"].accounts.make("wang", PASSWORD, made.staff)
    try:
        yield made
    finally:
        app.extensions["console"].heads.close()
        database.dispose()
        host.stop()


def signed_in(town: Town) -> Browser:
    browser = Browser(town.app.test_client(), "en")
    assert browser.sign_in("wang").status_code == 303
    return browser


def test_the_registry_says_who_signed_in_and_in_which_role_and_place(town: Town) -> None:
    page = signed_in(town).get("/me").text
    assert "王秀兰" in page
    assert "County administrator" in page
    assert "示范县" in page


def test_a_page_asks_a_door_with_a_token_that_the_door_accepts(town: Town) -> None:
    view = needs("registry:division:view")(lambda: call("registry", "my_grants"))
    town.app.add_url_rule("/lab", "lab.show", view)
    answer = signed_in(town).get("/lab").get_json()
    assert answer["staff"] == town.staff
    assert [one["role"] for one in answer["grants"]] == ["county_admin"]


def test_a_role_granted_while_the_person_works_appears_by_itself(town: Town) -> None:
    browser = signed_in(town)
    assert "Auditor" not in browser.get("/me").text
    town.grant("auditor")
    eventually(lambda: "Auditor" in browser.get("/me").text, what="the new role on the page")
