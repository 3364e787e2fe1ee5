"""What stands around every door."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy.exc import OperationalError
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from shared.hosting.guard import answered
from shared.kernel.ids import is_id


def failing(error: Exception) -> Any:
    def door(_message: dict[str, Any]) -> dict[str, Any]:
        raise error

    return door


def test_an_answer_passes() -> None:
    assert answered("casework", "cases", lambda _: {"answer": 1}, {}) == {"answer": 1}


def test_a_fault_becomes_an_incident_that_the_log_has_too() -> None:
    with capture_logs() as lines:
        answer = answered("casework", "cases", failing(KeyError("王秀兰")), {})

    assert is_id(answer["failed"]["incident"])
    assert not answer["failed"]["unknown"]
    assert [(one["event"], one["incident"], one["error"]) for one in lines] == [
        ("door_failed", answer["failed"]["incident"], "KeyError")
    ]
    assert "王秀兰" not in str(answer)


def test_a_database_that_went_away_leaves_the_outcome_open() -> None:
    lost = OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=True)

    assert answered("casework", "close_case", failing(lost), {})["failed"]["unknown"]


def test_a_message_that_is_none_is_a_fault_and_no_crash() -> None:
    answer = answered("casework", "cases", lambda message: {"answer": message["data"]}, None)  # type: ignore[arg-type]

    assert "failed" in answer


def test_log_lines_inside_a_door_bear_its_names() -> None:
    seen: list[dict[str, Any]] = []

    def door(message: dict[str, Any]) -> dict[str, Any]:
        seen.append(get_contextvars() | {"in_message": message["correlation"]})
        return {"answer": None}

    structlog.contextvars.clear_contextvars()
    answered("casework", "cases", door, {"correlation": "abc"})
    answered("casework", "cases", door, {})

    assert seen[0] == {"service": "casework", "door": "cases", "correlation": "abc", "in_message": "abc"}
    assert is_id(seen[1]["correlation"])
    assert seen[1]["correlation"] == seen[1]["in_message"]
    assert get_contextvars() == {}
