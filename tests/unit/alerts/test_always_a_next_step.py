"""Whatever is done with an alert, it is somebody's turn until it is resolved."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from services.alerts.domain.alert import Alert
from services.alerts.domain.codes import Answer, Kind, Level, Outcome, Responder, Signal
from services.alerts.domain.commands import Step
from services.alerts.domain.policy import Terms
from shared.kernel.refusals import Refusal
from tests.unit.alerts.controls import ALERT, CHILD, CONTACT, LEADER, OFFICER

STEPS = st.lists(
    st.builds(Step, role=st.sampled_from(Responder), wait_minutes=st.integers(1, 600)), min_size=1, max_size=5
)
ACTS = st.one_of(
    st.builds(lambda by: lambda it: it.acknowledge(by=by), st.sampled_from([OFFICER, LEADER])),
    st.builds(lambda back: lambda it: it.escalate(after=it.times - back), st.integers(0, 1)),
    st.builds(lambda result: lambda it: it.record_attempt(contact=CONTACT, result=result), st.sampled_from(Answer)),
    st.builds(lambda signal: lambda it: it.attach(signal), st.sampled_from(Signal)),
    st.builds(lambda outcome: lambda it: it.resolve(outcome), st.sampled_from(Outcome)),
)


@given(steps=STEPS, resolve_minutes=st.integers(1, 600), acts=st.lists(ACTS, max_size=20))
def test_an_open_alert_always_has_a_next_step_with_a_deadline_and_a_role(steps, resolve_minutes, acts):
    terms = Terms(policy=None, version=1, steps=tuple(steps), resolve_minutes=resolve_minutes)
    it = Alert(ALERT)
    it.open(child=CHILD, kind=Kind.OTHER, level=Level.RED, terms=terms, village=None, school=None, klass=None)
    for act in acts:
        with suppress(Refusal):
            act(it)
        ahead = it.next
        if it.outcome is None:
            assert ahead is not None
            assert ahead.minutes >= 1
            assert ahead.role in {one.role for one in steps}
            assert 1 <= ahead.step <= len(steps)
        else:
            assert ahead is None
