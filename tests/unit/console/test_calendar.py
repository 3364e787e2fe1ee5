"""Terms and workdays on the console's page."""

from __future__ import annotations

from typing import Any

import pytest

from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import World

AREA = "0190a1b2-0000-7000-8000-000000000001"
DAY = {"day": "2026-10-10", "worked": True, "basis": "override", "in_term": True, "taught": True}
TERM = {"division": AREA, "year": 2026, "half": "autumn", "first": "2026-09-01", "last": "2027-01-22"}
PAGE = f"/calendar?division={AREA}"


@pytest.fixture
def world(world: World) -> World:
    answers = world.services.answers
    county = {"division": AREA, "name": "示范县", "level": "county", "parent": None}
    answers["registry", "divisions"] = {"items": [county], "next": None}
    answers["registry", "calendar_days"] = {"terms": [TERM], "days": [], "items": [DAY], "next": None}
    for door in ("set_term", "set_day"):
        answers["registry", door] = {"id": AREA, "version": 1, "repeated": False, "events": []}
    return world


def told(world: World, door: str) -> dict[str, Any]:
    return dict(next(one for one in world.services.asked if one["door"] == door)["data"])


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "秋季学期"), ("zh-TW", "秋季學期"), ("en", "autumn term")])
def test_terms_and_days_are_shown_in_three_languages(world: World, language: str, words: str) -> None:
    page = world.signed_in("chen", "teacher", language=language).get("/calendar").text
    assert words in page
    assert 'action="/calendar/terms"' not in page


def test_a_term_and_a_day_are_set(world: World) -> None:
    browser = world.signed_in("chen", "supervisor")
    given = {"year": "2026", "half": "autumn", "first": "2026-09-01", "last": "2027-01-22", "division": AREA}
    assert browser.post("/calendar/terms", given, page=PAGE).status_code == 303
    assert told(world, "set_term") == {name: TERM[name] for name in TERM}
    day = {"division": AREA, "day": "2026-10-10", "worked": "yes", "taught": ""}
    assert browser.post("/calendar/days", day, page=PAGE).status_code == 303
    assert told(world, "set_day") == {"division": AREA, "day": "2026-10-10", "worked": True, "taught": None}


def test_what_is_wrong_is_said_beside_the_field(world: World) -> None:
    browser = world.signed_in("chen", "supervisor")
    assert browser.post("/calendar/terms", {"year": "soon"}, page=PAGE).status_code == 422
    world.services.answers["registry", "set_term"] = Refusal("registry.term_overlaps")
    given = {"year": "2026", "half": "autumn", "first": "2026-09-01", "last": "2027-01-22", "division": AREA}
    answer = browser.post("/calendar/terms", given, page=PAGE)
    assert answer.status_code == 422
    assert "belong to another term" in answer.text
