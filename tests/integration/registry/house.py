"""Registry behind its doors, over a migrated database, with a county in it; and rosters to send there."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from services.registry.domain.places import division_id
from services.registry.service import RegistryService
from services.registry.wiring import build
from shared.access.tokens import TokenSigner
from shared.hosting.migrating import upgrade
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.localisation.identity import make_identity
from shared.storage.database import Database
from shared.testing.rooms import test_settings
from tests.infrastructure.database import TestDatabase

COUNTY, TOWNSHIP, OTHER_TOWNSHIP = "439901", "439901101", "439901102"
VILLAGE, OTHER_VILLAGE = "439901101201", "439901102201"
DIVISIONS = [
    {"code": COUNTY, "name": "示范县", "level": "county"},
    {"code": TOWNSHIP, "name": "示范镇", "level": "township", "parent": COUNTY},
    {"code": OTHER_TOWNSHIP, "name": "样例镇", "level": "township", "parent": COUNTY},
    {"code": VILLAGE, "name": "桥口村", "level": "village", "parent": TOWNSHIP},
    {"code": OTHER_VILLAGE, "name": "西山村", "level": "village", "parent": OTHER_TOWNSHIP},
]


class Refused(Exception):
    """A door said no."""

    def __init__(self, refusal: dict[str, Any]) -> None:
        super().__init__(f"{refusal['code']} {refusal['facts']}")
        self.code, self.facts = refusal["code"], refusal["facts"]


@dataclass
class House:
    """A registry. `ask` goes through its doors as the wire would."""

    service: RegistryService
    clock: FixedClock
    keys: Path
    staff: dict[str, tuple[str, str]] = field(default_factory=dict)
    school: str = ""
    klass: str = ""

    @property
    def rooms(self) -> Any:
        return self.service.rooms

    @property
    def database(self) -> Database:
        return self.rooms.database

    def ask(self, door: str, data: dict[str, Any] | None = None, by: str = "admin", **message: Any) -> Any:
        """The answer of a door to somebody: a member of staff by name, `console` or `bootstrap`."""
        self.clock.move(0.001)  # ids made in one millisecond are in no order
        sent = {
            "token": self._token(by),
            "data": data or {},
            "command_id": new_id(self.clock.now()),
            **message,
        }
        answer = json.loads(json.dumps(getattr(self.service, door)(json.loads(json.dumps(sent)))))
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["answer"]

    def hire(self, name: str, role: str, **where: str) -> str:
        """Register a member of staff with one role; the name is how `ask` calls them."""
        person = self.ask("register_staff", {"name": f"职工{name}", "phone": "19900001111"}, by="bootstrap")["id"]
        scope = "division" if "division" in where else "place" if "place" in where else "children"
        self.ask("grant_role", {"staff": person, "role": role, "scope": scope, **where}, by="bootstrap")
        self.staff[name] = (person, role)
        return str(person)

    def child(self, by: str = "admin", **changed: Any) -> str:
        """Register a child: 唐曦 of 桥口村 in the first class, unless it is said otherwise."""
        return str(self.ask("register_child", {**a_child(self), **changed}, by=by)["id"])

    def events(self) -> int:
        with self.database.read() as tx:
            return int(tx.exec_driver_sql("SELECT count(*) FROM events").scalar() or 0)

    def import_roster(self, content: bytes, by: str = "admin", **said: Any) -> dict[str, Any]:
        """Upload a roster and import all of it."""
        progress = self.start(content, by, **said)
        while progress["state"] == "running":
            progress = self.ask("import_chunk", {"roster": progress["id"]}, by=by)
        return progress

    def start(self, content: bytes, by: str = "admin", **said: Any) -> dict[str, Any]:
        upload = self.ask("upload_roster", {"content": base64.b64encode(content).decode()}, by=by)["upload"]
        said = {"school": self.school, "legal_basis": "statutory_duty", **said}
        answer: dict[str, Any] = self.ask("start_import", {"upload": upload, **said}, by=by)
        return answer

    def results(self, roster: str, by: str = "admin") -> Iterator[dict[str, Any]]:
        after: str | None = None
        while True:
            answer = self.ask("import_result", {"roster": roster, **({"after": after} if after else {})}, by=by)
            yield from answer["items"]
            after = answer["next"]
            if after is None:
                return

    def _token(self, by: str) -> str:
        if by in {"console", "bootstrap"}:
            return TokenSigner.load(self.keys, f"token-{by}", self.clock, strict=False).issue(
                f"system:{by}", "", "", "system"
            )
        person, role = self.staff[by]
        signer = TokenSigner.load(self.keys, "token-console", self.clock, strict=False)
        return signer.issue(person, f"account-{by}", "session", role)


def open_house(made: TestDatabase, folder: Path, clock: FixedClock) -> House:
    """A registry over a fresh database, with a county, a school, a class and staff."""
    upgrade("registry", made.owner_url, application_role=made.application_role)
    house = another_house(made, folder, clock)
    house.ask("register_divisions", {"divisions": DIVISIONS}, by="bootstrap")
    house.hire("admin", "county_admin", division=division_id(COUNTY))
    opened = {"name": "示范镇中心学校", "division": division_id(TOWNSHIP), "stages": ["primary", "junior"]}
    house.school = house.ask("open_school", opened)["id"]
    house.klass = house.ask("form_class", {"school": house.school, "name": "（1）班", "grade": 4})["id"]
    return house


def another_house(made: TestDatabase, folder: Path, clock: FixedClock) -> House:
    """The same registry as another process has it."""
    service = RegistryService()
    service.rooms = build(test_settings(folder), database=Database(made.application_url), clock=clock)
    return House(service=service, clock=clock, keys=folder / "keys")


def a_child(house: House) -> dict[str, Any]:
    """What is said of a child when it is registered."""
    born = date(2016, 5, 3)
    return {
        "legal_basis": "statutory_duty",
        "name": "唐曦",
        "sex": "female",
        "born": born.isoformat(),
        "village": division_id(VILLAGE),
        "school": house.school,
        "klass": house.klass,
        "address": "示范镇桥口村5组",
        "identity_number": make_identity("439901", born, 7, "female"),
        "contacts": [
            {"relation": "grandmother", "name": "杜秀", "phone": "19900000191", "age": 66, "health": "体弱"},
            {"relation": "father", "name": "唐海", "phone": "19900001031", "away": True, "employer": "演示市建筑公司"},
        ],
        "arrangement": "grandparents",
        "since": "2026-02-01",
        "carer": 1,
    }


HEAD = (
    "姓名,性别,出生日期,身份证号,年级,班级,家庭住址,父亲姓名,父亲联系电话,母亲姓名,母亲联系电话,"
    "监护人姓名,与儿童关系,监护人联系电话,是否留守,外出方,监护类型"
)


def row(
    number: int,
    *,
    name: str | None = None,
    born: date = date(2016, 5, 3),
    identity: str | None = None,
    klass: str = "（1）班",
    phone: str | None = None,
    left_behind: str = "是",
    care: str = "祖父母（外祖父母）",
    village: str = "桥口村",
) -> str:
    """A row of a roster. Everything in it follows from its number unless it is said otherwise."""
    name = name if name is not None else f"唐{_han(number)}"
    identity = identity if identity is not None else make_identity("439901", born, number, "female")
    phone = phone or f"1990000{number:04}"
    parents = f"唐海{_han(number)},1990001{number:04},丁浩{_han(number)},1990002{number:04}"
    return (
        f"{name},女,{born:%Y.%m.%d},{identity},四年级,{klass},示范镇{village}{number % 9 + 1}组,{parents},"
        f"杜秀{_han(number)},祖母,{phone},{left_behind},父母双方,{care}"
    )


def roster(*rows: str) -> bytes:
    """A roster as a file, as a spreadsheet program saves it."""
    return "\n".join(["示范镇中心学校2026年秋季学期花名册", HEAD, *rows]).encode("gb18030")


def _han(number: int) -> str:
    return chr(0x5609 + number % 50) + chr(0x6600 + number // 50)
