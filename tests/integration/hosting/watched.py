"""A small registry whose log alerts witnesses, step by step, without a host; and hands that tamper with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Connection, delete, select, text, update

from shared.access.permissions import Permission
from shared.cli.live_audit import verified
from shared.cli.reach import Reach
from shared.eventstore.sequencer import take
from shared.eventstore.tables import events
from shared.eventstore.work import Decision
from shared.hosting import contradictions, witnessing
from shared.hosting.clients.port import ServiceUnavailable, read
from shared.hosting.cosigning import Cosigning
from shared.hosting.engine import Engine
from shared.hosting.foundation import Rooms
from shared.hosting.migrating import upgrade
from shared.hosting.service import Service
from shared.kernel.clock import FixedClock
from shared.ledger.tables import APPEND_ONLY, log_checkpoints, log_nodes, log_positions, log_tree
from shared.messaging.contradictions import ContradictionReason
from shared.storage.database import Database
from shared.testing.rooms import call_as, test_settings
from tests.infrastructure.database import TestDatabase, sqlite_database
from tests.integration.hosting.small.alerts.rooms import build as build_alerts
from tests.integration.hosting.small.registry.rooms import RegisterDivision, RegisterStaff, build

PACKAGE = "tests.integration.hosting.small"
HISTORY = (*APPEND_ONLY, "events", "event_persons", "commands", "vault_parts", "vault_attachments", "vault_chunks")


@dataclass
class Watched:
    """The log, its witnesses, and the way between them."""

    rooms: Rooms[Any, Any]
    owner: Database
    witnesses: dict[str, Rooms[Any, Any]]
    clock: FixedClock
    cosigning: Cosigning
    away: set[str]

    def record(self, entries: int = 1) -> None:
        """So many new entries, each in its place."""
        for number in range(entries):
            self.clock.move(1)
            command = RegisterDivision(code="430000", name=f"{number}", parent=None)
            self.rooms.handlers.register_division(call_as(self.rooms, command, Permission.DIVISION_REGISTER))
            self._place()

    def record_person(self) -> None:
        """An entry with sealed parts."""
        command = RegisterStaff(name="王秀兰")
        self.rooms.handlers.register_staff(call_as(self.rooms, command, Permission.STAFF_REGISTER))
        self._place()

    def sign(self) -> str:
        """Sign the present size."""
        with self.rooms.database.begin() as tx:
            return self.rooms.base.checkpoints.make(tx)

    def cosign(self) -> None:
        """Sign, and offer to whoever may be asked."""
        self.sign()
        self.clock.move(600)
        self.cosigning.step()

    def standing(self, service: str = "registry") -> dict[str, Any]:
        """What the door `log_standing` answers."""
        rooms = self.rooms if service == "registry" else self.witnesses[service]
        return witnessing.standing(rooms, call_as(rooms, {}, Permission.ENTRY_VIEW))

    def witnessed(self, service: str, log: str = "registry") -> list[str]:
        """What a service has cosigned of a log."""
        rooms = self.witnesses[service]
        asked = {"log": log, "after": None, "limit": 100}
        items: list[str] = witnessing.witnessed(rooms, call_as(rooms, asked, Permission.ENTRY_VIEW))["items"]
        return items

    def call(self, service: str, door: str, data: dict[str, Any], *, token: str, timeout: float = 0.0) -> Any:
        """The client's port: a door of one of the services that are here."""
        if service != "registry" and service not in self.witnesses:
            raise ServiceUnavailable(service)
        opened = _Door()
        opened.name, opened.rooms = service, self.rooms if service == "registry" else self.witnesses[service]
        return read(service, "", getattr(opened, door)({"token": token, "data": data}))

    def contradictions(self, service: str = "registry") -> list[dict[str, Any]]:
        """What the door `contradictions` answers."""
        rooms = self.rooms if service == "registry" else self.witnesses[service]
        call = call_as(rooms, {}, Permission.CONTRADICTION_DECIDE)
        items: list[dict[str, Any]] = contradictions.listed(rooms, self.engine(service), call)["items"]
        return items

    def decide(self, service: str, number: int = 0, reason: str = "tampering_reported") -> Decision:
        """The door `contradiction_decide`, for one of those that `contradictions` lists."""
        rooms = self.rooms if service == "registry" else self.witnesses[service]
        asked = {
            "contradiction": self.contradictions(service)[number]["id"],
            "reason": ContradictionReason(reason),
        }
        call = call_as(rooms, asked, Permission.CONTRADICTION_DECIDE)
        decision = contradictions.decide(rooms, self.engine(service), call)
        self._place()
        return decision

    def engine(self, service: str) -> Engine:
        """What the doors ask of a service's engine: how its log stands with the witnesses."""
        stands = self.cosigning if service == "registry" else None
        return cast("Engine", SimpleNamespace(witnesses=stands))

    def goes_on(self, size: int) -> None:
        """Alerts as the witness goes on with the log from a size, as an accepted restore has it do."""
        rooms = self.witnesses["alerts"]
        with rooms.database.begin() as tx:
            rooms.base.witness.accept(tx, self.rooms.base.store.source, size)

    def verified(self, accept_late: int = 0) -> int:
        """The exit code of `shouwang audit verify` for this log; what it says goes to standard output."""
        reach = Reach(client=self, clock=self.clock, settings=self.rooms.base.settings, how="alone")  # type: ignore[arg-type]
        return verified(reach, "registry", accept_late)

    def restart(self) -> None:
        """What a process remembers is gone."""
        self.cosigning = Cosigning(self.rooms.base, list(self.witnesses), self.offer)

    def offer(self, witness: str, words: dict[str, Any]) -> dict[str, Any]:
        """The door `witness` of a service, or nobody there."""
        if witness in self.away:
            raise ServiceUnavailable(witness)
        door = _Door()
        door.name, door.rooms = witness, self.witnesses[witness]
        token = self.rooms.base.signer.issue("system:registry", "registry", "service", "system")
        answer: dict[str, Any] = read(witness, "", door.witness({"token": token, "data": words}))
        return answer

    @contextmanager
    def tampering(self) -> Iterator[Connection]:
        """The hand of a database's owner who has switched the triggers off, in one transaction."""
        with self.owner.begin() as tx:
            for table in HISTORY:
                if self.owner.is_sqlite:
                    for action in ("update", "delete"):
                        tx.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{action}"))
                else:
                    tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            yield tx

    def _place(self) -> None:
        if not self.rooms.database.is_sqlite:
            with self.rooms.database.begin() as tx:
                take(tx, self.rooms.base.store.tree)


class _Door(Service):
    name = "witness"
    rooms: Any = None


@contextmanager
def watched(given: TestDatabase, folder: Path, clock: FixedClock) -> Iterator[Watched]:
    """A registry on this database; its witnesses have files of their own."""
    upgrade("registry", given.owner_url, application_role=given.application_role, package=f"{PACKAGE}.registry")
    settings = dataclasses.replace(test_settings(folder), checkpoint_dir=folder / "outside")
    rooms = build(settings, database=Database(given.application_url), clock=clock)
    witnesses: dict[str, Rooms[Any, Any]] = {}
    for name in ("alerts",):
        file = sqlite_database(folder / f"{name}.sqlite")
        upgrade(name, file.owner_url, package=f"{PACKAGE}.{name}")
        witnesses[name] = build_alerts(settings, database=Database(file.owner_url), clock=clock)
    owner = Database(given.owner_url)
    made = Watched(rooms, owner, witnesses, clock, None, set())  # type: ignore[arg-type]
    made.restart()
    try:
        yield made
    finally:
        for database in (owner, rooms.database, *(one.database for one in witnesses.values())):
            database.dispose()


def cut(county: Watched, size: int) -> None:
    """The owner of the database takes the tail away, with everything that says so, and has it signed again."""
    with county.tampering() as tx:
        arrivals = select(log_positions.c.event_id).where(log_positions.c.position >= size)
        for event_id in list(tx.execute(arrivals).scalars()):
            tx.execute(delete(events).where(events.c.id == event_id))
        tx.execute(delete(log_positions).where(log_positions.c.position >= size))
        for level in range(1, 8):
            tx.execute(delete(log_nodes).where(log_nodes.c.level == level, log_nodes.c.idx >= size >> level))
        tx.execute(delete(log_checkpoints).where(log_checkpoints.c.size > size))
        tx.exec_driver_sql(f"DELETE FROM log_cosignatures WHERE size > {size}")
        tx.execute(update(log_tree).values(size=size))
    county.sign()
