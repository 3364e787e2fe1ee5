"""A live page's stream goes on as long as it may, however much happens meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from services.console import live
from services.console.heads import Heads
from shared.kernel.clock import SystemClock


class Neighbours:
    """A client that only listens."""

    def heads(self, _heard: Callable[[str, int], None]) -> Callable[[], None]:
        return lambda: None


def test_a_stream_outlives_any_number_of_news() -> None:
    heads = Heads(Neighbours(), SystemClock())  # type: ignore[arg-type]
    stream = live._events(heads)
    next(stream)
    for size in range(1, 101):
        heads.announce("alerts", size)
        data = next(stream).split("data: ")[1]
        assert json.loads(data) == {"alerts": size}
    heads.close()


def test_a_stream_that_ends_as_planned_is_opened_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LASTS", 0.01)
    heads = Heads(Neighbours(), SystemClock())  # type: ignore[arg-type]
    assert list(live._events(heads))[-1] == "retry: 100\n\n"
    heads.close()
