"""What a service class is made of, without a host."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from shared.access.permissions import Permission
from shared.hosting.directory import check_hearing, service_class
from shared.hosting.entrypoints import doors_of, entrypoints, sources_heard_by
from shared.hosting.service import Service, follows, rpc

COMMON = {
    "checkpoint",
    "command_outcome",
    "engine_status",
    "fetch_keys",
    "follow_accept",
    "log_as_of",
    "log_bundle",
    "log_checkpoints",
    "keys_status",
    "last_rebuild",
    "log_compare",
    "log_entries",
    "log_news",
    "log_receipt",
    "retire_kek",
    "rewrap_keys",
    "log_schemas",
    "log_standing",
    "log_tile",
    "log_verify",
    "parked",
    "parked_drop",
    "parked_retry",
    "backup_verified",
    "contradiction_decide",
    "contradictions",
    "read_log",
    "witness",
    "upkeep",
    "witnessed",
    "rebuild_views",
}


class Small(Service):
    name = "alerts"
    hears = follows("registry", "casework")

    @rpc
    def say(self, message: dict[str, Any]) -> dict[str, Any]:
        """Say it again."""
        return {"answer": message["word"]}


def test_doors_are_found_by_their_entrypoints() -> None:
    assert set(doors_of(Small)) == COMMON | {"say"}


def test_what_a_service_hears_is_found_by_its_entrypoint() -> None:
    assert sources_heard_by(Small) == ["casework", "registry"]
    assert [name for name, one in entrypoints(Small) if type(one).__name__ == "Follows"] == ["hears"]


def test_a_door_is_an_ordinary_function_outside_a_container() -> None:
    assert Small().say({"word": "守望"}) == {"answer": "守望"}


@pytest.mark.parametrize(
    ("door", "permission"),
    [
        ("read_log", Permission.LOG_EXCHANGE),
        ("fetch_keys", Permission.LOG_EXCHANGE),
        ("log_as_of", Permission.ENTRY_VIEW),
        ("log_entries", Permission.ENTRY_VIEW),
        ("log_news", Permission.NEWS_FOLLOW),
        ("log_compare", Permission.ENTRY_VIEW),
        ("log_standing", Permission.ENTRY_VIEW),
        ("log_verify", Permission.ENTRY_VIEW),
        ("engine_status", Permission.ENGINE_OPERATE),
        ("parked", Permission.PARKED_VIEW),
        ("parked_retry", Permission.PARKED_SETTLE),
        ("parked_drop", Permission.PARKED_SETTLE),
        ("witness", Permission.CHECKPOINT_WITNESS),
        ("witnessed", Permission.ENTRY_VIEW),
        ("rebuild_views", Permission.ENGINE_OPERATE),
        ("last_rebuild", Permission.ENGINE_OPERATE),
        ("keys_status", Permission.KEYS_ROTATE),
        ("rewrap_keys", Permission.KEYS_ROTATE),
        ("retire_kek", Permission.KEYS_ROTATE),
        ("checkpoint", None),
        ("command_outcome", None),
    ],
)
def test_a_common_door_names_its_permission(door: str, permission: Permission | None) -> None:
    assert getattr(Service, door).permission == permission


def test_a_service_that_forgot_to_hear_is_refused() -> None:
    class Deaf(Service):
        name = "alerts"

    with pytest.raises(ValueError, match="alerts hears"):
        check_hearing("alerts", Deaf)


def test_a_service_that_hears_what_is_said_to_it_is_accepted() -> None:
    check_hearing("alerts", Small)


def test_a_name_that_is_no_service_is_named() -> None:
    with pytest.raises(LookupError, match="no such service: kitchen"):
        service_class("kitchen")


def test_importing_a_service_patches_nothing_and_connects_nowhere() -> None:
    code = (
        "import shared.hosting.service, socket, threading, eventlet.patcher as p;"
        "assert not p.is_monkey_patched('socket') and not p.is_monkey_patched('thread');"
        "assert threading.active_count() == 1"
    )

    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
