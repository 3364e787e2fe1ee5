"""What a service says of its troubles, and when: whole, when it changes, and again until somebody has heard."""

from __future__ import annotations

from typing import Any

import pytest

from shared.hosting.clients import OutcomeUnknown, ServiceUnavailable
from shared.hosting.troubles import AGAIN, FIRST_PAUSE, Met, Troubles, met_with
from shared.messaging.silence import SILENT_AFTER

SILENT = ("source_silent", "funding")
PARKED = ("event_parked", "registry")


class Desk:
    """A service that meets troubles, and alerts that hears of them, or is away."""

    def __init__(self) -> None:
        self.now = 0.0
        self.met: frozenset[Met] = frozenset()
        self.heard: list[list[dict[str, str]]] = []
        self.away: Exception | None = None
        self.troubles = Troubles(lambda: self.met, self._report, monotonic=lambda: self.now)

    def _report(self, troubles: list[dict[str, str]]) -> None:
        if self.away:
            raise self.away
        self.heard.append(troubles)

    def step(self, *met: Met, after: float = 1.0, speaking: bool = True) -> bool:
        self.met, self.now = frozenset(met), self.now + after
        return self.troubles.step(speaking=speaking)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_trouble_is_said_at_once_and_not_twice(desk: Desk) -> None:
    assert desk.step(SILENT)
    assert not desk.step(SILENT)
    assert desk.heard == [[{"kind": "source_silent", "source": "funding"}]]


def test_a_trouble_that_goes_on_is_said_each_minute(desk: Desk) -> None:
    desk.step(SILENT)
    assert desk.step(SILENT, after=AGAIN)
    assert len(desk.heard) == 2


def test_all_present_troubles_are_said_whenever_one_comes_or_goes(desk: Desk) -> None:
    desk.step(SILENT)
    desk.step(SILENT, PARKED)
    desk.step(PARKED)
    assert [[one["kind"] for one in said] for said in desk.heard] == [
        ["source_silent"],
        ["event_parked", "source_silent"],
        ["event_parked"],
    ]


def test_the_end_of_the_last_trouble_is_said_once(desk: Desk) -> None:
    desk.step(SILENT)
    assert desk.step()
    assert not desk.step(after=AGAIN * 3)
    assert desk.heard[-1] == []


def test_who_begins_without_a_trouble_says_so_after_a_minute_for_the_sake_of_old_ones(desk: Desk) -> None:
    assert not desk.step(after=AGAIN - 1)
    assert desk.step(after=1)
    assert desk.heard == [[]]


@pytest.mark.parametrize("away", [ServiceUnavailable("alerts"), OutcomeUnknown("c")])
def test_what_alerts_did_not_hear_is_said_again_with_patience(desk: Desk, away: Exception) -> None:
    desk.away = away
    assert not desk.step(SILENT)
    desk.away = None
    assert not desk.step(SILENT, after=FIRST_PAUSE - 1)
    assert desk.step(SILENT, after=1)
    assert len(desk.heard) == 1


def test_a_standby_says_nothing_and_says_everything_once_it_leads(desk: Desk) -> None:
    assert not desk.step(SILENT, speaking=False)
    assert desk.step(SILENT)
    assert not desk.step(SILENT, speaking=False)
    assert desk.step(SILENT)


class Follower:
    """A follower with a status."""

    source = "funding"

    def __init__(self, **status: Any) -> None:
        self._status = {"silent_for": 0.0, "reason": None, "projectors": {"v": {"parked": 0}}} | status

    def status(self) -> dict[str, Any]:
        return self._status


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ({}, set()),
        ({"silent_for": SILENT_AFTER - 0.1}, set()),
        ({"silent_for": SILENT_AFTER}, {"source_silent"}),
        ({"reason": "another epoch"}, {"follower_stopped"}),
        ({"projectors": {"v": {"parked": 0}, "w": {"parked": 1}}}, {"event_parked"}),
    ],
)
def test_silence_a_stop_and_what_is_parked_are_troubles(status: dict[str, Any], kinds: set[str]) -> None:
    assert met_with([Follower(**status)]) == {(kind, "funding") for kind in kinds}
