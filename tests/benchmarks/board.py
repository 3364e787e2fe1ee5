"""How soon an absence that a teacher records stands on the duty officer's board, by the doors; a hundred of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from functools import partial

from tests.benchmarks.county import HOSTS, county
from tests.benchmarks.figures import Figure, Target, percentile, seconds
from tests.benchmarks.ground import Ground
from tests.e2e.crew import Crew
from tests.infrastructure.waiting import eventually

SAMPLES = 100
TARGET = 0.3
"""Seconds: 99 of 100 absences on the board, on either host."""


def measure(_on: Ground) -> Iterator[Figure]:
    """On both hosts."""
    for host in HOSTS:
        with county(host) as crew:
            yield from _absences(crew, host)


def _absences(crew: Crew, host: str) -> Iterator[Figure]:
    """From the moment that the teacher sends the roll call to the alert on the duty officer's board."""
    classes = [crew.klass(crew.places["school"], f"（{number}）班", 3) for number in range(20, 20 + SAMPLES)]
    children = [crew.child(300 + number, klass=klass) for number, klass in enumerate(classes)]
    heard_of_classes(crew, classes)
    look = partial(crew.ask, "duty_officer", "alerts", "board", {"limit": 1})
    empty = statistics.median(seconds(look) for _ in range(SAMPLES))
    until = [_until_on_board(crew, child, klass) for child, klass in zip(children, classes, strict=True)]
    for hundredth, targets in ((50, ()), (99, (Target("itself", TARGET),))):
        yield Figure(
            what=f"absence → board, p{hundredth} of {SAMPLES}, {host}",
            ours=percentile(until, hundredth),
            floor=empty,
            floor_is="one look at the board",
            targets=targets,
        )
    case = seconds(lambda: eventually(lambda: crew.case_of(children[-1]), within=30, what="the case"))
    yield Figure(what=f"last absence → case after the board, {host}", ours=case, note="once")


def heard_of_classes(crew: Crew, classes: list[str]) -> None:
    """Wait until alerts knows the pupils of these classes."""
    for klass in classes:
        asked = {"klass": klass, "day": crew.today.isoformat(), "session": "morning"}

        def full(asked: dict[str, str] = asked) -> bool:
            return bool(crew.heard("teacher", "alerts", "roll_call", asked)["pupils"])

        eventually(full, within=30, what="the class in alerts")


def _until_on_board(crew: Crew, child: str, klass: str) -> float:
    begun = time.perf_counter()
    crew.roll_call(child, klass=klass)
    while crew.on_board(child, limit=100) is None:
        assert time.perf_counter() - begun < 30, "the alert does not come"
    took = time.perf_counter() - begun
    alert = crew.on_board(child, limit=100)
    assert alert is not None
    # Off the board again, so that the hundredth sample looks at a board of the same length as the first.
    crew.ask("duty_officer", "alerts", "resolve_alert", {"alert": alert["alert"], "outcome": "found_safe"})
    return took
