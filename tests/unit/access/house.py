"""A gate over a small county, and tokens to stand before it with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert

from shared.access import tables as t
from shared.access.gate import Gate
from shared.access.permissions import Permission
from shared.access.principals import Call, Principal
from shared.access.tokens import TokenSigner, TokenVerifier
from shared.eventstore.schema import create_views
from shared.kernel.clock import FixedClock
from shared.kernel.ids import derived_id
from shared.storage.database import Database

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
CONSOLE = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
ALERTS = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def ref(name: str) -> str:
    """The reference of something in the county, by what these tests call it."""
    return derived_id("01890000-0000-7000-8000-000000000001", name)


@dataclass
class Rooms:
    """What a door needs of its service."""

    gate: Gate
    clock: FixedClock
    database: Database

    def hire(self, name: str, role: str, scope: str = "division", ended: bool = False, **where: str) -> str:
        """Grant a role, where `division` or `place` say. The reference of who holds it."""
        with self.database.begin() as tx:
            tx.execute(
                insert(t.grants).values(
                    id=ref(f"{name}-{role}-{where}"),
                    staff=ref(name),
                    role=role,
                    scope=scope,
                    ended=ended,
                    **{kind: ref(place) for kind, place in where.items()},
                )
            )
        return ref(name)

    def token(self, name: str, role: str, key: Ed25519PrivateKey = CONSOLE) -> str:
        """A token of a member of staff."""
        return TokenSigner(key, self.clock).issue(ref(name), name, "session", role)

    def system(self, service: str, key: Ed25519PrivateKey = ALERTS) -> str:
        """A token of a service on its own account."""
        return TokenSigner(key, self.clock, issuer=service).issue(f"system:{service}", service, "", "system")

    def principal(self, token: str) -> Principal:
        """Whom the gate takes the bearer of a token for."""
        with self.database.read() as tx:
            return self.gate.principal(tx, token)

    def clear(self, principal: Principal, permission: Permission, **touched: str) -> Call[None]:
        """Ask the gate to let somebody touch a child, a division or a place."""
        call: Call[None] = Call(
            data=None, principal=principal, permission=permission, command_id=ref("command"), correlation=ref("command")
        )
        references: dict[str, Any] = {kind: ref(name) for kind, name in touched.items()}
        with self.database.read() as tx:
            self.gate.clear(tx, call, **references)
        return call


def open_rooms(folder: Path) -> Rooms:
    """A county of two townships with a village each; a school in the first with two classes; a child in each village.

    `chen` learns in class one, `bai` in class two; `gu` lives in the other township and learns nowhere.
    """
    clock = FixedClock(START)
    database = Database(f"sqlite:///{folder / 'access.sqlite'}")
    keys = [("console", CONSOLE.public_key()), ("alerts", ALERTS.public_key())]
    divisions = {"county": None, "east": "county", "west": "county", "mill": "east", "ford": "west"}
    places = [("school", "east", None), ("class_one", None, "school"), ("class_two", None, "school")]
    children = [("chen", "mill", "class_one"), ("bai", "mill", "class_two"), ("gu", "ford", None)]
    with database.begin() as tx:
        create_views(tx, [t.metadata])
        for name, parent in divisions.items():
            row = {"division": ref(name), "parent": ref(parent) if parent else None, "level": "x", "code": name}
            tx.execute(insert(t.divisions).values(**row, name=name))
        for name, division, parent in places:
            row = {"place": ref(name), "kind": "x", "name": name, "division": ref(division) if division else None}
            tx.execute(insert(t.places).values(**row, parent=ref(parent) if parent else None))
        for name, village, klass in children:
            row = {"child": ref(name), "village": ref(village), "klass": ref(klass) if klass else None}
            school = ref("school") if klass else None
            tx.execute(insert(t.children).values(**row, school=school, responsible=ref("wei"), present=True))
    return Rooms(Gate(TokenVerifier(keys, clock)), clock, database)
