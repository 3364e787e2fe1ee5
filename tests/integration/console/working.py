"""A county at work: all services embedded in one process, the console before them, and a person for each role."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
from flask import Flask

from services.console.app import create_app
from services.console.settings import ConsoleSettings
from shared.access.tokens import TokenSigner
from shared.config.settings import Settings
from shared.hosting.embedded import EmbeddedHost
from shared.hosting.migrating import upgrade
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.storage.database import Database
from tests.infrastructure.waiting import eventually
from tests.unit.console.conftest import PASSWORD, Browser

ROLES = (
    "county_admin",
    "duty_officer",
    "supervisor",
    "counsellor",
    "funding_officer",
    "funding_approver",
    "cashier",
    "auditor",
)
BORN = {"sex": "female", "born": "2016-05-01", "scope": "left_behind"} | {
    "legal_basis": "statutory_duty",
    "identity_missing": "not_given",
}
SECRET = b"a secret of the tests, long enough"


class Program:
    """A program with a token, whose answers are held against the API's own document."""

    def __init__(self, app: Flask, account: str) -> None:
        self._client = app.test_client()
        token = self._client.post("/api/v1/tokens", json={"account": account, "password": PASSWORD}).get_json()
        self._headers = {"Authorization": f"Bearer {token['token']}"}
        self.document: dict[str, Any] = self._client.get("/api/v1/openapi.json").get_json()

    def get(self, path: str) -> Any:
        """The answer, which is as the document says."""
        return self._fitting("get", path, self._client.get(f"/api/v1{path}", headers=self._headers))

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str) -> Any:
        """The answer to an order, which is as the document says."""
        headers = self._headers | {"Idempotency-Key": key}
        return self._fitting("post", path, self._client.post(f"/api/v1{path}", json=body, headers=headers))

    def refused(self, path: str, body: Mapping[str, Any] | None = None, *, key: str) -> Any:
        """The problem document of an order that is refused."""
        answer = self._client.post(f"/api/v1{path}", json=body, headers=self._headers | {"Idempotency-Key": key})
        assert answer.status_code >= 400, answer.text
        return self._held("post", path, answer)

    def _fitting(self, method: str, path: str, answer: Any) -> Any:
        assert answer.status_code < 300, answer.text
        return self._held(method, path, answer)

    def _held(self, method: str, path: str, answer: Any) -> Any:
        operation = self._operation(path)[method]
        content = operation["responses"][str(answer.status_code)]["content"]
        schema = content[answer.mimetype]["schema"] | {"components": self.document["components"]}
        jsonschema_rs.validator_for(schema).validate(answer.get_json())
        return answer.get_json()

    def _operation(self, path: str) -> dict[str, Any]:
        plain = "/api/v1" + path.partition("?")[0]
        for pattern, operation in sorted(self.document["paths"].items(), key=lambda one: one[0].count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[0-9a-f-]{36}", pattern), plain):
                return operation  # type: ignore[no-any-return]
        raise AssertionError(f"the document does not know {plain}")


@dataclass
class Working:
    """The county, a child in it, and its people by role."""

    app: Flask
    host: EmbeddedHost
    staff: dict[str, str]
    county: str
    village: str
    child: str
    contact: str
    signer: TokenSigner

    def another(self, name: str) -> str:
        """A further child, of whom every service has heard."""
        said = BORN | {"name": name, "village": self.village}
        made = self.program("county_admin").post("/children", said, key=new_id(self.host.clock.now()))
        _wait_until_heard(self, made["id"])
        return str(made["id"])

    def browser(self, role: str) -> Browser:
        """A browser where the holder of a role is signed in."""
        browser = Browser(self.app.test_client(), "en")
        assert browser.sign_in(role).status_code == 303
        return browser

    def program(self, role: str) -> Program:
        """A program of the holder of a role."""
        return Program(self.app, role)


@contextmanager
def at_work(folder: Path, *, socket: bool = False) -> Iterator[Working]:
    """The running county for the length of the block; with `socket`, commands of the terminal reach it."""
    settings = Settings(environment="test", data=folder)
    host = EmbeddedHost(settings, socket=socket).start()
    keys = settings.key_directory
    bootstrap = TokenSigner.load(keys, "token-bootstrap", host.clock).issue("system:bootstrap", "", "", "system")
    url = f"sqlite:///{folder / 'console.sqlite'}"
    upgrade("console", url)
    database = Database(url)
    signer = TokenSigner.load(keys, "token-console", host.clock)
    app = create_app(ConsoleSettings(secret=SECRET), host.client, database, host.clock, signer)
    try:
        yield _settled(app, host, bootstrap, signer)
    finally:
        app.extensions["console"].heads.close()
        database.dispose()
        host.stop()


def _settled(app: Flask, host: EmbeddedHost, bootstrap: str, signer: TokenSigner) -> Working:
    def order(door: str, data: dict[str, Any], token: str = bootstrap) -> dict[str, Any]:
        command = new_id(host.clock.now())
        answer: dict[str, Any] = host.client.call("registry", door, data, token=token, command_id=command)
        return answer

    rows = [("990100", "示范县", "county", None), ("990100001", "石桥镇", "township", "990100")]
    rows.append(("990100001001", "溪山村", "village", "990100001"))
    named = ("code", "name", "level", "parent")
    county, _township, village = (
        str(order("register_divisions", {"divisions": [dict(zip(named, row, strict=True))]})["id"]) for row in rows
    )
    staff: dict[str, str] = {}
    for role in ROLES:
        staff[role] = str(order("register_staff", {"name": "田春梅"})["id"])
        order("grant_role", {"staff": staff[role], "role": role, "scope": "division", "division": county})
        app.extensions["console"].accounts.make(role, PASSWORD, staff[role])
    admin = signer.issue(staff["county_admin"], "account", "session", "county_admin")
    mother = {"relation": "mother", "name": "覃芳", "phone": "15400000001", "status": "living", "away": True}
    told = BORN | {"name": "覃小雨", "village": village, "contacts": [mother]}
    child = str(order("register_child", told, admin)["id"])
    card = host.client.call("registry", "contact_card", {"child": child}, token=admin)
    made = Working(app, host, staff, county, village, child, card["contacts"][0]["contact"], signer)
    _wait_until_heard(made, child)
    return made


def _wait_until_heard(made: Working, child: str) -> None:
    """Alerts, casework and funding know the child and everybody's roles."""
    asked = {"alerts": "duty_officer", "casework": "supervisor", "funding": "funding_officer"}

    def heard() -> bool:
        for service, role in asked.items():
            token = made.signer.issue(made.staff[role], "account", "session", role)
            try:
                made.host.client.call(service, "timeline", {"child": child}, token=token)
            except Refusal:
                return False
        return True

    eventually(heard, what="all services to know the child")
