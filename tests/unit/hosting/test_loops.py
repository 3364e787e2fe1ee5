"""Loops that never die."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from shared.hosting.loops import Loop
from tests.infrastructure.waiting import eventually


@pytest.fixture
def run() -> Iterator[Callable[..., Loop]]:
    started: list[Loop] = []

    def make(step: Callable[[], object], idle: float = 60.0) -> Loop:
        loop = Loop("casework", "sequencer", step, idle=idle)
        started.append(loop)
        loop.start()
        return loop

    yield make
    for one in started:
        one.stop()
        assert one.join()


def test_a_kick_wakes_a_resting_loop(run: Callable[..., Loop]) -> None:
    steps = threading.Semaphore(0)
    loop = run(steps.release)
    assert steps.acquire(timeout=5)

    loop.kick()

    assert steps.acquire(timeout=5)


def test_a_kick_during_a_step_is_not_lost(run: Callable[..., Loop]) -> None:
    began, go_on, steps = threading.Event(), threading.Event(), []

    def step() -> None:
        steps.append(1)
        began.set()
        go_on.wait(5)

    loop = run(step)
    began.wait(5)
    loop.kick()
    go_on.set()

    eventually(lambda: len(steps) == 2, what="the second step")


def test_a_busy_loop_does_not_rest(run: Callable[..., Loop]) -> None:
    steps: list[int] = []

    def step() -> bool:
        steps.append(1)
        return len(steps) < 5

    run(step)

    eventually(lambda: len(steps) == 5, what="five steps")


def test_a_loop_outlives_its_failures_and_says_so_once_with_a_trace(run: Callable[..., Loop]) -> None:
    steps: list[int] = []

    def step() -> None:
        steps.append(1)
        if len(steps) < 4:
            raise OSError("the database is away")

    with capture_logs() as lines:
        loop = run(step)
        eventually(lambda: len(steps) == 4 and not loop.failing, what="the recovery")

    said = [(one["event"], one["log_level"]) for one in lines]
    assert said == [
        ("loop_failed", "error"),
        ("loop_failed", "warning"),
        ("loop_failed", "warning"),
        ("loop_recovered", "info"),
    ]
    assert loop.alive


def test_kicks_do_not_cut_a_failing_loops_patience_short(run: Callable[..., Loop]) -> None:
    steps: list[float] = []

    def step() -> None:
        steps.append(time.monotonic())
        raise OSError

    loop = run(step)
    # Kicked without pause until it has failed four times: it rests 0.1, 0.2 and 0.4 seconds in between all the same.
    eventually(lambda: (loop.kick(), len(steps) == 4)[1], every=0.001, what="four failures")  # type: ignore[func-returns-value]

    assert steps[3] - steps[0] >= 0.7


def test_a_stopped_loop_has_ended(run: Callable[..., Loop]) -> None:
    loop = run(lambda: None)

    loop.stop()

    assert loop.join()
    assert not loop.alive
