"""Given, when, then: an aggregate's decision as a sentence, with no database in sight.

given(Case, opened).when(lambda case: case.close(CloseReason.SAFE)).then(CaseClosed(…))
given(Case, opened, closed).when(lambda case: case.add_note(…)).refused("casework.case_closed", case=CASE)
given(Case, opened, closed).when(lambda case: case.close(CloseReason.SAFE)).then()      # twice is once
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Event
from shared.kernel.refusals import Refusal

A = TypeVar("A", bound=Aggregate)
AN_ID = "01890000-0000-7000-8000-00000000a001"
"""The id of the aggregate under test where a test does not care."""


def given(kind: type[A], *history: Event | Iterable[Event], id: str = AN_ID) -> Given[A]:  # noqa: A002 - reads as said
    """An aggregate of this kind after this history: events, or lists of them, in order."""
    events: list[Event] = []
    for one in history:
        events.extend([one] if isinstance(one, Event) else one)
    return Given(kind, id, events)


class Given(Generic[A]):
    """A history, waiting for a decision."""

    def __init__(self, kind: type[A], aggregate_id: str, history: list[Event]) -> None:
        self._kind, self._id, self._history = kind, aggregate_id, history

    def when(self, decide: Callable[[A], Any]) -> When[A]:
        """Let it decide. What comes of it is asked by `then`, `refused` or `gives`."""
        it = self._kind.replayed(self._id, self._history)
        try:
            answer, refusal = decide(it), None
        except Refusal as said:
            answer, refusal = None, said
        return When(it, self._history, answer, refusal)


class When(Generic[A]):
    """A decision that was taken or refused."""

    def __init__(self, it: A, history: list[Event], answer: Any, refusal: Refusal | None) -> None:
        self.it, self._history, self._answer, self.refusal = it, history, answer, refusal

    @property
    def events(self) -> list[Event]:
        """What was recorded, for a test that looks at a part of it. Fails if the decision was refused."""
        if self.refusal is not None:
            raise AssertionError(f"refused: {self.refusal!r}")
        return list(self.it.recorded)

    def then(self, *expected: Event) -> A:
        """Exactly these events were recorded; none of them means that nothing was. Gives the aggregate.

        It also replays history and record anew: an `_apply_…` that does more than the events say is found here.
        """
        if self.events != list(expected):
            wanted, found = (_lines(some) for some in (expected, self.events))
            raise AssertionError(f"expected:\n{wanted}\nrecorded:\n{found}")
        again = type(self.it).replayed(self.it.id, [*self._history, *self.it.recorded])
        if _state(again) != _state(self.it):
            raise AssertionError(f"replayed: {_state(again)}\ndecided: {_state(self.it)}")
        return self.it

    def refused(self, code: str, **facts: Any) -> None:
        """It was refused with this code and (at least) these facts, and nothing was recorded."""
        if self.refusal is None:
            raise AssertionError(f"not refused; recorded:\n{_lines(self.it.recorded)}")
        said = {name: self.refusal.facts.get(name) for name in facts}
        if (self.refusal.code, said) != (code, facts):
            raise AssertionError(f"expected {code} {facts}, refused with {self.refusal!r}")
        if self.it.recorded:
            raise AssertionError(f"refused, yet recorded:\n{_lines(self.it.recorded)}")

    def gives(self, expected: Any) -> None:
        """The decision returned this."""
        if self.refusal is not None or self._answer != expected:
            raise AssertionError(f"expected {expected!r}, got {self.refusal or self._answer!r}")


def _lines(events: Iterable[Event]) -> str:
    return "\n".join(f"  {one!r}" for one in events) or "  (nothing)"


def _state(it: Aggregate) -> dict[str, Any]:
    return {name: value for name, value in vars(it).items() if name not in ("version", "recorded")}
