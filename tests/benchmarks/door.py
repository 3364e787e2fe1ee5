"""A command through its whole door: token, schema, permission, decision, sealing, append, views.

It writes a note of one sealed field into a case. The floor appends the same event, sealed as well, to the
same service's log, at a version that it need not look up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from services.casework.domain.codes import NoteClass
from services.casework.domain.events import NoteAdded
from shared.contracts import registry as r
from shared.eventstore.store import Batch
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id, stream_of
from shared.kernel.messages import Actor, Cause, Person, Ref
from tests.benchmarks.figures import RUNS, Figure, Target, in_turn, rate
from tests.benchmarks.ground import Ground
from tests.infrastructure.database import TestDatabase
from tests.integration.casework.house import CHILD, NEAR, House, open_house

COMMANDS = 120
NOTES_A_CASE = 20
"""So that loading the case costs what it costs in practice."""
WORDS = "谈心：想家，夜里怕黑。已约每周通话。"


def measure(on: Ground) -> Iterator[Figure]:
    """On both databases."""
    for kind, given in (("PostgreSQL", on.postgres()), ("SQLite", on.sqlite())):
        yield _measured(on, kind, given)


def _measured(on: Ground, kind: str, given: TestDatabase) -> Figure:
    folder = on.folder / f"door-{kind}"
    folder.mkdir()
    house = open_house(given, folder, FixedClock(datetime(2026, 9, 21, 8, tzinfo=UTC)))
    on.stack.callback(house.rooms.database.dispose)
    cases = iter([_case(house) for _ in range(COMMANDS // NOTES_A_CASE * RUNS)])

    def commands() -> None:
        for case in islice(cases, COMMANDS // NOTES_A_CASE):
            for _ in range(NOTES_A_CASE):
                house.ask("add_note", {"case": case, "note_class": "ordinary", "text": WORDS})

    rounds = in_turn(
        {
            "ours": partial(rate, COMMANDS, commands),
            "floor": partial(rate, COMMANDS, lambda: [_append(house) for _ in range(COMMANDS)]),
        }
    )
    return Figure(
        what=f"a command through its whole door, {kind}",
        ours=rounds.median("ours"),
        per_second="commands",
        floor=rounds.median("floor"),
        floor_is="append alone, sealed",
        targets=(Target("floor", 0.3),),
    )


def _case(house: House) -> str:
    """An open case of a child of its own."""
    child = Person(new_id(house.clock.now()))
    house.hear(r.ChildRegistered(child=child, village=NEAR, school=None, klass=None, scope="left_behind", name="唐曦"))
    return house.open(child=child)


def _append(house: House) -> None:
    """The event alone, in a stream of its own."""
    now = house.clock.now()
    case, command = new_id(now), new_id(now)
    event = NoteAdded(
        case=Ref(case), child=Person(CHILD), note=Ref(new_id(now)), note_class=NoteClass.ORDINARY, text=WORDS
    )
    cause = Cause(actor=Actor(id="staff-1", role="village_director"), command_id=command, correlation=command)
    stream = stream_of("casework", "case", case)
    store = house.rooms.base.store
    with house.rooms.database.begin(patient=True) as tx:  # as the desk begins its own
        store.append(tx, [Batch(stream=stream, expected=0, events=[event])], cause, b"d" * 32, stream)
