"""Nothing personal stands in the clear in any log, neither in the history nor in what processes write about it."""

from __future__ import annotations

import pytest

from tests.e2e.canaries import words
from tests.e2e.conftest import County
from tests.e2e.crew import SERVICES


def test_what_is_no_secret_is_found_in_the_entries(told: County) -> None:
    assert any("示范镇中心学校" in entry.decode() for entry in told.entries("registry")), "the search finds nothing"


@pytest.mark.parametrize("service", SERVICES)
def test_no_entry_of_a_log_holds_anything_personal_in_the_clear(told: County, service: str) -> None:
    entries = [entry.decode() for entry in told.entries(service)]

    assert entries, "an empty log proves nothing"
    assert [(word, entry) for entry in entries for word in words(told.crew) if word in entry] == []


def test_no_process_writes_anything_personal_about_its_work(told: County) -> None:
    lines = told.lines()

    assert "engine_started" in lines, "logs that were not captured prove nothing"
    assert [word for word in words(told.crew) if word in lines] == []
