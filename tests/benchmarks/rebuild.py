"""Rebuild all views of a service and compare them, as `shouwang audit rebuild --check` does. The floor only decodes.

The log is casework's: cases with a hundred notes each, of one sealed field. What is rebuilt must be equal to the live
views, or there is no figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from services.casework.domain.case import Case
from services.casework.domain.codes import NoteClass, Origin
from shared.eventstore.projecting import takers
from shared.eventstore.replaying import stretches
from shared.eventstore.work import Order, Work
from shared.hosting.rebuilding import Rebuilder
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.kernel.messages import Actor, Cause
from shared.testing.rooms import place_pending
from tests.benchmarks.figures import Figure, Target, in_turn, rate
from tests.benchmarks.ground import Ground
from tests.infrastructure.database import TestDatabase
from tests.integration.casework.house import House, open_house

CASES, NOTES = 50, 100
EVENTS = CASES * (NOTES + 1)
TARGET = 15_000.0
"""Events a second, on either database."""


def measure(on: Ground) -> Iterator[Figure]:
    """On both databases."""
    for kind, given in (("PostgreSQL", on.postgres()), ("SQLite", on.sqlite())):
        yield _measured(on, kind, given)


def _measured(on: Ground, kind: str, given: TestDatabase) -> Figure:
    folder = on.folder / f"rebuild-{kind}"
    folder.mkdir()
    house = open_house(given, folder, FixedClock(datetime(2026, 9, 21, 8, tzinfo=UTC)))
    on.stack.callback(house.rooms.database.dispose)
    for _ in range(CASES):
        _filled_case(house)
    while place_pending(house.rooms):
        pass
    rebuilder = Rebuilder(house.rooms.base, ())

    def rebuild() -> None:
        assert rebuilder.rebuild() == []

    rounds = in_turn(
        {"ours": partial(rate, EVENTS, rebuild), "floor": partial(rate, EVENTS, lambda: _replayed(house.rooms))}
    )
    return Figure(
        what=f"rebuild of all views and compare, {kind}",
        ours=rounds.median("ours"),
        per_second="events",
        floor=rounds.median("floor"),
        floor_is="decoded replay",
        targets=(Target("itself", TARGET),),
    )


def _filled_case(house: House) -> None:
    """A case of a child of its own, with its notes, in one command."""
    now = house.clock.now()
    case, child, command = new_id(now), new_id(now), new_id(now)

    def decide(work: Work) -> Case:
        it = work.find(Case, case)
        it.open(child=child, origin=Origin.BY_HAND, why=None)
        for _ in range(NOTES):
            it.add_note(note=new_id(now), note_class=NoteClass.ORDINARY, text="谈心：想家。")
        return it

    cause = Cause(actor=Actor(id="staff-1", role="village_director"), command_id=command, correlation=command)
    house.rooms.base.desk.decide(Order(cause=cause, content={"case": case}), decide)


def _replayed(rooms: Any) -> None:
    found = [
        len(rooms.base.store.recorded(rooms.database.read, one.written, taken=takers(rooms.base.own)))
        for one in stretches(rooms.database)
    ]
    assert sum(found) == EVENTS
