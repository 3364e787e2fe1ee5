"""Casework behind its doors, over a migrated database, with a small county that registry has told it of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from services.casework.service import CaseworkService
from services.casework.wiring import build
from shared.access.tokens import TokenSigner
from shared.contracts import alerts as a
from shared.contracts import registry as r
from shared.hosting.migrating import upgrade
from shared.kernel.clock import FixedClock
from shared.kernel.ids import derived_id, new_id
from shared.kernel.messages import Event
from shared.storage.database import Database
from shared.testing.rooms import as_recorded, test_settings, told
from tests.infrastructure.database import TestDatabase


def named(name: str) -> str:
    """An id that a test knows by name."""
    return derived_id("casework tests", name)


COUNTY, NEAR, FAR = named("county"), named("near"), named("far")
CHILD, FAR_CHILD = named("child"), named("far child")


class Refused(Exception):
    """A door said no."""

    def __init__(self, refusal: dict[str, Any]) -> None:
        super().__init__(f"{refusal['code']} {refusal['facts']}")
        self.code, self.facts = refusal["code"], refusal["facts"]


@dataclass
class House:
    """A casework. `ask` goes through its doors as the wire would."""

    service: CaseworkService
    clock: FixedClock
    keys: Path
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def rooms(self) -> Any:
        return self.service.rooms

    def ask(self, door: str, data: dict[str, Any] | None = None, by: str = "director", **message: Any) -> Any:
        """The answer of a door to a member of staff."""
        self.clock.move(0.001)  # ids made in one millisecond are in no order
        sent = {"token": self.token(by), "data": data or {}, "command_id": new_id(self.clock.now()), **message}
        answer = json.loads(json.dumps(getattr(self.service, door)(json.loads(json.dumps(sent)))))
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["answer"]

    def hire(self, name: str, role: str, division: str = COUNTY) -> str:
        """A member of staff with one role; the name is how `ask` calls them."""
        self.hear(r.StaffRegistered(staff=named(name), name=f"职工{name}", phone="19900001111"))
        self.grant(name, role, division)
        return named(name)

    def grant(self, name: str, role: str, division: str = COUNTY) -> None:
        """A further role, in which they act from now on."""
        self.roles[name] = role
        grant = named(f"{name} as {role}")
        self.hear(r.RoleGranted(grant=grant, staff=named(name), role=role, scope="division", division=division))

    def hear(self, *events: Event) -> None:
        """What neighbours say, as views see it."""
        told(self.rooms, *events)

    def react(self, event: Event, times: int = 1) -> None:
        """What a neighbour says, as views and reactions meet it."""
        self.clock.move(0.001)
        (recorded,) = as_recorded(self.rooms, [event], event.type.partition(".")[0])
        for projector in self.rooms.heard:
            with self.rooms.database.begin() as tx:
                projector.effect(tx, recorded)
        for _ in range(times):
            with self.rooms.database.begin() as tx:
                self.rooms.reactor.effect(tx, recorded)

    def alert(self, name: str = "alert", kind: str = "absence", child: str = CHILD, times: int = 1) -> str:
        """An alert is raised."""
        alert = named(name)
        self.react(
            a.AlertRaised(alert=alert, child=child, kind=kind, level="orange", village=NEAR, school=None, klass=None),
            times,
        )
        return alert

    def open(self, by: str = "director", child: str = CHILD, **said: Any) -> str:
        return str(self.ask("open_case", {"child": child, **said}, by=by)["id"])

    def case(self, case: str, by: str = "director") -> Any:
        return self.ask("case", {"case": case}, by=by)

    def log(self) -> list[str]:
        """Every stored entry as text."""
        with self.rooms.database.read() as tx:
            rows = tx.exec_driver_sql("SELECT entry FROM events ORDER BY arrival").scalars()
            return [bytes(one).decode() for one in rows]

    def types(self) -> list[str]:
        return [json.loads(one)["type"] for one in self.log()]

    def token(self, by: str) -> str:
        return self.signer.issue(named(by), f"account-{by}", "session", self.roles[by])

    @cached_property
    def signer(self) -> TokenSigner:
        """The console's, which reads its key once."""
        return TokenSigner.load(self.keys, "token-console", self.clock, strict=False)


def open_house(made: TestDatabase, folder: Path, clock: FixedClock) -> House:
    """A casework over a fresh database, with two villages, a child in each, and staff."""
    upgrade("casework", made.owner_url, application_role=made.application_role)
    service = CaseworkService()
    service.rooms = build(test_settings(folder), database=Database(made.application_url), clock=clock)
    house = House(service=service, clock=clock, keys=folder / "keys")
    for division, level, parent in ((COUNTY, "county", None), (NEAR, "village", COUNTY), (FAR, "village", COUNTY)):
        house.hear(
            r.DivisionRegistered(
                division=division, code="439901", name="示范", level=level, parent=parent, valid_from=clock.now().date()
            )
        )
    for child, village, name in ((CHILD, NEAR, "唐曦"), (FAR_CHILD, FAR, "丁晨")):
        house.hear(
            r.ChildRegistered(child=child, village=village, school=None, klass=None, scope="left_behind", name=name)
        )
    house.hire("director", "village_director", NEAR)
    house.hire("supervisor", "supervisor")
    house.hire("counsellor", "counsellor")
    house.hire("other counsellor", "counsellor")
    house.hire("far counsellor", "counsellor", FAR)
    return house
