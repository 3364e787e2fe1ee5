"""A walk with every role to every door of every service: whoever lacks the permission is denied by its name."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.access.permissions import Permission
from shared.access.roles import PERMISSIONS, SYSTEM, Role
from shared.access.tokens import TokenSigner
from shared.contracts import LANGUAGE
from shared.contracts import registry as r
from shared.eventstore.schema import create_history, create_views
from shared.hosting.directory import service_class
from shared.hosting.entrypoints import doors_of
from shared.hosting.service import Service
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.kernel.messages import Event, Person, PublicText, Ref
from shared.storage.database import Database
from shared.testing.rooms import as_recorded, test_settings

HOUSE = Path(__file__).resolve().parents[3]
SERVICES = [
    name for name in LANGUAGE if any((HOUSE / "services" / name / room).exists() for room in ("service.py", "service"))
]
UNLOCKED = {"checkpoint", "command_outcome", "log_tile"}
"""The doors that ask for no permission; `shared/hosting/service.py` says why at each."""
CLOCK = FixedClock(datetime(2026, 11, 23, 8, tzinfo=UTC))


def ident() -> str:
    CLOCK.move(0.001)
    return new_id(CLOCK.now())


@dataclass
class Walk:
    """A service with staff of every role, each of them for the one township; and a child of another."""

    service: Any
    name: str
    keys: Path
    staff: dict[str, str] = field(default_factory=dict)
    stranger: str = ""

    def ask(self, door: str, data: dict[str, Any], role: str) -> dict[str, Any]:
        """What a door says to somebody in a role (`system:<service>` for a service of its own account)."""
        found: dict[str, Any] = getattr(self.service, door)({"token": self._token(role), "data": data})
        return found

    def _token(self, role: str) -> str:
        system, _, service = role.partition(":")
        if service:
            return TokenSigner.load(self.keys, f"token-{service}", CLOCK, strict=False).issue(role, "", "", system)
        signer = TokenSigner.load(self.keys, "token-console", CLOCK, strict=False)
        return signer.issue(self.staff[role], role, "session", role)


@pytest.fixture(scope="module", params=SERVICES)
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp(request.param)
    database = Database(f"sqlite:///{folder / 'walk.sqlite'}")
    build = importlib.import_module(f"services.{request.param}.wiring").build
    rooms = build(test_settings(folder), database=database, clock=CLOCK)
    with database.begin() as tx:
        create_history(tx)
        create_views(tx, rooms.views())
    service = service_class(request.param)()
    service.rooms = rooms
    made = Walk(service, request.param, folder / "keys")
    tell(rooms, settle(made))
    yield made
    database.dispose()


def tell(rooms: Any, events: list[Event]) -> None:
    """Let the access projector hear the county, wherever the service keeps it: its own or a follower's."""
    projectors = [one for one in (*rooms.base.own, *rooms.heard) if one.name == "access"]
    assert len(projectors) == 1
    with rooms.database.begin() as tx:
        for recorded in as_recorded(rooms, events, "registry"):
            projectors[0].effect(tx, recorded)


def settle(walk: Walk) -> list[Event]:
    """A county of two townships; everybody works in the first, the child lives in the second."""
    here, there = Ref(ident()), Ref(ident())
    found: list[Event] = [
        r.DivisionRegistered(
            division=one,
            code=PublicText(f"43990110{number}"),
            name=PublicText("示范镇"),
            level="township",
            parent=None,
            valid_from=CLOCK.now().date(),
        )
        for number, one in enumerate((here, there))
    ]
    for role in Role:
        walk.staff[role] = ident()
        grant = {"grant": Ref(ident()), "staff": Person(walk.staff[role]), "role": str(role), "scope": "division"}
        found.append(r.RoleGranted(**grant, division=here))  # type: ignore[arg-type]
    walk.stranger = ident()
    found.append(
        r.ChildRegistered(child=Person(walk.stranger), village=there, school=None, klass=None, scope="left_behind")
    )
    return found


def locked(service: type[Service]) -> dict[str, Permission]:
    """The doors of a service with the permission that each asks for."""
    return {name: getattr(service, name).permission for name in doors_of(service) if getattr(service, name).permission}


def may(role: str) -> frozenset[Permission]:
    return SYSTEM[role.partition(":")[2]] if role.startswith("system:") else PERMISSIONS[Role(role)]


EVERYBODY = [str(role) for role in Role] + [f"system:{name}" for name in SYSTEM]


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_door_denies_whoever_lacks_its_permission_and_reads_the_words_of_the_others(
    walk: Walk, role: str
) -> None:
    wrong = {}
    for door, permission in locked(type(walk.service)).items():
        answer = walk.ask(door, {"no_such_word": 1}, role)
        said = answer.get("refused", {})
        expected = "invalid" if permission in may(role) else "denied"
        named = expected == "invalid" or said.get("facts", {}).get("permission") == str(permission)
        if said.get("code") != expected or not named:
            wrong[door] = answer
    assert wrong == {}


def test_every_door_sends_a_stranger_away(walk: Walk) -> None:
    wrong = {}
    for door in locked(type(walk.service)):
        answer = getattr(walk.service, door)({"token": "stranger", "data": {}})
        if answer.get("refused", {}).get("code") != "unauthenticated":
            wrong[door] = answer
    assert wrong == {}


def test_no_door_but_those_that_say_why_asks_for_less_than_a_permission(walk: Walk) -> None:
    service = type(walk.service)
    assert set(doors_of(service)) - set(locked(service)) == UNLOCKED


def test_what_is_asked_of_a_child_in_another_township_is_told_to_nobody(walk: Walk) -> None:
    told = {}
    for door, permission in locked(type(walk.service)).items():
        fields = getattr(type(walk.service), door).schema().fields
        if "child" not in fields or any(one.required for name, one in fields.items() if name != "child"):
            continue
        for role in (one for one in Role if permission in PERMISSIONS[one]):
            answer = walk.ask(door, {"child": walk.stranger}, role)
            nothing = answer.get("answer", {}).get("items") == []  # a list that shows none of it
            if not nothing and answer.get("refused", {}).get("code") not in ("denied", "not_found"):
                told[door, str(role)] = answer
    assert told == {}


def test_a_door_asks_for_a_permission_of_its_own_service_or_of_the_log(walk: Walk) -> None:
    foreign = {
        door: str(permission)
        for door, permission in locked(type(walk.service)).items()
        if permission.partition(":")[0] not in (walk.name, "log")
    }
    assert foreign == {}


def test_permissions_are_written_by_one_grammar_in_alphabetical_order() -> None:
    values = [str(one) for one in Permission]
    assert [one for one in values if not re.fullmatch(r"[a-z]+:[a-z_]+:[a-z]+", one)] == []
    assert values == sorted(values)
    assert len(values) == len(set(values))


def test_every_permission_is_held_by_somebody() -> None:
    held = frozenset().union(*PERMISSIONS.values(), *SYSTEM.values())
    assert frozenset(Permission) - held == frozenset()
