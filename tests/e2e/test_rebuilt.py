"""After the stories, what every service shows is what the logs say: rebuilt views are equal to the live ones."""

from __future__ import annotations

import pytest

from tests.e2e.crew import SERVICES, WITHIN, Crew
from tests.infrastructure.waiting import eventually


@pytest.mark.parametrize("service", SERVICES)
def test_views_rebuilt_from_the_logs_are_equal_to_the_live_ones(crew: Crew, service: str) -> None:
    child = crew.child(60 + SERVICES.index(service))
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    crew.roll_call(child, session="afternoon")
    for switch, state in ((False, "equal"), (True, "switched"), (False, "equal")):
        rebuilt(crew, service, switch, state)


def rebuilt(crew: Crew, service: str, switch: bool, state: str) -> None:
    begun = crew.ask("county_admin", service, "rebuild_views", {"switch": switch})["id"]
    end = eventually(
        lambda: next(
            (
                one
                for one in [crew.ask("county_admin", service, "last_rebuild")["rebuild"]]
                if one["state"] != "running"
            ),
            None,
        ),
        within=WITHIN,
        what="the end of the rebuild",
    )
    assert (end["id"], end["state"], end["found"]) == (begun, state, [])
    assert end["size"] > 0
