"""Tests that share a served system, or kill servers, stay on one worker."""

from __future__ import annotations

import pytest

from tests.infrastructure.grouping import SERVED, group_of


@pytest.mark.parametrize(
    "test",
    [
        "tests/e2e/test_canary.py::test_x[rabbitmq-registry]",
        "tests/e2e/test_story_grant.py::test_x[rabbitmq]",
        "tests/e2e/test_composed.py::test_x",
        "tests/integration/hosting/test_both_hosts.py::test_x[rabbitmq]",
        "tests/integration/alerts/test_on_both_hosts.py::TestIt::test_x[one-rabbitmq]",
    ],
)
def test_what_is_served_is_one_group(test: str) -> None:
    assert group_of(test) == SERVED


def test_stories_on_the_embedded_system_and_files_that_kill_servers_are_groups_of_their_own() -> None:
    assert group_of("tests/e2e/test_canary.py::test_x[embedded-alerts]") == "stories on embedded"
    assert group_of("tests/faults/test_killed_process.py::test_x[3]") == "tests/faults/test_killed_process.py"
    assert group_of("tests/e2e/test_every_page.py::test_x[en]") == "tests/e2e/test_every_page.py"


@pytest.mark.parametrize(
    "test", ["tests/contract/messaging/test_follower.py::test_x[rabbitmq]", "tests/unit/test_locks.py::test_y"]
)
def test_all_others_go_anywhere(test: str) -> None:
    assert group_of(test) == test
