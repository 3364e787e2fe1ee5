"""An alert: raised, acknowledged, climbing, resolved."""

from __future__ import annotations

import pytest

from services.alerts.domain import events as e
from services.alerts.domain.alert import Alert, Next
from services.alerts.domain.codes import LEVELS, Answer, Kind, Level, Outcome, Responder, Signal
from services.alerts.domain.policy import DEFAULT
from shared.access.permissions import Permission
from shared.access.roles import holders_of
from shared.testing.aggregates import given
from tests.unit.alerts.controls import ACKNOWLEDGED, ALERT, CHILD, CONTACT, KLASS, LEADER, OFFICER, RAISED, VILLAGE

RESOLVED = e.AlertResolved(alert=ALERT, child=CHILD, outcome=Outcome.FOUND_SAFE)


def climbed(step: int, role: Responder, times: int) -> e.AlertEscalated:
    return e.AlertEscalated(alert=ALERT, child=CHILD, step=step, role=role, times=times)


def raise_it(it: Alert) -> None:
    it.open(
        child=CHILD, kind=Kind.ABSENCE, level=Level.ORANGE, terms=DEFAULT, village=VILLAGE, school=None, klass=KLASS
    )


def test_an_alert_is_raised_with_a_copy_of_its_policy():
    given(Alert).when(raise_it).then(RAISED)


def test_an_alert_raised_again_under_its_id_changes_nothing():
    given(Alert, RAISED).when(raise_it).then()


def test_every_kind_has_a_level():
    assert set(LEVELS) == set(Kind)


def test_an_alert_climbs_only_to_roles_that_may_acknowledge():
    assert {str(one) for one in Responder} == {str(one) for one in holders_of(Permission.ALERT_ACKNOWLEDGE)}


def test_a_signal_is_kept_with_the_alert():
    expected = e.SignalAttached(
        alert=ALERT, child=CHILD, signal=Signal.RAISED_AGAIN, level=Level.ORANGE, note="邻居也没看见"
    )
    given(Alert, RAISED).when(lambda it: it.attach(Signal.RAISED_AGAIN, note="邻居也没看见")).then(expected)


@pytest.mark.parametrize(("said", "level"), [(Level.RED, Level.RED), (Level.YELLOW, Level.ORANGE)])
def test_a_signal_makes_an_alert_graver_and_never_lighter(said: Level, level: Level):
    when = given(Alert, RAISED).when(lambda it: it.attach(Signal.RAISED_AGAIN, level=said))
    assert when.then(*when.events).level is level


def test_a_resolved_alert_takes_no_signal():
    given(Alert, RAISED, RESOLVED).when(lambda it: it.attach(Signal.RAISED_AGAIN)).refused("alerts.already_resolved")


def test_an_alert_is_acknowledged():
    given(Alert, RAISED).when(lambda it: it.acknowledge(by=OFFICER)).then(ACKNOWLEDGED)


def test_acknowledging_twice_is_once():
    given(Alert, RAISED, ACKNOWLEDGED).when(lambda it: it.acknowledge(by=OFFICER)).then()


def test_a_second_person_is_told_who_has_it():
    given(Alert, RAISED, ACKNOWLEDGED).when(lambda it: it.acknowledge(by=LEADER)).refused(
        "alerts.already_acknowledged", by=OFFICER
    )


def test_a_resolved_alert_is_not_acknowledged_any_more():
    given(Alert, RAISED, RESOLVED).when(lambda it: it.acknowledge(by=LEADER)).refused(
        "alerts.already_resolved", outcome="found_safe"
    )


def test_an_alert_that_nobody_acknowledges_climbs_to_the_next_role():
    given(Alert, RAISED).when(lambda it: it.escalate(after=0)).then(climbed(2, Responder.DUTY_LEADER, 1))


def test_the_last_step_comes_again():
    history = [RAISED, climbed(2, Responder.DUTY_LEADER, 1), climbed(3, Responder.COUNTY_ADMIN, 2)]
    given(Alert, history).when(lambda it: it.escalate(after=2)).then(climbed(3, Responder.COUNTY_ADMIN, 3))


def test_an_old_deadline_changes_nothing():
    given(Alert, RAISED, climbed(2, Responder.DUTY_LEADER, 1)).when(lambda it: it.escalate(after=0)).then()


def test_a_resolved_alert_climbs_no_more():
    given(Alert, RAISED, RESOLVED).when(lambda it: it.escalate(after=0)).then()


def test_an_acknowledged_alert_that_is_not_resolved_in_time_is_free_for_another():
    history = [RAISED, ACKNOWLEDGED]
    it = given(Alert, history).when(lambda it: it.escalate(after=0)).then(climbed(2, Responder.DUTY_LEADER, 1))
    it.acknowledge(by=LEADER)
    assert it.by == LEADER


def test_whoever_acknowledged_has_the_policys_time_to_resolve():
    it = Alert.replayed(ALERT, [RAISED, ACKNOWLEDGED])
    assert it.next == Next(step=2, role=Responder.DUTY_LEADER, minutes=60)


def test_a_call_is_recorded():
    expected = e.ContactAttempted(alert=ALERT, child=CHILD, contact=CONTACT, result=Answer.NO_ANSWER)
    given(Alert, RAISED).when(lambda it: it.record_attempt(contact=CONTACT, result=Answer.NO_ANSWER)).then(expected)


def test_after_the_end_no_call_is_recorded():
    given(Alert, RAISED, RESOLVED).when(lambda it: it.record_attempt(contact=CONTACT, result=Answer.REACHED)).refused(
        "alerts.already_resolved"
    )


def test_an_alert_is_resolved_with_an_outcome():
    given(Alert, RAISED, ACKNOWLEDGED).when(lambda it: it.resolve(Outcome.FOUND_SAFE)).then(RESOLVED)


def test_resolving_twice_alike_is_once():
    given(Alert, RAISED, RESOLVED).when(lambda it: it.resolve(Outcome.FOUND_SAFE)).then()


def test_a_second_outcome_is_refused():
    given(Alert, RAISED, RESOLVED).when(lambda it: it.resolve(Outcome.ILL)).refused(
        "alerts.already_resolved", outcome="found_safe"
    )
