"""A service's rooms for a test: its tables made in a fresh database, keys in a folder, a clock that stands still.

rooms = built(build, database, tmp_path, clock)
rooms.handlers.open_fund(call_as(rooms, commands.OpenFund(...), Permission.FUND_OPEN))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from shared.access.permissions import Permission
from shared.access.principals import Call, Grant, Principal
from shared.access.roles import Role, holders_of
from shared.config.settings import Settings
from shared.eventstore.schema import create_history, create_views
from shared.eventstore.sequencer import take
from shared.hosting.foundation import Rooms
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.messages import PURPOSES, Event, Noted, Recorded
from shared.storage.database import Database
from shared.vault.keyring import Keyring

R = TypeVar("R", bound=Rooms[Any, Any])


class Given(Protocol):
    """A fresh database with its two roles, as the tests' infrastructure makes it."""

    owner_url: str
    application_url: str
    application_role: str | None


def built(build: Callable[..., R], given: Given, folder: Path, clock: Clock) -> R:
    """The rooms of a service over a fresh database, reached in the role that cannot change history."""
    settings = test_settings(folder)
    rooms = build(settings, database=Database(given.application_url), clock=clock)
    owner = Database(given.owner_url)
    with owner.begin() as tx:
        create_history(tx, application_role=given.application_role)
        create_views(tx, rooms.views(), application_role=given.application_role)
    owner.dispose()
    return rooms


def test_settings(folder: Path) -> Settings:
    """Settings for a test, with every key made in a folder."""
    Keyring.create(folder / "keys", PURPOSES)
    return Settings.from_environment(
        {"SHOUWANG_ENVIRONMENT": "test", "SHOUWANG_DATA": str(folder), "SHOUWANG_KEYS": str(folder / "keys")}, None
    )


test_settings.__test__ = False  # type: ignore[attr-defined]


def call_as(
    rooms: Rooms[Any, Any],
    data: Any,
    permission: Permission,
    *,
    role: Role | None = None,
    staff: str | None = None,
    division: str | None = None,
    place: str | None = None,
    command_id: str | None = None,
    expected: int | None = None,
    content: dict[str, Any] | None = None,
) -> Call[Any]:
    """A call by a member of staff in a role that grants the permission, for a division or a place.

    Without either, the grant reaches nothing but what no place owns.
    """
    now = rooms.clock.now()
    acting = role or holders_of(permission)[0]
    scope = "place" if place else "division"
    grant = Grant(id=new_id(now), role=acting, scope=scope, division=division, place=place)
    command = command_id or new_id(now)
    return Call(
        data=data,
        principal=Principal.staff(staff or new_id(now), acting, (grant,)),
        permission=permission,
        command_id=command,
        correlation=command,
        content=content if content is not None else {"said": repr(data)},
        expected=expected,
    )


def told(rooms: Rooms[Any, Any], *events: Event, source: str = "registry") -> None:
    """Show the rooms what a neighbour says, as if a follower had received it: views only, no reactions."""
    with rooms.database.begin() as tx:
        for recorded in as_recorded(rooms, events, source):
            for projector in rooms.heard:
                projector.effect(tx, recorded)


def as_recorded(rooms: Rooms[Any, Any], events: Iterable[Event], source: str) -> list[Recorded]:
    """Events as a neighbour would have recorded them now."""
    now = rooms.clock.now()
    call = call_as(rooms, None, Permission.CHILD_VIEW)
    return [
        Noted(
            event=one,
            id=new_id(now),
            stream=f"{source}.told-{new_id(now)}",
            stream_version=1,
            source=f"county.example/{source}",
            time=now,
            cause=call.cause(),
            persons=tuple(one.persons()),
        )
        for one in events
    ]


def place_pending(rooms: Rooms[Any, Any]) -> int:
    """Give pending events their places, as the sequencer's leader would. Returns how many."""
    with rooms.database.begin() as tx:
        return take(tx, rooms.base.store.tree)
