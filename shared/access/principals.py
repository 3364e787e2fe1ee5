"""Who acts, with the grants that hold for the role acted in; and the call that carries them through a service."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from shared.access.permissions import Permission
from shared.access.roles import PERMISSIONS, SEES, SYSTEM, FieldClass, Role
from shared.eventstore.work import Order
from shared.kernel.ids import derived_id
from shared.kernel.messages import Actor, Cause, Recorded

D = TypeVar("D")
N = TypeVar("N")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Where a role holds: `scope` division, place or children, and which."""

    id: str
    role: Role
    scope: str
    division: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A member of staff in one role, or a service on its own account (`role` is then "system")."""

    id: str
    role: str
    grants: tuple[Grant, ...] = ()
    permissions: frozenset[Permission] = frozenset()
    sees: frozenset[FieldClass] = frozenset({FieldClass.PUBLIC})

    @property
    def is_system(self) -> bool:
        """Whether a service acts on its own account."""
        return self.role == "system"

    @classmethod
    def staff(cls, staff: str, role: Role, grants: tuple[Grant, ...]) -> Principal:
        """A member of staff acting in a role, where these grants of it hold."""
        return cls(id=staff, role=str(role), grants=grants, permissions=PERMISSIONS[role], sees=SEES[role])

    @classmethod
    def system(cls, service: str) -> Principal:
        """A service on its own account, with its listed permissions."""
        return cls(id=f"system:{service}", role="system", permissions=SYSTEM[service], sees=frozenset(FieldClass))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[D]):
    """A command or query at a door or from a reaction: what is asked (`data`), by whom, under which permission.

    Its handler or query must clear it with the gate before it answers; the desk and the door see to that. `opened` are
    the openings by which a query (`reads`) was let read what is restricted, each with the child that it is about.
    """

    data: D
    principal: Principal
    permission: Permission | None
    command_id: str
    correlation: str
    content: dict[str, Any] = field(default_factory=dict)
    expected: int | None = None
    causation: str | None = None
    traceparent: str | None = None
    happened_on: date | None = None
    legal_basis: str | None = None
    language: str = "zh-Hans"
    within: Connection | None = None
    reads: bool = False
    clearance: list[str] = field(default_factory=list)
    opened: dict[str, str] = field(default_factory=dict)

    @property
    def cleared(self) -> bool:
        """Whether the gate has said yes."""
        return bool(self.clearance)

    def cause(self) -> Cause:
        """Why the events that follow are recorded."""
        where = next((g.division or g.place for g in self.principal.grants), None)
        return Cause(
            actor=Actor(id=self.principal.id, role=self.principal.role, division=where),
            command_id=self.command_id,
            correlation=self.correlation,
            causation=self.causation,
            traceparent=self.traceparent,
            happened_on=self.happened_on,
            legal_basis=self.legal_basis,
        )

    def order(self) -> Order:
        """This command as the desk takes it."""
        return Order(
            cause=self.cause(),
            content=self.content,
            expected=self.expected,
            within=self.within,
            cleared=lambda: self.cleared,
        )

    def asking(self, data: N, name: str) -> Call[N]:
        """A further command that this one asks for, under an id derived from its own and `name`."""
        changed: Any = dataclasses.replace(
            self,
            data=data,  # type: ignore[arg-type]
            command_id=derived_id(self.command_id, name),
            content={"of": self.command_id, "as": name},
            expected=None,
            clearance=[],
            opened={},
        )
        further: Call[N] = changed
        return further


def by_system(
    service: str,
    data: D,
    permission: Permission,
    *,
    name: str,
    cause: Recorded | None = None,
    command_id: str | None = None,
    within: Connection | None = None,
) -> Call[D]:
    """A command of a service's own, because of an event (`cause`) or a timer (`command_id`). Twice is once."""
    if cause is not None:
        command_id = derived_id(cause.id, f"{service}:{name}")
    if command_id is None:
        raise ValueError("a system command needs its cause or its id")
    return Call(
        data=data,
        principal=Principal.system(service),
        permission=permission,
        command_id=command_id,
        correlation=cause.cause.correlation if cause else command_id,
        causation=cause.id if cause else None,
        content={"of": command_id, "as": name},
        within=within,
    )
