"""A console with a fake neighbour, a clock that stands still and a person for each role."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from services.console.accounts import Account, passwords
from services.console.app import create_app
from services.console.context import Console
from services.console.settings import ConsoleSettings
from shared.hosting.migrating import upgrade
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.storage.database import Database

NOW = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
PASSWORD = "watch over one another"
BEGUN_WITH = (
    ("alerts", "board"),
    ("alerts", "troubles"),
    ("casework", "cases"),
    ("funding", "funds"),
    ("funding", "applications"),
    ("registry", "classes"),
    ("registry", "schools"),
    ("registry", "log_standing"),
    ("registry", "log_entries"),
    ("alerts", "log_standing"),
    ("alerts", "checkpoint"),
    ("casework", "log_standing"),
    ("funding", "log_standing"),
)
"""What the pages ask on which roles begin: each finds nothing there unless a test says otherwise."""


@dataclass
class FakeServices:
    """Answers doors from a table; keeps what was asked. An answer that is an exception is raised."""

    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    listeners: list[Callable[[str, int], None]] = field(default_factory=list)

    def call(self, service: str, door: str, data: dict[str, Any], **named: Any) -> dict[str, Any]:
        self.asked.append({"service": service, "door": door, "data": data} | named)
        answer = self.answers[service, door]
        answer = answer(data) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    def heads(self, listener: Callable[[str, int], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener) if listener in self.listeners else None


class FakeSigner:
    """Tokens that can be read."""

    def issue(self, subject: str, account: str, session: str, role: str) -> str:
        return f"{subject}|{role}"


@dataclass
class World:
    """The console under test and its neighbours."""

    app: Flask
    services: FakeServices
    clock: FixedClock
    grants: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def console(self) -> Console:
        return self.app.extensions["console"]  # type: ignore[no-any-return]

    def person(self, login: str, *roles: str, name: str | None = "王秀兰") -> Account:
        """An account whose owner holds these roles."""
        staff = new_id(self.clock.now())
        self.grants[staff] = [
            {"role": role, "scope": "division", "division": new_id(NOW), "where": "石桥镇"} for role in roles
        ]
        return self.console.accounts.make(login, PASSWORD, staff)

    def browser(self, language: str = "en") -> Browser:
        """A new browser."""
        return Browser(self.app.test_client(), language)

    def signed_in(self, login: str, *roles: str, language: str = "en") -> Browser:
        """A browser where a person of these roles is signed in."""
        self.person(login, *roles)
        browser = self.browser(language)
        assert browser.sign_in(login).status_code == 303
        return browser


class Browser:
    """A test client that posts forms as a person does: with the hidden fields of the page before."""

    def __init__(self, client: FlaskClient, language: str) -> None:
        self.client = client
        self.headers = {"Accept-Language": language}

    def get(self, path: str, **named: Any) -> TestResponse:
        return self.client.get(path, headers=self.headers | named.pop("headers", {}), **named)

    def post(self, path: str, data: dict[str, Any] | None = None, *, page: str) -> TestResponse:
        """Open `page` and send its form to `path` with these fields."""
        return self.send(path, self.hidden(page, path) | (data or {}))

    def send(self, path: str, data: dict[str, Any], **named: Any) -> TestResponse:
        """Send exactly these fields."""
        return self.client.post(path, data=data, headers=self.headers, **named)

    def hidden(self, page: str, action: str) -> dict[str, str]:
        """The hidden fields of the form to `action` on a page."""
        html = self.get(page, follow_redirects=True).text
        form = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', html, re.DOTALL)
        assert form, f"{page} has no form to {action}"
        return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))

    def sign_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/sign-in", {"account": login, "password": password}, page="/sign-in")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FileSystemBytecodeCache]:
    """What is the same for every test and slow to make: a migrated database to copy, and compiled templates."""
    folder = tmp_path_factory.mktemp("console")
    upgrade("console", f"sqlite:///{folder / 'empty.sqlite'}")
    return folder / "empty.sqlite", FileSystemBytecodeCache(str(folder))


@pytest.fixture
def world(
    prepared: tuple[Path, FileSystemBytecodeCache], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A console on a database of its own. Hashing is made cheap; that it is argon2id is a test of its own."""
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    empty, templates = prepared
    shutil.copy(empty, tmp_path / "console.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'console.sqlite'}")
    services, clock = FakeServices(), FixedClock(NOW)
    settings = ConsoleSettings(secret=b"s" * 32, place="示范县")
    made = World(create_app(settings, services, database, clock, FakeSigner()), services, clock)
    made.app.jinja_env.bytecode_cache = templates
    services.answers["registry", "grants_of"] = lambda data: {
        "staff": data["staff"],
        "name": "王秀兰",
        "grants": made.grants[data["staff"]],
    }
    for door in BEGUN_WITH:
        services.answers[door] = {"items": [], "next": None, "size": 0, "note": None}
    yield made
    made.console.heads.close()
    database.dispose()
