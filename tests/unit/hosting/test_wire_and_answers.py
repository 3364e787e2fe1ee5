"""Messages and answers: one JSON form, and what each kind of answer becomes for the caller."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.hosting import wire
from shared.hosting.clients.port import Caller, OutcomeUnknown, ServiceFailed, ServiceUnavailable, read
from shared.kernel.clock import FixedClock
from shared.kernel.ids import is_id
from shared.kernel.refusals import Changed, Denied, NotFound, Refusal

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
COMMAND = "018f0000-0000-7000-8000-000000000001"


def test_what_is_carried_arrives_as_json_and_nothing_else() -> None:
    assert wire.carried({"day": date(2026, 3, 2), "pair": (1, "二")}) == {"day": "2026-03-02", "pair": [1, "二"]}


def test_what_is_no_json_does_not_leave() -> None:
    with pytest.raises(TypeError):
        wire.carried({"thing": object()})


def test_an_answer_is_given_as_it_is() -> None:
    assert read("casework", COMMAND, {"answer": None}) is None


@pytest.mark.parametrize(
    ("code", "kind"), [("denied", Denied), ("not_found", NotFound), ("changed", Changed), ("casework.closed", Refusal)]
)
def test_a_refusal_is_raised_in_its_own_kind(code: str, kind: type[Refusal]) -> None:
    with pytest.raises(kind) as refused:
        read("casework", COMMAND, {"refused": {"code": code, "facts": {"case": "c"}}})

    assert (refused.value.code, refused.value.facts) == (code, {"case": "c"})


def test_a_failure_names_its_incident() -> None:
    with pytest.raises(ServiceFailed) as failed:
        read("casework", COMMAND, {"failed": {"incident": "i", "unknown": False}})

    assert (failed.value.service, failed.value.incident) == ("casework", "i")


def test_a_failure_that_may_have_been_committed_is_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown) as unknown:
        read("casework", COMMAND, {"failed": {"incident": "i", "unknown": True}})

    assert unknown.value.command_id == COMMAND


def test_a_message_that_came_too_late_was_not_taken() -> None:
    with pytest.raises(ServiceUnavailable):
        read("casework", COMMAND, {"refused": {"code": "too_late", "facts": {}}})


@pytest.mark.parametrize("answer", [None, {}, [], {"something": 1}])
def test_an_answer_of_another_form_counts_as_none(answer: Any) -> None:
    with pytest.raises(ServiceUnavailable):
        read("casework", COMMAND, answer)


class Carrying(Caller):
    """Answers `yes` to everything that it is to carry, and keeps it."""

    def __init__(self) -> None:
        super().__init__(FixedClock(NOW))
        self.carried: list[dict[str, Any]] = []

    def _carry(self, service: str, door: str, message: dict[str, Any], timeout: float) -> dict[str, Any]:
        self.carried.append(message)
        return {"answer": "yes"}


def test_a_call_without_a_command_id_is_given_one_and_a_deadline() -> None:
    caller = Carrying()
    assert caller.call("casework", "cases", {}, token="t", language="en") == "yes"
    [sent] = caller.carried
    assert is_id(sent["command_id"])
    assert sent["deadline"] == NOW.timestamp() + 10
