"""The people of a small county, at the doors of a running system: who they are, and the steps of their stories.

It needs no more of a system than its client and its keys, so the stories run on either host, against processes that
are killed, and in the benchmarks.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from shared.access.tokens import TokenSigner
from shared.hosting.clients import ServiceClient
from shared.kernel.clock import Clock, day_of
from shared.kernel.ids import new_id
from shared.kernel.refusals import Denied, NotFound
from shared.localisation.identity import make_identity
from tests.infrastructure.waiting import eventually

COUNTY, TOWNSHIP, VILLAGE = "439901", "439901101", "439901101201"
DIVISIONS = [
    {"code": COUNTY, "name": "示范县", "level": "county"},
    {"code": TOWNSHIP, "name": "示范镇", "level": "township", "parent": COUNTY},
    {"code": VILLAGE, "name": "桥口村", "level": "village", "parent": TOWNSHIP},
]
SERVICES = ("registry", "casework", "alerts", "funding")
_COUNTY_ROLES = (
    *("county_admin", "auditor", "funding_officer", "funding_approver", "cashier", "accountant"),
    *("duty_officer", "duty_leader", "supervisor"),
)
WITHIN = 30.0
"""Seconds within which a neighbour must have heard."""


@dataclass
class Crew:
    """A county with one person for each role, called by its code. `ask` goes through a door as one of them.

    Others have names of their own; `roles` says what they act as.
    """

    client: ServiceClient
    keys: Path
    clock: Clock
    staff: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    terminal: Path | None = None
    """Where the keys of whoever sets a deployment up lie, when not with the console's."""
    _signers: dict[str, TokenSigner] = field(default_factory=dict)

    def ask(
        self, who: str, service: str, door: str, data: dict[str, Any] | None = None, *, command: str | None = None
    ) -> Any:
        """The answer of a door. `bootstrap` is who sets a deployment up."""
        return self.client.call(
            service, door, data or {}, token=self.token(who), command_id=command or self.new_id(), timeout=WITHIN
        )

    def heard(
        self, who: str, service: str, door: str, data: dict[str, Any] | None = None, *, command: str | None = None
    ) -> Any:
        """The same, asked again until the service has heard of the people and children in it."""
        command = command or self.new_id()  # one command, however often it is given
        # In a tuple, because an answer that is empty is an answer.
        return eventually(
            lambda: (self.ask(who, service, door, data, command=command),),
            within=WITHIN,
            what=f"{service}.{door}",
            ignoring=(Denied, NotFound),
        )[0]

    def pages(self, who: str, service: str, door: str, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Every item of a list."""
        after: str | None = None
        while True:
            page = self.ask(who, service, door, data | ({"after": after} if after else {}))
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def token(self, who: str) -> str:
        """A token that lives for a minute."""
        issuer = "bootstrap" if who == "bootstrap" else "console"
        if issuer not in self._signers:
            keys = self.terminal or self.keys if issuer == "bootstrap" else self.keys
            self._signers[issuer] = TokenSigner.load(keys, f"token-{issuer}", self.clock)
        if who == "bootstrap":
            return self._signers[issuer].issue("system:bootstrap", issuer, "test", "system")
        return self._signers[issuer].issue(self.staff[who], "account", "session", self.roles.get(who, who))

    def new_id(self) -> str:
        return new_id(self.clock.now())

    @property
    def today(self) -> date:
        return day_of(self.clock.now())

    def settle(self) -> None:
        """Register the divisions, a school with a class, and everybody; wait until every service knows them."""
        self.ask("bootstrap", "registry", "register_divisions", {"divisions": DIVISIONS})
        county = self.ask("bootstrap", "registry", "register_divisions", {"divisions": DIVISIONS[:1]})["id"]
        for role in _COUNTY_ROLES:
            self.hire(role, role, division=county)
        for one in self.ask("county_admin", "registry", "divisions")["items"]:
            self.places[one["code"]] = one["division"]
        self.places["school"] = self.school("示范镇中心学校")
        self.places["klass"] = self.klass(self.places["school"], "（9）班", 4)
        self.hire("teacher", "teacher", place=self.places["school"])
        self.hire("village_director", "village_director", division=self.places[VILLAGE])

    def hire(self, name: str, role: str, **where: str) -> str:
        """Register a member of staff and grant a role; the name is how `ask` calls them."""
        person = self.ask("bootstrap", "registry", "register_staff", {"name": "职工", "phone": "19900000000"})["id"]
        given = {"staff": person, "role": role, "scope": next(iter(where)), **where}
        self.ask("bootstrap", "registry", "grant_role", given)
        self.staff[name], self.roles[name] = str(person), role
        return str(person)

    def school(self, name: str) -> str:
        data = {"name": name, "division": self.places[TOWNSHIP], "stages": ["primary", "junior"]}
        return str(self.ask("county_admin", "registry", "open_school", data)["id"])

    def klass(self, school: str, name: str, grade: int) -> str:
        data = {"school": school, "name": name, "grade": grade}
        return str(self.ask("county_admin", "registry", "form_class", data)["id"])

    def child(self, number: int, **changed: Any) -> str:
        """Register a child of the class; all that is said of it follows from its number."""
        return str(self.ask("county_admin", "registry", "register_child", {**self.a_child(number), **changed})["id"])

    def a_child(self, number: int) -> dict[str, Any]:
        born = date(2016, 5, 3)
        return {
            "legal_basis": "statutory_duty",
            "name": name_of(number),
            "sex": "female",
            "born": born.isoformat(),
            "village": self.places[VILLAGE],
            "school": self.places["school"],
            "klass": self.places["klass"],
            "address": f"示范镇桥口村{number}组",
            "identity_number": make_identity("439902", born, number, "female"),
            "contacts": [
                {"relation": "grandmother", "name": f"杜{name_of(number)[1:]}", "phone": f"1992000{number:04}"},
                {"relation": "father", "name": f"{name_of(number)}海", "phone": f"1993000{number:04}", "away": True},
            ],
            "arrangement": "grandparents",
            "since": "2026-02-01",
            "carer": 1,
        }

    def started_import(self, content: bytes, school: str, who: str = "teacher") -> dict[str, Any]:
        """Upload a roster and start its import; the progress."""
        sent = {"content": base64.b64encode(content).decode()}
        upload = self.ask(who, "registry", "upload_roster", sent)["upload"]
        said = {"upload": upload, "legal_basis": "statutory_duty", "school": school}
        progress: dict[str, Any] = self.ask(who, "registry", "start_import", said)
        return progress

    def import_roster(self, content: bytes, school: str, who: str = "teacher") -> dict[str, Any]:
        """Upload a roster and let every chunk in; the finished import's progress."""
        progress = self.started_import(content, school, who)
        while progress["state"] == "running":
            progress = self.ask(who, "registry", "import_chunk", {"roster": progress["roster"]})
        return progress

    def roll_call(self, absent: str, *present: str, session: str = "morning", klass: str = "") -> dict[str, Any]:
        """The teacher takes a roll call; one child is absent and nobody says why."""
        marks: list[dict[str, Any]] = [{"child": absent, "state": "absent"}]
        marks += [{"child": one, "state": "present"} for one in present]
        data = {
            "klass": klass or self.places["klass"],
            "day": self.today.isoformat(),
            "session": session,
            "marks": marks,
        }
        answer: dict[str, Any] = self.heard("teacher", "alerts", "take_roll_call", data)
        return answer

    def on_board(self, child: str, who: str = "duty_officer", **asked: Any) -> dict[str, Any] | None:
        """The child's alert on a board, if it stands there."""
        return next((one for one in self.pages(who, "alerts", "board", asked) if one["child"] == child), None)

    def alert_of(self, child: str, who: str = "duty_officer", **asked: Any) -> dict[str, Any]:
        """The child's alert, waited for."""
        found = eventually(
            lambda: self.on_board(child, who, **asked),
            within=WITHIN,
            what="the alert on the board",
            ignoring=(Denied,),
        )
        assert found is not None
        return found

    def case_of(self, child: str, who: str = "supervisor") -> dict[str, Any] | None:
        """The child's case, if there is one."""
        items = self.ask(who, "casework", "cases", {"child": child})["items"]
        return items[0] if items else None


def name_of(number: int) -> str:
    """An invented name, another one for each number below 2,500."""
    return "唐" + chr(0x5609 + number % 50) + chr(0x6600 + number // 50)


def fund_with(crew: Crew, amount: int) -> str:
    """A new fund with so many fen in it."""
    fund = crew.heard("funding_officer", "funding", "open_fund", {"name": "春苗", "purpose": "寄宿费"})["id"]
    gift = {"fund": fund, "amount": amount, "source": "collection", "received_on": crew.today.isoformat()}
    crew.ask("funding_officer", "funding", "record_donation", gift)
    return str(fund)
