"""Funding behind its doors, over a migrated database, with a small county that registry has told it of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.funding.service import FundingService
from services.funding.wiring import build
from shared.access.tokens import TokenSigner
from shared.contracts import registry as r
from shared.hosting.migrating import upgrade
from shared.kernel.clock import FixedClock
from shared.kernel.ids import derived_id, new_id
from shared.storage.database import Database
from shared.testing.rooms import test_settings, told
from tests.infrastructure.database import TestDatabase


def named(name: str) -> str:
    """An id that a test knows by name."""
    return derived_id("funding tests", name)


COUNTY, NEAR, FAR = named("county"), named("near"), named("far")
CHILD, FAR_CHILD = named("child"), named("far child")


class Refused(Exception):
    """A door said no."""

    def __init__(self, refusal: dict[str, Any]) -> None:
        super().__init__(f"{refusal['code']} {refusal['facts']}")
        self.code, self.facts = refusal["code"], refusal["facts"]


@dataclass
class House:
    """A funding. `ask` goes through its doors as the wire would."""

    service: FundingService
    clock: FixedClock
    keys: Path
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def rooms(self) -> Any:
        return self.service.rooms

    def ask(self, door: str, data: dict[str, Any] | None = None, by: str = "officer", **message: Any) -> Any:
        """The answer of a door to a member of staff."""
        self.clock.move(0.001)  # ids made in one millisecond are in no order
        sent = {"token": self.token(by), "data": data or {}, "command_id": new_id(self.clock.now()), **message}
        answer = json.loads(json.dumps(getattr(self.service, door)(json.loads(json.dumps(sent)))))
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["answer"]

    def hire(self, name: str, role: str, division: str = COUNTY) -> None:
        """A member of staff with one role; the name is how `ask` calls them."""
        told(self.rooms, r.StaffRegistered(staff=named(name), name=f"职工{name}", phone="19900001111"))
        self.grant(name, role, division)

    def grant(self, name: str, role: str, division: str = COUNTY) -> None:
        """A further role, in which they act from now on."""
        self.roles[name] = role
        grant = named(f"{name} as {role}")
        told(
            self.rooms,
            r.RoleGranted(grant=grant, staff=named(name), role=role, scope="division", division=division),
        )

    def fund(self, amount: int = 0) -> str:
        """A fund with so much in it."""
        fund = str(self.ask("open_fund", {"name": "助学金", "purpose": "资助困境儿童"})["id"])
        if amount:
            self.give(fund, amount)
        return fund

    def give(self, fund: str, amount: int, **said: Any) -> Any:
        gift = {"fund": fund, "amount": amount, "source": "collection", "received_on": "2026-09-20", **said}
        return self.ask("record_donation", gift)

    def draft(self, fund: str, amount: int, child: str = CHILD, by: str = "officer") -> str:
        said = {"child": child, "fund": fund, "amount": amount, "reason": "学费"}
        return str(self.ask("draft_application", said, by=by)["id"])

    def submit(self, fund: str, amount: int, child: str = CHILD) -> str:
        """An application that waits for approval."""
        application = self.draft(fund, amount, child)
        self.ask("submit_application", {"application": application})
        return application

    def approve(self, application: str, by: str = "approver") -> Any:
        return self.ask("approve_application", {"application": application}, by=by)

    def pay(self, application: str, by: str = "cashier", paid_on: str = "2026-09-20") -> Any:
        said = {"application": application, "method": "cash", "paid_on": paid_on}
        return self.ask("pay_application", said, by=by)

    def left(self, fund: str) -> dict[str, Any]:
        """A fund as it is shown."""
        shown: dict[str, Any] = self.ask("fund", {"fund": fund})
        return shown

    def postings(self, fund: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.ask("ledger", {"fund": fund, "limit": 200})["items"]
        return items

    def log(self) -> str:
        """Every stored entry as text."""
        with self.rooms.database.read() as tx:
            rows = tx.exec_driver_sql("SELECT entry FROM events ORDER BY arrival").scalars()
            return "\n".join(bytes(one).decode() for one in rows)

    def token(self, by: str) -> str:
        signer = TokenSigner.load(self.keys, "token-console", self.clock, strict=False)
        return signer.issue(named(by), f"account-{by}", "session", self.roles[by])


def open_house(made: TestDatabase, folder: Path, clock: FixedClock) -> House:
    """A funding over a fresh database, with two villages, a child in each, and staff."""
    upgrade("funding", made.owner_url, application_role=made.application_role)
    service = FundingService()
    service.rooms = build(test_settings(folder), database=Database(made.application_url), clock=clock)
    house = House(service=service, clock=clock, keys=folder / "keys")
    for division, level, parent in ((COUNTY, "county", None), (NEAR, "village", COUNTY), (FAR, "village", COUNTY)):
        told(
            house.rooms,
            r.DivisionRegistered(
                division=division, code="439901", name="示范", level=level, parent=parent, valid_from=clock.now().date()
            ),
        )
    for child, village, name in ((CHILD, NEAR, "唐曦"), (FAR_CHILD, FAR, "丁晨")):
        told(
            house.rooms,
            r.ChildRegistered(child=child, village=village, school=None, klass=None, scope="left_behind", name=name),
        )
    house.hire("officer", "funding_officer")
    house.hire("approver", "funding_approver")
    house.hire("other approver", "funding_approver")
    house.hire("cashier", "cashier")
    house.hire("director", "village_director", NEAR)
    return house
