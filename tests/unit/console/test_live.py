"""Live pages: growth of the logs reaches those who wait, and only signed-in ones."""

from __future__ import annotations

import threading

import pytest

from services.console import heads as heads_module
from services.console import live
from tests.unit.console.conftest import World


def test_growth_wakes_who_waits(world: World) -> None:
    heads = world.console.heads
    heads.announce("alerts", 1)
    heard: list[dict[str, int]] = []
    waiting = threading.Thread(target=lambda: heard.append(heads.wait({"alerts": 1}, 10)))
    waiting.start()
    heads.announce("alerts", 2)
    waiting.join(timeout=10)
    assert heard == [{"alerts": 2}]


def test_a_head_that_did_not_grow_wakes_nobody(world: World) -> None:
    heads, told = world.console.heads, []
    heads.on_growth(told.append)
    heads.announce("alerts", 1)
    heads.announce("alerts", 1)
    assert heads.wait({"alerts": 1}, 0) == {}
    assert told == ["alerts"]


def test_the_services_announce_through_the_client(world: World) -> None:
    (listener,) = world.services.listeners
    listener("funding", 7)
    assert world.signed_in("wang", "teacher").get("/live/heads").get_json() == {"funding": 7}


def test_the_stream_tells_the_sizes_and_then_what_grew(world: World) -> None:
    world.console.heads.announce("alerts", 1)
    answer = world.signed_in("wang", "teacher").get("/live")
    assert answer.mimetype == "text/event-stream"
    chunks = answer.iter_encoded()
    assert b'data: {"alerts": 1}' in next(chunks)
    world.console.heads.announce("alerts", 2)
    assert next(chunks) == b'event: heads\ndata: {"alerts": 2}\n\n'
    answer.close()


def test_a_stranger_hears_nothing(world: World) -> None:
    assert world.browser().get("/live").status_code == 303
    assert world.browser().get("/live/heads", headers={"X-Fragment": "1"}).status_code == 401


def test_when_all_places_are_taken_the_page_is_told_to_poll_and_a_place_comes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.console.heads, "_streams", threading.BoundedSemaphore(1))
    browser = world.signed_in("wang", "teacher")
    first = browser.get("/live")
    assert browser.get("/live").status_code == 503
    first.close()
    assert browser.get("/live").status_code == 200


def test_a_stream_ends_when_the_console_stops(world: World) -> None:
    answer = world.signed_in("wang", "teacher").get("/live")
    chunks = answer.iter_encoded()
    next(chunks)
    world.console.heads.close()
    assert list(chunks) == []
    assert world.services.listeners == []


def test_a_stream_holds_a_thread_so_there_are_more_threads_than_streams() -> None:
    from services.console.serving import THREADS

    assert THREADS > heads_module.MOST_STREAMS
    assert live.LASTS >= live.BEAT
