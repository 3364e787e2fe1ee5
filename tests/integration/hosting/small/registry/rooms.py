"""A registry of three commands: enough to say something that a neighbour hears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import fields
from sqlalchemy import func, select

from shared.access import tables as t
from shared.access.principals import Call
from shared.access.schemas import Command, Id, Line, Query
from shared.access.views import access
from shared.config.settings import Settings
from shared.contracts import registry as r
from shared.eventstore.work import Decision, Work
from shared.hosting.foundation import Foundation, Rooms, lay
from shared.kernel.aggregate import Aggregate
from shared.kernel.clock import day_of
from shared.kernel.messages import Person, PublicText, Ref
from shared.kernel.refusals import Refusal


@dataclass(frozen=True)
class RegisterDivision:
    code: str
    name: str
    parent: str | None


@dataclass(frozen=True)
class RegisterStaff:
    name: str


@dataclass(frozen=True)
class GrantRole:
    staff: str
    role: str
    division: str


class DivisionSchema(Command):
    makes = RegisterDivision
    code = Line(required=True)
    name = Line(required=True)
    parent = Id(load_default=None, allow_none=True)


class StaffSchema(Command):
    makes = RegisterStaff
    name = Line(required=True)


class GrantSchema(Command):
    makes = GrantRole
    staff = Id(required=True)
    role = fields.String(required=True)
    division = Id(required=True)


class Nothing(Query):
    pass


class Thing(Aggregate):
    service = "registry"
    kind = "thing"

    def _apply_division_registered(self, event: Any) -> None: ...

    def _apply_staff_registered(self, event: Any) -> None: ...

    def _apply_role_granted(self, event: Any) -> None: ...


class Handlers:
    def __init__(self, base: Foundation) -> None:
        self.base = base

    def register_division(self, call: Call[RegisterDivision]) -> Decision:
        def decide(work: Work) -> Thing:
            self.base.gate.clear(work.tx, call, anywhere=True)
            if call.data.name == "nowhere":
                raise Refusal("registry.nowhere", division=call.data.code)
            if call.data.name == "fault":
                raise RuntimeError("王秀兰 13900000000")
            it = work.find(Thing, call.command_id)
            if not it.exists:
                it.record(
                    r.DivisionRegistered(
                        division=Ref(it.id),
                        code=PublicText(call.data.code),
                        name=PublicText(call.data.name),
                        level="township" if call.data.parent else "county",
                        parent=Ref(call.data.parent) if call.data.parent else None,
                        valid_from=day_of(self.base.clock.now()),
                    )
                )
            return it

        return self.base.desk.decide(call.order(), decide)

    def register_staff(self, call: Call[RegisterStaff]) -> Decision:
        def decide(work: Work) -> Thing:
            self.base.gate.clear(work.tx, call, anywhere=True)
            it = work.find(Thing, call.command_id)
            it.record(r.StaffRegistered(staff=Person(it.id), name=call.data.name, phone="000-0000"))
            return it

        return self.base.desk.decide(call.order(), decide)

    def grant_role(self, call: Call[GrantRole]) -> Decision:
        def decide(work: Work) -> Thing:
            self.base.gate.clear(work.tx, call, anywhere=True)
            it = work.find(Thing, call.command_id)
            it.record(
                r.RoleGranted(
                    grant=Ref(it.id),
                    staff=Person(call.data.staff),
                    role=call.data.role,
                    scope="division",
                    division=Ref(call.data.division),
                )
            )
            return it

        return self.base.desk.decide(call.order(), decide)


class Queries:
    def __init__(self, base: Foundation) -> None:
        self.base = base

    def divisions(self, call: Call[dict[str, Any]]) -> dict[str, Any]:
        with self.base.database.read() as tx:
            self.base.gate.clear(tx, call, anywhere=True)
            return {"count": tx.execute(select(func.count()).select_from(t.divisions)).scalar_one()}


def build(settings: Settings, **overrides: Any) -> Rooms[Handlers, Queries]:
    base = lay("registry", settings, events=r.EVENTS, own=(access,), **overrides)
    return Rooms(base=base, handlers=Handlers(base), queries=Queries(base))
