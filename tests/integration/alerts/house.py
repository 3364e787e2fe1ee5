"""Alerts behind its doors, over a migrated database, which registry has told of a county."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from services.alerts.service import AlertsService
from services.alerts.wiring import build
from shared.access.tokens import TokenSigner
from shared.contracts import registry as r
from shared.eventstore.timers import TimerRunner
from shared.hosting.migrating import upgrade
from shared.kernel.clock import FixedClock
from shared.kernel.ids import derived_id, new_id
from shared.kernel.messages import Event, Person, PublicText, Ref
from shared.storage.database import Database
from shared.testing.rooms import as_recorded, test_settings, told
from tests.infrastructure.database import TestDatabase

TODAY = date(2026, 9, 21)


def ref(name: str) -> Any:
    """The same reference for the same name."""
    return derived_id(name, "a test of alerts")


COUNTY, TOWNSHIP, VILLAGE, OTHER_VILLAGE = (ref(one) for one in ("county", "township", "village", "other village"))
SCHOOL, KLASS, OTHER_KLASS = ref("school"), ref("class"), ref("other class")
CHILD, SECOND, THIRD, STRANGER = (ref(one) for one in ("child", "second", "third", "stranger"))
GRANDMOTHER, FATHER = ref("grandmother"), ref("father")


class Refused(Exception):
    """A door said no."""

    def __init__(self, refusal: dict[str, Any]) -> None:
        super().__init__(f"{refusal['code']} {refusal['facts']}")
        self.code, self.facts = refusal["code"], refusal["facts"]


@dataclass
class House:
    """Alerts. `ask` goes through its doors as the wire would."""

    service: AlertsService
    clock: FixedClock
    signer: TokenSigner
    staff: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def rooms(self) -> Any:
        return self.service.rooms

    def ask(self, door: str, data: dict[str, Any] | None = None, by: str = "officer", **message: Any) -> Any:
        """The answer of a door to a member of staff."""
        self.clock.move(0.001)  # ids made in one millisecond are in no order
        return self.send(door, data, by, **message)

    def send(self, door: str, data: dict[str, Any] | None = None, by: str = "officer", **message: Any) -> Any:
        """The same without moving the clock, for threads."""
        person, role = self.staff[by]
        token = self.signer.issue(person, f"account-{by}", "session", role)
        sent = {"token": token, "data": data or {}, "command_id": new_id(self.clock.now()), **message}
        answer = json.loads(json.dumps(getattr(self.service, door)(json.loads(json.dumps(sent)))))
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["answer"]

    def hire(self, name: str, role: str, *, division: str | None = None, place: str | None = None) -> None:
        """A member of staff whom registry told of; the name is how `ask` calls them."""
        person, scope = ref(name), "division" if division else "place"
        self.staff[name] = (person, role)
        granted = r.RoleGranted(
            grant=ref(f"{name} grant"),
            staff=person,
            role=role,
            scope=scope,
            division=Ref(division) if division else None,
            place=Ref(place) if place else None,
        )
        self.tell(r.StaffRegistered(staff=person, name=f"职工{name}", phone="19900001111"), granted)

    def tell(self, *events: Event) -> None:
        """What registry says, to the copies."""
        told(self.rooms, *events)

    def react(self, *events: Event, times: int = 1) -> None:
        """What registry says, to the reactions; several times, as after a crash."""
        for recorded in as_recorded(self.rooms, events, "registry"):
            for _ in range(times):
                with self.rooms.database.begin() as tx:
                    self.rooms.reactor.effect(tx, recorded)

    def ring(self) -> int:
        """Let due timers ring."""
        return TimerRunner(self.rooms.database, self.clock, self.rooms.ring).step()

    def events(self) -> int:
        with self.rooms.database.read() as tx:
            return int(tx.exec_driver_sql("SELECT count(*) FROM events").scalar() or 0)

    def raise_alert(self, child: str = CHILD, kind: str = "missing", by: str = "teacher", **said: Any) -> str:
        return str(self.ask("raise_alert", {"child": child, "kind": kind, **said}, by=by)["id"])

    def board(self, by: str = "officer", **asked: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.ask("board", asked, by=by)["items"]
        return items

    def call_roll(self, *marks: tuple[str, str, str | None], by: str = "teacher", **said: Any) -> dict[str, Any]:
        """Take the roll of the class today in the morning: (child, state, reason)."""
        data = {
            "klass": KLASS,
            "day": TODAY.isoformat(),
            "session": "morning",
            "marks": [{"child": child, "state": state, "reason": reason} for child, state, reason in marks],
        }
        answer: dict[str, Any] = self.ask("take_roll_call", data | said, by=by)
        return answer


def open_house(made: TestDatabase, folder: Path, clock: FixedClock) -> House:
    """Alerts over a fresh database with a county, a class of three pupils, a card and staff."""
    upgrade("alerts", made.owner_url, application_role=made.application_role)
    service = AlertsService()
    settings = test_settings(folder)
    # Once, before any thread asks: the key is made when it is first loaded.
    signer = TokenSigner.load(folder / "keys", "token-console", clock, strict=False)
    service.rooms = build(settings, database=Database(made.application_url), clock=clock)
    house = House(service=service, clock=clock, signer=signer)
    house.tell(
        _division(COUNTY, "county", None, "示范县"),
        _division(TOWNSHIP, "township", COUNTY, "示范镇"),
        _division(VILLAGE, "village", TOWNSHIP, "桥口村"),
        _division(OTHER_VILLAGE, "village", TOWNSHIP, "西山村"),
        r.SchoolOpened(school=SCHOOL, name=PublicText("示范镇中心学校"), division=TOWNSHIP, stages=("primary",)),
        r.ClassFormed(klass=KLASS, school=SCHOOL, name=PublicText("（1）班"), grade=4),
        r.ClassFormed(klass=OTHER_KLASS, school=SCHOOL, name=PublicText("（2）班"), grade=4),
        _child(CHILD, "唐曦"),
        _child(SECOND, "唐熙"),
        _child(THIRD, "唐洋"),
        _child(STRANGER, "杜宁", OTHER_VILLAGE, OTHER_KLASS),
        r.AddressRecorded(child=CHILD, address="示范镇桥口村5组"),
        a_contact(GRANDMOTHER, 1, "grandmother", name="杜秀", phone="19900000191"),
        a_contact(FATHER, 2, "father", name="唐海", phone="19900001031", employer="演示市建筑公司"),
    )
    house.hire("teacher", "teacher", place=KLASS)
    house.hire("officer", "duty_officer", division=COUNTY)
    house.hire("leader", "duty_leader", division=COUNTY)
    house.hire("admin", "county_admin", division=COUNTY)
    house.hire("elsewhere", "village_director", division=OTHER_VILLAGE)
    return house


def a_contact(contact: Any, order: int, relation: str, child: Any = CHILD, **known: Any) -> r.ContactRecorded:
    """Somebody on a card."""
    facts = {"status": "living", "away": relation == "father", **known}
    return r.ContactRecorded(child=child, contact=contact, relation=relation, order=order, **facts)


def _division(division: Any, level: str, parent: Any, name: str) -> r.DivisionRegistered:
    return r.DivisionRegistered(
        division=division, code=PublicText(level), name=PublicText(name), level=level, parent=parent, valid_from=TODAY
    )


def _child(child: Person, name: str, village: Any = VILLAGE, klass: Any = KLASS) -> r.ChildRegistered:
    return r.ChildRegistered(
        child=child, village=village, school=SCHOOL, klass=klass, scope="left_behind", name=name, sex="female"
    )
