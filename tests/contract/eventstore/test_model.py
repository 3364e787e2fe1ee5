"""The store against a list: whatever is done to it, in whatever order, it holds what a plain list of events would hold.

Hypothesis chooses the steps. One database serves all examples of a run, each of which writes streams of its own, so
that a few hundred steps take seconds; what fails is not shortened, because that may take minutes.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.eventstore.appending import AlreadyAccepted, ConcurrencyConflict
from shared.eventstore.sequencer import Sequencer
from shared.eventstore.store import Batch
from shared.kernel.ids import new_id, stream_of
from shared.kernel.messages import Recorded
from shared.kernel.refusals import Changed, Refusal
from shared.ledger.merkle import root_of
from shared.storage.database import Database
from tests.contract.eventstore import lantern
from tests.contract.eventstore.conftest import NOW, order
from tests.contract.eventstore.lantern import Lantern, LanternLit

EXAMPLES, STEPS = 12, 30
streams = st.integers(0, 3)
children = st.integers(0, 2)
words = st.sampled_from([None, "夜里怕黑", "想妈妈"])
batches = st.dictionaries(streams, st.lists(st.tuples(children, words), min_size=1, max_size=4), min_size=1, max_size=3)


class Undone(Exception):
    """The transaction is given up after the append."""


@dataclass(frozen=True)
class Kept:
    """An event as the list keeps it."""

    stream: str
    version: int
    child: str
    brightness: int
    words: str | None


@dataclass
class Model:
    """The list: every committed event in order, and how many of them have their place in the log."""

    events: list[Kept] = field(default_factory=list)
    placed: int = 0
    commands: dict[str, tuple[str, list[Kept]]] = field(default_factory=dict)

    def of(self, stream: str) -> list[Kept]:
        return [one for one in self.events if one.stream == stream]


def kept(one: Recorded) -> Kept:
    event = one.event
    assert isinstance(event, LanternLit)
    return Kept(one.stream, one.stream_version, event.child, event.brightness, event.words)


class StoreMachine(RuleBasedStateMachine):
    """One example. `ground` gives the rooms, and the rooms again as a new process would open them."""

    ground: Callable[[], Any]

    def __init__(self) -> None:
        super().__init__()
        self.rooms = self.ground()
        self.sequencer = Sequencer(self.rooms.database, self.rooms.base.store.tree)
        self.model, self.count = Model(), 0
        self.lanterns = [new_id(NOW) for _ in range(4)]
        self.children = [new_id(NOW) for _ in range(3)]
        with self.rooms.database.read() as tx:
            self.base = self.rooms.base.store.size(tx)

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.placing()
            self.the_tree_is_that_of_the_leaves()
            self.sequencer.resign()
            self.rooms.database.dispose()

    def stream(self, number: int) -> str:
        return stream_of("casework", "lantern", self.lanterns[number])

    def lit(self, stream: str, version: int, child: int, said: str | None) -> tuple[LanternLit, Kept]:
        """A new event, and what the list keeps of it."""
        self.count += 1
        # Below zero, because the view of these lanterns bounds their sum from above.
        one = Kept(stream, version, self.children[child], -self.count, said)
        event = LanternLit(lantern=stream[-36:], child=one.child, brightness=one.brightness, words=said)
        return event, one

    def made(self, wanted: dict[int, list[tuple[int, str | None]]]) -> tuple[list[Batch], list[Kept]]:
        """Batches at the versions that the list knows, and what the list keeps of them."""
        made, keeps = [], []
        for number, given in sorted(wanted.items(), key=lambda one: self.stream(one[0])):
            stream = self.stream(number)
            at = len(self.model.of(stream))
            pairs = [self.lit(stream, at + offset, *one) for offset, one in enumerate(given, 1)]
            made.append(Batch(stream=stream, expected=at, events=[event for event, _ in pairs]))
            keeps += [one for _, one in pairs]
        return made, keeps

    def append(self, tx: Any, made: list[Batch], command: str | None = None) -> None:
        self.rooms.base.store.append(tx, made, order(command).cause, b"digest", made[0].stream)

    def committed(self, keeps: list[Kept]) -> None:
        self.model.events += keeps
        if self.rooms.database.is_sqlite:
            self.model.placed = len(self.model.events)

    @rule(wanted=batches)
    def append_to_several_streams(self, wanted: dict[int, list[tuple[int, str | None]]]) -> None:
        made, keeps = self.made(wanted)
        with self.rooms.database.begin() as tx:
            self.append(tx, made)
        self.committed(keeps)

    @rule(wanted=batches)
    def roll_back(self, wanted: dict[int, list[tuple[int, str | None]]]) -> None:
        made, _ = self.made(wanted)
        with contextlib.suppress(Undone), self.rooms.database.begin() as tx:
            self.append(tx, made)
            raise Undone

    @rule(number=streams, off=st.sampled_from([-2, -1, 1, 3]), beside=streams)
    def append_at_another_version(self, number: int, off: int, beside: int) -> None:
        """The stream has moved on, or is not so far yet; what was to go along with it is not written either."""
        stream, at = self.stream(number), len(self.model.of(self.stream(number)))
        if at + off < 0:
            return
        event, _ = self.lit(stream, 0, 0, None)
        others = self.made({beside: [(0, None)]})[0] if beside != number else []
        with pytest.raises(ConcurrencyConflict), self.rooms.database.begin() as tx:
            self.append(tx, [*others, Batch(stream=stream, expected=at + off, events=[event])])

    @rule(number=streams, first_commits=st.booleans())
    def append_at_the_same_time(self, number: int, first_commits: bool) -> None:
        """Two writers have read the same version. The second succeeds only where the first gives up."""
        first, first_kept = self.made({number: [(0, None)]})
        second, second_kept = self.made({number: [(1, None)]})
        outcome: list[str] = []

        def write() -> None:
            try:
                with self.rooms.database.begin() as tx:
                    self.append(tx, second)
            except ConcurrencyConflict:
                outcome.append("refused")
            else:
                outcome.append("written")

        rival = threading.Thread(target=write)
        with contextlib.suppress(Undone), self.rooms.database.begin() as tx:
            self.append(tx, first)
            rival.start()
            if not first_commits:
                raise Undone
        rival.join(10)
        assert outcome == ["refused" if first_commits else "written"]
        self.committed(first_kept if first_commits else second_kept)

    @rule(number=streams, child=children, said=words)
    def command(self, number: int, child: int, said: str | None) -> None:
        """By way of the desk, so that it can be repeated."""
        made, keeps = self.made({number: [(child, said)]})
        command = new_id(NOW)
        answer = self.decide(number, command, made[0].events[0])
        assert (answer.version, answer.repeated) == (keeps[0].version, False)
        self.model.commands[command] = (self.stream(number), keeps)
        self.committed(keeps)

    def decide(self, number: int, command: str, event: Any, content: Any = None) -> Any:
        def light(work: Any) -> Lantern:
            it = work.find(Lantern, self.lanterns[number])
            it.record(event)
            return it

        return self.rooms.base.desk.decide(order(command, content=content), light)

    @precondition(lambda self: self.model.commands)
    @rule(data=st.data())
    def command_again(self, data: st.DataObject) -> None:
        command = data.draw(st.sampled_from(sorted(self.model.commands)))
        stream, keeps = self.model.commands[command]
        number = self.lanterns.index(stream[-36:])
        event, _ = self.lit(stream, 0, 0, None)
        again = self.decide(number, command, event)
        assert again.repeated
        assert [(one.stream, one.stream_version) for one in again.events] == [(k.stream, k.version) for k in keeps]
        with pytest.raises(Refusal, match="command_id_reused"):
            self.decide(number, command, event, content={"something": "else"})
        made, _ = self.made({number: [(0, None)]})
        with pytest.raises(AlreadyAccepted), self.rooms.database.begin() as tx:
            self.append(tx, made, command)

    @rule(number=streams)
    def command_of_one_who_saw_too_little(self, number: int) -> None:
        at = len(self.model.of(self.stream(number)))

        def look(work: Any) -> Lantern:
            it = work.find(Lantern, self.lanterns[number])
            work.expect(it)
            it.light(self.children[0])
            return it

        with pytest.raises(Changed):
            self.rooms.base.desk.decide(order(expected=at + 1), look)

    @rule(number=streams, after=st.integers(0, 5))
    def read_a_stream(self, number: int, after: int) -> None:
        stream = self.stream(number)
        with self.rooms.database.read() as tx:
            found = self.rooms.base.store.stream(tx, stream, after=after, opened=True)
            several = self.rooms.base.store.streams(tx, [stream, self.stream(0)], opened=True)
        assert [kept(one) for one in found] == self.model.of(stream)[after:]
        assert [kept(one) for one in several[stream]] == self.model.of(stream)

    @rule(child=children, limit=st.integers(1, 40))
    def read_a_person(self, child: int, limit: int) -> None:
        person = self.children[child]
        with self.rooms.database.read() as tx:
            found = self.rooms.base.store.of_person(tx, person, limit=limit, opened=True)
        assert [kept(one) for one in found] == [one for one in self.model.events if one.child == person][-limit:]

    @rule(after=st.integers(-1, 40), limit=st.integers(1, 30))
    def read_the_log(self, after: int, limit: int) -> None:
        with self.rooms.database.read() as tx:
            rows = self.rooms.base.store.log(tx, after=self.base + after, limit=limit)
            found = self.rooms.base.store.open(tx, rows)
        assert [kept(one) for one in found] == self.model.events[: self.model.placed][after + 1 :][:limit]
        assert [row.position for row in rows] == [self.base + after + 1 + offset for offset in range(len(rows))]

    @rule()
    def placing(self) -> None:
        """The sequencer's leader takes a step. On SQLite the append has done it."""
        if self.rooms.database.is_sqlite:
            return
        assert self.sequencer.step() == len(self.model.events) - self.model.placed
        self.model.placed = len(self.model.events)

    @rule()
    def restart(self) -> None:
        """Everything in memory is lost: a new store, new connections, another leader."""
        self.sequencer.resign()
        self.rooms.database.dispose()
        self.rooms = self.ground()
        self.sequencer = Sequencer(self.rooms.database, self.rooms.base.store.tree)

    @invariant()
    def the_log_is_as_long_as_what_was_placed(self) -> None:
        with self.rooms.database.read() as tx:
            assert self.rooms.base.store.size(tx) == self.base + self.model.placed

    def the_tree_is_that_of_the_leaves(self) -> None:
        store = self.rooms.base.store
        with self.rooms.database.read() as tx:
            rows = store.log(tx, limit=100_000)
            assert store.tree.root(tx) == root_of([row.leaf for row in rows])
        assert [row.position for row in rows] == list(range(len(rows)))


@pytest.fixture
def machine(rooms: Any) -> type[StoreMachine]:
    def again() -> Any:
        url = rooms.database.url.render_as_string(hide_password=False)
        return lantern.build(rooms.base.settings, database=Database(url), clock=rooms.clock)

    class Machine(StoreMachine):
        ground = staticmethod(again)

    return Machine


def test_the_store_holds_what_a_list_would_hold(machine: type[StoreMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            phases=[Phase.generate],
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
