"""Alerts that set a bell for each township that registry names, and ring it after thirty minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Connection, MetaData, String, Table, func, select

from shared.access import tables as access_tables
from shared.access.permissions import Permission
from shared.access.principals import Call, by_system
from shared.access.views import access
from shared.config.settings import Settings
from shared.contracts import registry as r
from shared.eventstore.projecting import Projector, Reactor
from shared.eventstore.rows import Rows
from shared.eventstore.timers import Timer, set_timer
from shared.eventstore.work import Work
from shared.hosting.foundation import Foundation, Rooms, lay
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Event, Recorded, Ref, event
from shared.storage.columns import Id

metadata = MetaData()
bells = Table(
    "alerts_bells",
    metadata,
    Column("bell", Id, primary_key=True),
    Column("division", Id, nullable=False),
    Column("rang", Boolean, nullable=False),
)
names = Table("alerts_names", metadata, Column("staff", Id, primary_key=True), Column("name", String(200)))


@event("alerts.bell_set", version=1)
@dataclass(frozen=True, kw_only=True)
class BellSet(Event):
    bell: Ref
    division: Ref


@event("alerts.bell_rang", version=1)
@dataclass(frozen=True, kw_only=True)
class BellRang(Event):
    bell: Ref


@dataclass(frozen=True)
class SetBell:
    division: str


@dataclass(frozen=True)
class RingBell:
    bell: str


class Bell(Aggregate):
    service = "alerts"
    kind = "bell"
    rang = False

    def _apply_bell_set(self, event: Any) -> None: ...

    def _apply_bell_rang(self, event: Any) -> None:
        self.rang = True


own = Projector("alerts.bells", metadata)
heard = Projector("alerts.names", metadata)


@own.when(BellSet)
def _set(rows: Rows, one: BellSet, recorded: Recorded) -> None:
    rows.add(bells, bell=one.bell, division=one.division, rang=False)
    due = recorded.time + timedelta(minutes=30)
    set_timer(rows, Timer(id=derived_id(one.bell, "ring"), kind="ring", due_at=due, subject=one.bell, data={}))


@own.when(BellRang)
def _rang(rows: Rows, one: BellRang, _: Recorded) -> None:
    rows.change(bells, one.bell, rang=True)


@heard.when(r.StaffRegistered)
def _name(rows: Rows, one: r.StaffRegistered, _: Recorded) -> None:
    rows.add(names, staff=one.staff, name=one.name)


class Handlers:
    def __init__(self, base: Foundation) -> None:
        self.base = base

    def set_bell(self, call: Call[SetBell]) -> Any:
        def decide(work: Work) -> Bell:
            self.base.gate.clear(work.tx, call, anywhere=True)
            it = work.find(Bell, derived_id(call.data.division, "bell"))
            if not it.exists:
                it.record(BellSet(bell=Ref(it.id), division=Ref(call.data.division)))
            return it

        return self.base.desk.decide(call.order(), decide)

    def ring_bell(self, call: Call[RingBell]) -> Any:
        def decide(work: Work) -> Bell:
            self.base.gate.clear(work.tx, call, anywhere=True)
            it = work.load(Bell, call.data.bell)
            if not it.rang:
                it.record(BellRang(bell=Ref(it.id)))
            return it

        return self.base.desk.decide(call.order(), decide)


class Queries:
    def __init__(self, base: Foundation) -> None:
        self.base = base

    def bells(self, call: Call[dict[str, Any]]) -> dict[str, Any]:
        with self.base.database.read() as tx:
            self.base.gate.clear(tx, call, anywhere=True)
            found: dict[str, list[str]] = {}
            for row in tx.execute(select(bells)):
                found.setdefault(row.division, []).append("rang" if row.rang else "waits")
            return {
                "bells": found,
                "divisions": tx.execute(select(func.count()).select_from(access_tables.divisions)).scalar_one(),
                "names": {row.staff: row.name for row in tx.execute(select(names))},
            }


def reactions(handlers: Handlers) -> Reactor:
    reactor = Reactor("alerts.reactions")

    @reactor.when(r.DivisionRegistered)
    def _(tx: Connection, one: r.DivisionRegistered, recorded: Recorded) -> None:
        if one.level == "township":
            command = SetBell(division=one.division)
            handlers.set_bell(
                by_system("alerts", command, Permission.ALERT_RAISE, name="set_bell", cause=recorded, within=tx)
            )

    return reactor


def build(settings: Settings, **overrides: Any) -> Rooms[Handlers, Queries]:
    base = lay("alerts", settings, events=(BellSet, BellRang), own=(own,), **overrides)
    handlers = Handlers(base)

    def ring(tx: Connection, timer: Timer) -> None:
        command = RingBell(bell=timer.subject)
        handlers.ring_bell(
            by_system("alerts", command, Permission.ALERT_RAISE, name="ring", command_id=timer.command_id, within=tx)
        )

    return Rooms(
        base=base,
        handlers=handlers,
        queries=Queries(base),
        heard=(access, heard),
        reactor=reactions(handlers),
        ring={"ring": ring},
    )
