"""A roll call: who of a class was there in one session of one day, and what became known later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.alerts.domain.codes import Presence, Reason, Session, Signal
from services.alerts.domain.commands import Mark
from services.alerts.domain.events import PupilMarked, RollCallTaken
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal

_WORDS = {
    Presence.PRESENT: Signal.MARKED_PRESENT,
    Presence.LATE: Signal.MARKED_LATE,
    Presence.ABSENT: Signal.REASON_GIVEN,
}
"""What a later mark says to the alert that an earlier one raised."""


def roll_call_id(klass: str, day: date, session: Session) -> str:
    """The id of a class's roll call: it has one for each session of a day."""
    return derived_id(f"{klass}\x1f{day.isoformat()}\x1f{session}", "alerts.roll_call")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A pupil who is absent without a reason, as this roll call is the first to say."""

    child: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A pupil who was absent without a reason and of whom more is known now."""

    child: str
    signal: Signal


class RollCall(Aggregate):
    """One roll call. Load it opened: its reasons are sealed."""

    service = "alerts"
    kind = "roll_call"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.marks: dict[str, tuple[Presence, Reason | None]] = {}
        self.unexplained: set[str] = set()

    def take(
        self, *, klass: str, day: date, session: Session, marks: Sequence[Mark], today: date
    ) -> list[Missed | Explained]:
        """Take it, or amend it: what was marked before and is not marked now stays. What that means for alerts.

        The same marks again change nothing. Refuses `alerts.roll_call_empty`, `alerts.roll_call_in_future`,
        `alerts.marked_twice` and `alerts.reason_without_absence`.
        """
        _check(marks, day, today)
        found: list[Missed | Explained] = []
        first = not self.exists
        if first:
            there = tuple(Person(one.child) for one in marks if one.state is Presence.PRESENT)
            self.record(
                RollCallTaken(roll_call=Ref(self.id), klass=Ref(klass), day=day, session=session, present=there)
            )
        for one in marks:
            if self.marks.get(one.child) == (one.state, one.reason):
                continue
            was = one.child in self.unexplained
            self.record(
                PupilMarked(
                    roll_call=Ref(self.id),
                    child=Person(one.child),
                    state=one.state,
                    explained=one.reason is not None,
                    reason=one.reason,
                )
            )
            if one.child in self.unexplained:
                found.append(Missed(child=one.child))
            elif was:
                found.append(Explained(child=one.child, signal=_WORDS[one.state]))
        return found

    def _apply_roll_call_taken(self, event: RollCallTaken) -> None:
        self.marks = dict.fromkeys(event.present, (Presence.PRESENT, None))

    def _apply_pupil_marked(self, event: PupilMarked) -> None:
        self.marks[event.child] = (event.state, event.reason)
        if event.state is Presence.ABSENT and not event.explained:
            self.unexplained.add(event.child)
        else:
            self.unexplained.discard(event.child)


def _check(marks: Sequence[Mark], day: date, today: date) -> None:
    if not marks:
        raise Refusal("alerts.roll_call_empty")
    if day > today:
        raise Refusal("alerts.roll_call_in_future", day=day.isoformat())
    children = [one.child for one in marks]
    if len(set(children)) < len(children):
        raise Refusal("alerts.marked_twice")
    if any(one.reason and one.state is not Presence.ABSENT for one in marks):
        raise Refusal("alerts.reason_without_absence")
