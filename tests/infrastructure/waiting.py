"""Waiting for something to come true, with a bound and a message."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(
    predicate: Callable[[], T],
    *,
    within: float = 10.0,
    every: float = 0.02,
    what: str = "",
    ignoring: tuple[type[BaseException], ...] = (),
) -> T:
    """Ask `predicate` until it answers something true, and return that answer.

    Args:
        predicate: asked at least once, and once more when the time is over.
        within: seconds to wait at most.
        every: seconds between two questions.
        what: what is waited for, for the message.
        ignoring: exceptions that count as "not yet".

    Raises:
        AssertionError: it did not come true in time; says what the last answer or exception was.
    """
    ends = time.monotonic() + within
    while True:
        last_chance = time.monotonic() >= ends
        trouble: BaseException | None = None
        try:
            answer = predicate()
            if answer:
                return answer
            seen = repr(answer)
        except ignoring as error:
            trouble, seen = error, f"{type(error).__name__}: {error}"
        if last_chance:
            name = what or getattr(predicate, "__name__", "the condition")
            raise AssertionError(f"waited {within:g} s for {name}; last seen: {seen}") from trouble
        time.sleep(every)
