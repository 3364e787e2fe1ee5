"""Broker and database go away in the middle of a story and come back; the processes of the services live on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from shared.hosting.clients import OutcomeUnknown, ServiceUnavailable
from shared.hosting.nameko_host import STOPPED
from shared.testing.hosts import System, served_system
from tests.e2e.crew import SERVICES, Crew
from tests.infrastructure.broker import new_run
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.database import postgres_database
from tests.infrastructure.own_broker import OwnBroker
from tests.infrastructure.own_cluster import OwnCluster
from tests.infrastructure.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.broker]
BACK_WITHIN = 60.0


@dataclass
class Ground:
    """A county over servers of its own."""

    crew: Crew
    system: System
    broker: OwnBroker
    cluster: OwnCluster

    def again(self, who: str, service: str, door: str, data: dict[str, Any]) -> Any:
        """Give one command until it is answered: the doors may be shut for a while."""
        command = self.crew.new_id()
        return eventually(
            lambda: (self.crew.ask(who, service, door, data, command=command),),
            within=BACK_WITHIN,
            every=0.2,
            what=f"{service}.{door}",
            ignoring=(ServiceUnavailable, OutcomeUnknown),
        )[0]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("stopped")
    clock = MovedClock(folder / "clock")
    with OwnBroker() as broker, OwnCluster(durable=False) as cluster:
        databases = partial(postgres_database, cluster.url)
        with served_system(folder, clock.path, broker.url, new_run(), databases) as system:
            crew = Crew(system.client, system.keys, system.clock)
            crew.settle()
            for service in SERVICES:
                crew.heard("auditor", service, "log_entries", {"limit": 1})
            yield Ground(crew, system, broker, cluster)


def story(ground: Ground, number: int, session: str, happens: Callable[[], None]) -> None:
    """An absence from the roll call to the case; in between, right after the roll call, something happens."""
    crew = ground.crew
    child = crew.child(number)
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    crew.roll_call(child, session=session)

    happens()

    def alerts() -> list[str]:
        return [one["alert"] for one in crew.pages("duty_officer", "alerts", "board", {}) if one["child"] == child]

    troubles = (ServiceUnavailable, OutcomeUnknown)
    (alert,) = eventually(alerts, within=BACK_WITHIN, every=0.2, what="one alert", ignoring=troubles)
    ground.again("duty_officer", "alerts", "acknowledge_alert", {"alert": alert})
    ground.again("duty_officer", "alerts", "resolve_alert", {"alert": alert, "outcome": "found_safe"})

    def outcomes() -> bool:
        cases = crew.ask("supervisor", "casework", "cases", {"child": child})["items"]
        return [(one["alert"], one["alert_outcome"]) for one in cases] == [(alert, "found_safe")]

    eventually(outcomes, within=BACK_WITHIN, every=0.2, what="one case, with the outcome", ignoring=troubles)
    for service in SERVICES:
        assert crew.ask("auditor", service, "log_verify")["findings"] == []


def test_the_story_goes_on_when_the_broker_was_stopped_in_the_middle(ground: Ground) -> None:
    def stop_and_start() -> None:
        ground.broker.stop()
        with pytest.raises((ServiceUnavailable, OutcomeUnknown)):
            ground.crew.ask("duty_officer", "alerts", "board")
        ground.broker.start()

    story(ground, 1, "morning", stop_and_start)


def test_the_story_goes_on_when_the_database_was_stopped_in_the_middle(ground: Ground) -> None:
    def stop_and_start() -> None:
        ground.cluster.stop()
        with pytest.raises((ServiceUnavailable, OutcomeUnknown)):
            ground.crew.ask("duty_officer", "alerts", "board")
        ground.cluster.start()

    story(ground, 2, "afternoon", stop_and_start)


def test_the_story_goes_on_when_a_service_was_killed_in_the_middle(ground: Ground) -> None:
    def kill_and_start() -> None:
        for name in ("casework", "alerts"):
            ground.system.served[name].kill()
            ground.system.served[name].start()
        for name in ("casework", "alerts"):
            ground.system.served[name].wait_until_ready()

    story(ground, 3, "night", kill_and_start)


def test_a_service_ends_in_time_while_the_broker_answers_nothing(ground: Ground) -> None:
    """Everything that waits for the broker waits at once, not one after the other."""
    casework = ground.system.served["casework"]
    with ground.broker.frozen():
        with pytest.raises((ServiceUnavailable, OutcomeUnknown)):
            ground.crew.ask("duty_officer", "alerts", "board")
        assert casework.stop() == STOPPED
    casework.start()
    casework.wait_until_ready()
    assert ground.again("auditor", "casework", "log_verify", {})["findings"] == []
