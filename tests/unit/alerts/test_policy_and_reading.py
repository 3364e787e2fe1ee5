"""Policies in versions, and who read which card."""

from __future__ import annotations

from services.alerts.domain import events as e
from services.alerts.domain.codes import Kind, Responder
from services.alerts.domain.commands import Step
from services.alerts.domain.policy import DEFAULT, Policy
from services.alerts.domain.reading import Readings
from services.alerts.service import AlertsService
from shared.contracts import alerts as contract
from shared.hosting.directory import check_hearing
from shared.kernel.messages import Ref, person_fields, sealed_fields
from shared.testing.aggregates import AN_ID, given
from tests.unit.alerts.controls import CHILD, SECOND, VILLAGE

STEPS = (Step(role=Responder.SUPERVISOR, wait_minutes=5), Step(role=Responder.COUNTY_ADMIN, wait_minutes=20))


def was_set(number: int, waits: tuple[int, ...] = (5, 20)) -> e.PolicySet:
    return e.PolicySet(
        policy=Ref(AN_ID),
        division=VILLAGE,
        kind=Kind.ABSENCE,
        number=number,
        roles=(Responder.SUPERVISOR, Responder.COUNTY_ADMIN),
        waits=waits,
        resolve_minutes=45,
    )


def set_it(*steps: Step):
    return lambda it: it.set(division=VILLAGE, kind=Kind.ABSENCE, steps=steps, resolve_minutes=45)


def test_a_policy_is_set():
    given(Policy).when(set_it(*STEPS)).then(was_set(1))


def test_the_same_policy_again_changes_nothing():
    given(Policy, was_set(1)).when(set_it(*STEPS)).then()


def test_a_changed_policy_is_its_next_version():
    given(Policy, was_set(1, (9, 9))).when(set_it(*STEPS)).then(was_set(2))


def test_a_policy_has_a_step():
    given(Policy).when(set_it()).refused("alerts.policy_empty")


def test_the_default_climbs_from_the_duty_officer_over_the_duty_leader_to_the_county():
    assert [one.role for one in DEFAULT.steps] == ["duty_officer", "duty_leader", "county_admin"]
    assert [one.wait_minutes for one in DEFAULT.steps][:2] == [10, 10]


def test_a_card_read_twice_within_a_quarter_of_an_hour_is_read_once():
    read = e.CardRead(child=CHILD, minute=600)
    given(Readings).when(lambda it: it.read(CHILD, minute=600)).then(read)
    given(Readings, read).when(lambda it: it.read(CHILD, minute=614)).then()
    given(Readings, read).when(lambda it: it.read(CHILD, minute=615)).then(e.CardRead(child=CHILD, minute=615))
    given(Readings, read).when(lambda it: it.read(SECOND, minute=601)).then(e.CardRead(child=SECOND, minute=601))


def test_alerts_hears_those_who_speak_to_it():
    check_hearing("alerts", AlertsService)


def test_what_alerts_publishes_is_what_it_records():
    own = {one.type: one for one in e.EVENTS}
    for published in contract.EVENTS:
        recorded = own[published.type]
        assert recorded.schema_version == published.schema_version
        assert set(person_fields(published)) <= set(person_fields(recorded))
        assert sealed_fields(published).items() <= sealed_fields(recorded).items()
        assert set(published.__dataclass_fields__) <= set(recorded.__dataclass_fields__)
