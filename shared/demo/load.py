"""The demonstration: a small invented county, put into the services through their doors, as people would.

Everything in it follows from its seed, and each command's id from the step that it belongs to: a load that was cut
short goes on where it stopped, and one that was finished is not done again.
"""

from __future__ import annotations

import base64
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from shared.access.roles import Role
from shared.access.tokens import TokenSigner
from shared.demo.county import County, make_county, write_roster
from shared.hosting.clients.port import ServiceClient
from shared.kernel.clock import Clock, day_of
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Denied, NotFound, Refusal

CHILDREN, SEED = 120, 12
AT_ONCE = 100
"""Divisions in one command: what the doors take."""
PATIENCE = 30.0
"""Seconds within which a service has heard what its neighbour recorded."""
UNCHANGED = "(unchanged)"
"""Stands in the place of the password of an account that was there before."""
STAFF: dict[Role, str] = {
    Role.COUNTY_ADMIN: "唐守望",
    Role.SUPERVISOR: "罗明慧",
    Role.VILLAGE_DIRECTOR: "田春梅",
    Role.TEACHER: "彭雨欣",
    Role.HEADTEACHER: "向国强",
    Role.DUTY_OFFICER: "石建军",
    Role.DUTY_LEADER: "龙志刚",
    Role.COUNSELLOR: "覃思怡",
    Role.FUNDING_OFFICER: "吴佳琳",
    Role.FUNDING_APPROVER: "麻国平",
    Role.CASHIER: "滕丽华",
    Role.ACCOUNTANT: "杨静",
    Role.AUDITOR: "周浩然",
}
"""One person for each role, invented like the rest."""
_TOWNSHIP_ROLES = (Role.SUPERVISOR, Role.DUTY_OFFICER, Role.DUTY_LEADER, Role.COUNSELLOR)
_STAGES = {"primary": ["primary"], "secondary": ["junior"]}
_GRADES = "一二三四五六七八九"
_STEPS = ("places", "staff", "roster", "roll call", "funds", "cases", "accounts")

T = TypeVar("T")
Answer = dict[str, Any]


class Accounts(Protocol):
    """The console's accounts, as far as they are needed here."""

    def find(self, login: str) -> Any:
        """The account of this name, or None."""
        ...

    def make(self, login: str, password: str, staff: str) -> Any:
        """A new account."""
        ...


def load_demo(
    client: ServiceClient, *, keys: Path, clock: Clock, accounts: Accounts, password: str
) -> list[tuple[str, str, str]]:
    """Load the county, its staff, its children and a day's work; the accounts as (login, role, password).

    An account bears its role's code. Where all accounts are there already, nothing is done, and the password's place
    says so; `keys` is the directory with the keys that sign tokens. Raises Refusal where a door refuses.
    """
    if all(accounts.find(str(role)) is not None for role in STAFF):
        return [(str(role), str(role), UNCHANGED) for role in STAFF]
    desk = _Desk(client, keys, clock)
    columns = (TextColumn("demonstration: {task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(_STEPS[0], total=len(_STEPS))

        def step(name: str) -> None:
            progress.update(task, description=name, completed=_STEPS.index(name))

        return _load(desk, accounts, password, step)


def _load(desk: _Desk, accounts: Accounts, password: str, step: Callable[[str], None]) -> list[tuple[str, str, str]]:
    county = make_county(CHILDREN, SEED)
    centre = Centre.of(county)
    step("places")
    places = _places(desk, county, centre)
    step("staff")
    staff = _staff(desk, places, centre)
    step("roster")
    _roster(desk, county)
    step("roll call")
    pupils = _roll_call(desk, places[centre.klass])
    step("funds")
    _funds(desk, pupils[-1])
    step("cases")
    _cases(desk)
    step("accounts")
    made = []
    for role in STAFF:
        known = accounts.find(str(role)) is not None
        if not known:
            accounts.make(str(role), password, staff[role])
        made.append((str(role), str(role), UNCHANGED if known else password))
    return made


@dataclass(frozen=True, slots=True)
class Centre:
    """Where the demonstration's people work: the largest class, and the village where most children live.

    Divisions are named by their codes, schools and classes by name.
    """

    township: str
    village: str
    school: str
    grade: int
    klass: str

    @classmethod
    def of(cls, county: County) -> Centre:
        classes = Counter((one.school, one.grade, one.class_number) for one in county.children)
        (school, grade, number), _ = max(classes.items(), key=lambda found: (found[1], found[0][0].name))
        near = Counter(one.village.code for one in county.children if one.village.township == school.township)
        village = max(near.items(), key=lambda found: (found[1], found[0]))[0]
        return cls(school.township, village, school.name, grade, f"{_GRADES[grade - 1]}年级（{number}）班")


class _Desk:
    """The doors, as each of the staff in turn."""

    def __init__(self, client: ServiceClient, keys: Path, clock: Clock) -> None:
        self.clock = clock
        self._client, self._keys = client, keys
        self._signers: dict[str, TokenSigner] = {}

    def ask(self, role: Role | None, service: str, door: str, data: Answer, step: str | None = None) -> Any:
        """The answer to a role's person; None stands for whoever sets a deployment up. `step` names a command.

        A service may not have heard yet of the person or the child: it is asked again for a while.
        """
        command = derived_id(f"demonstration {SEED}", step or f"{door} {data!r}")

        def carry() -> Any:
            return self._client.call(service, door, data, token=self._token(role), command_id=command, timeout=PATIENCE)

        try:
            return _patiently(carry)
        except Refusal as refusal:
            # The same step on another day: it was done in a load that was cut short, and what was done then holds.
            if refusal.code != "command_id_reused":
                raise
            asked = {"command_id": command}
            return self._client.call(service, "command_outcome", asked, token=self._token(role))

    def _token(self, role: Role | None) -> str:
        issuer = "bootstrap" if role is None else "console"
        if issuer not in self._signers:
            self._signers[issuer] = TokenSigner.load(self._keys, f"token-{issuer}", self.clock)
        if role is None:
            return self._signers[issuer].issue("system:bootstrap", issuer, "demonstration", "system")
        return self._signers[issuer].issue(_person(role), "demonstration", "demonstration", str(role))


def _person(role: Role) -> str:
    """A person's reference is the id of the command that registers them."""
    return derived_id(f"demonstration {SEED}", f"staff {role}")


def _patiently(ask: Callable[[], T]) -> T:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except (Denied, NotFound):
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)


def _places(desk: _Desk, county: County, centre: Centre) -> dict[str, str]:
    """Register divisions and open schools; their references by code or name, and that of the class in the middle."""
    top = f"{county.code}000000"
    rows: list[Answer] = [{"code": top, "name": county.name, "level": "county"}]
    rows += [{"code": one.code, "name": one.name, "level": "township", "parent": top} for one in county.townships]
    rows += [
        {"code": one.code, "name": one.name, "level": "village", "parent": one.township} for one in county.villages
    ]
    for start in range(0, len(rows), AT_ONCE):
        desk.ask(None, "registry", "register_divisions", {"divisions": rows[start : start + AT_ONCE]})
    _hire(desk, Role.COUNTY_ADMIN)
    made = desk.ask(None, "registry", "register_divisions", {"divisions": rows[:1]}, "county")
    _grant(desk, Role.COUNTY_ADMIN, division=made["id"])
    known = desk.ask(Role.COUNTY_ADMIN, "registry", "divisions", {})
    places = {one["code"]: str(one["division"]) for one in known["items"]}
    for school in county.schools:
        opened = {"name": school.name, "division": places[school.township], "stages": _STAGES[school.stage]}
        places[school.name] = str(desk.ask(Role.COUNTY_ADMIN, "registry", "open_school", opened)["id"])
    formed = {"school": places[centre.school], "name": centre.klass, "grade": centre.grade}
    places[centre.klass] = desk.ask(Role.COUNTY_ADMIN, "registry", "form_class", formed)["id"]
    places["county"] = made["id"]
    return places


def _staff(desk: _Desk, places: dict[str, str], centre: Centre) -> dict[Role, str]:
    """Register one person for each role and grant it where such a person works; their references by role."""
    for role in STAFF:
        if role is Role.COUNTY_ADMIN:
            continue
        _hire(desk, role)
        if role is Role.TEACHER:
            _grant(desk, role, place=places[centre.klass])
        elif role is Role.HEADTEACHER:
            _grant(desk, role, place=places[centre.school])
        elif role is Role.VILLAGE_DIRECTOR:
            _grant(desk, role, division=places[centre.village])
        else:
            _grant(desk, role, division=places[centre.township if role in _TOWNSHIP_ROLES else "county"])
    return {role: _person(role) for role in STAFF}


def _hire(desk: _Desk, role: Role) -> None:
    data = {"name": STAFF[role], "phone": f"15499{list(STAFF).index(role):06}"}
    desk.ask(None, "registry", "register_staff", data, f"staff {role}")


def _grant(desk: _Desk, role: Role, **where: str) -> None:
    data = {"staff": _person(role), "role": str(role), "scope": next(iter(where)), **where}
    desk.ask(None, "registry", "grant_role", data, f"grant {role}")


def _roster(desk: _Desk, county: County) -> None:
    """Import the county's roster as its administrator does: a file that names the schools itself."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster.xlsx"
        write_roster(county, file)
        content = base64.b64encode(file.read_bytes()).decode()
    upload = desk.ask(Role.COUNTY_ADMIN, "registry", "upload_roster", {"content": content}, "upload")["upload"]
    said = {"upload": upload, "legal_basis": "statutory_duty"}
    state = desk.ask(Role.COUNTY_ADMIN, "registry", "start_import", said, "roster")
    for chunk in range(int(state["done"]) + 1, int(state["chunks"]) + 1):
        data = {"roster": state["roster"], "chunk": chunk}
        desk.ask(Role.COUNTY_ADMIN, "registry", "import_chunk", data)


def _roll_call(desk: _Desk, klass: str) -> list[str]:
    """The teacher takes this morning's roll call: one is ill, one is missing and nobody knows why."""
    roster = desk.ask(Role.TEACHER, "registry", "class_roster", {"klass": klass})
    pupils = [str(one["child"]) for one in roster["items"]]
    for one in pupils:  # alerts has heard of every child before it is asked about all of them
        desk.ask(Role.TEACHER, "alerts", "timeline", {"child": one})
    marks: list[Answer] = [{"child": one, "state": "present"} for one in pupils]
    marks[0] = {"child": pupils[0], "state": "absent"}
    if len(marks) > 1:
        marks[1] = {"child": pupils[1], "state": "absent", "reason": "sick"}
    today = day_of(desk.clock.now()).isoformat()
    data = {"klass": klass, "day": today, "session": "morning", "marks": marks}
    desk.ask(Role.TEACHER, "alerts", "take_roll_call", data, "roll call")
    return pupils


def _funds(desk: _Desk, child: str) -> None:
    """A fund with a donation, and one application that waits for approval."""
    officer, today = Role.FUNDING_OFFICER, day_of(desk.clock.now()).isoformat()
    named = {"name": "春苗助学金", "purpose": "资助留守儿童的学费、住宿费和交通费。"}
    fund = desk.ask(officer, "funding", "open_fund", named)["id"]
    gift = {"fund": fund, "amount": 6_000_000, "source": "donor", "received_on": today, "donor_name": "演示市慈善会"}
    desk.ask(officer, "funding", "record_donation", gift, "gift")
    wanted = {"child": child, "fund": fund, "amount": 60_000, "reason": "父母长期在外务工，缺本学期寄宿费。"}
    application = desk.ask(officer, "funding", "draft_application", wanted)["id"]
    desk.ask(officer, "funding", "submit_application", {"application": application})


def _cases(desk: _Desk) -> None:
    """The supervisor writes a note into a case that the absence or the register opened by itself."""

    def opened() -> list[Answer]:
        found: list[Answer] = desk.ask(Role.SUPERVISOR, "casework", "cases", {"limit": 100})["items"]
        if not found:
            raise NotFound("case")
        return found

    case = min(one["case"] for one in _patiently(opened))
    note = {"case": case, "note_class": "ordinary", "text": "已与祖母通话，约定本周五入户走访。"}
    desk.ask(Role.SUPERVISOR, "casework", "add_note", note, "note")
