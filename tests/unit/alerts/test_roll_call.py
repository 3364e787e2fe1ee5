"""A roll call: taken, amended, and what it means for alerts."""

from __future__ import annotations

from datetime import date

from services.alerts.domain import events as e
from services.alerts.domain.codes import Presence, Reason, Session, Signal
from services.alerts.domain.commands import Mark
from services.alerts.domain.roll_call import Explained, Missed, RollCall, roll_call_id
from shared.kernel.messages import Person, Ref
from shared.testing.aggregates import AN_ID, given
from tests.unit.alerts.controls import CHILD, KLASS, SECOND, THIRD

TODAY = date(2026, 9, 21)
ROLL = Ref(AN_ID)


def mark(child: Person, state: Presence = Presence.PRESENT, reason: Reason | None = None) -> Mark:
    return Mark(child=child, state=state, reason=reason)


def marked(child: Person, state: Presence, reason: Reason | None = None) -> e.PupilMarked:
    return e.PupilMarked(roll_call=ROLL, child=child, state=state, explained=reason is not None, reason=reason)


def taken(*present: Person) -> e.RollCallTaken:
    return e.RollCallTaken(roll_call=ROLL, klass=KLASS, day=TODAY, session=Session.MORNING, present=present)


def take(*marks: Mark, day: date = TODAY):
    return lambda it: it.take(klass=KLASS, day=day, session=Session.MORNING, marks=marks, today=TODAY)


def test_who_is_absent_without_a_reason_is_missed():
    when = given(RollCall).when(
        take(mark(CHILD), mark(SECOND, Presence.ABSENT), mark(THIRD, Presence.ABSENT, Reason.SICK))
    )
    when.then(taken(CHILD), marked(SECOND, Presence.ABSENT), marked(THIRD, Presence.ABSENT, Reason.SICK))
    when.gives([Missed(child=SECOND)])


def test_a_late_pupil_is_not_missed():
    given(RollCall).when(take(mark(CHILD, Presence.LATE))).gives([])


def test_the_same_roll_call_again_changes_nothing():
    history = [taken(CHILD), marked(SECOND, Presence.ABSENT)]
    when = given(RollCall, history).when(take(mark(CHILD), mark(SECOND, Presence.ABSENT)))
    when.then()
    when.gives([])


def test_a_pupil_who_came_late_after_all_is_a_signal():
    when = given(RollCall, taken(), marked(CHILD, Presence.ABSENT)).when(take(mark(CHILD, Presence.LATE)))
    when.then(marked(CHILD, Presence.LATE))
    when.gives([Explained(child=CHILD, signal=Signal.MARKED_LATE)])


def test_a_reason_that_comes_later_is_a_signal():
    when = given(RollCall, taken(), marked(CHILD, Presence.ABSENT)).when(
        take(mark(CHILD, Presence.ABSENT, Reason.SICK))
    )
    when.gives([Explained(child=CHILD, signal=Signal.REASON_GIVEN)])


def test_a_pupil_marked_present_by_mistake_is_missed_after_all():
    given(RollCall, taken(CHILD)).when(take(mark(CHILD, Presence.ABSENT))).gives([Missed(child=CHILD)])


def test_an_erased_reason_does_not_make_a_pupil_missed():
    erased = e.PupilMarked(roll_call=ROLL, child=CHILD, state=Presence.ABSENT, explained=True)
    it = RollCall.replayed(ROLL, [taken(), erased])
    assert it.unexplained == set()


def test_a_pupil_who_is_not_marked_again_stays_as_marked():
    history = [taken(CHILD), marked(SECOND, Presence.ABSENT)]
    it = given(RollCall, history).when(take(mark(SECOND, Presence.LATE))).then(marked(SECOND, Presence.LATE))
    assert it.marks[CHILD] == (Presence.PRESENT, None)


def test_a_roll_is_not_called_in_advance():
    given(RollCall).when(take(mark(CHILD), day=date(2026, 9, 22))).refused(
        "alerts.roll_call_in_future", day="2026-09-22"
    )


def test_a_roll_call_marks_somebody():
    given(RollCall).when(take()).refused("alerts.roll_call_empty")


def test_a_pupil_is_marked_once():
    given(RollCall).when(take(mark(CHILD), mark(CHILD, Presence.LATE))).refused("alerts.marked_twice")


def test_only_absence_has_a_reason():
    given(RollCall).when(take(mark(CHILD, Presence.LATE, Reason.SICK))).refused("alerts.reason_without_absence")


def test_each_session_of_a_day_has_a_roll_call_of_its_own():
    ids = {roll_call_id(KLASS, TODAY, one) for one in Session}
    assert len(ids) == len(Session)
    assert roll_call_id(KLASS, TODAY, Session.NIGHT) in ids
