"""A door opens for a known caller with the permission and fitting words, in time; and answers only what was cleared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from marshmallow import fields

from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.access.schemas import Command, Id, Query
from shared.eventstore.work import Decision
from shared.kernel.refusals import Refusal
from tests.unit.access.house import Rooms, ref


@dataclass(frozen=True)
class Greet:
    child: str
    times: int


class GreetSchema(Command):
    makes = Greet
    child = Id(required=True)
    times = fields.Integer(load_default=1, strict=True)


class OfChild(Query):
    child = Id(required=True)


class Porch:
    """A service of a few doors."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms

    def _clear(self, call: Call[Any], child: str) -> None:
        with self.rooms.database.read() as tx:
            self.rooms.gate.clear(tx, call, child=child)

    @command(GreetSchema, May.CHILD_CORRECT)
    def greet(self, call: Call[Greet]) -> Any:
        self._clear(call, call.data.child)
        if call.data.times > 9:
            raise Refusal("porch.too_often", most=9)
        return Decision(id=call.command_id, version=call.data.times, events=())

    @query(OfChild, May.CHILD_VIEW)
    def look(self, call: Call[dict[str, Any]]) -> Any:
        self._clear(call, call.data["child"])
        return {"language": call.language, "command": call.command_id}

    @query(OfChild, May.CHILD_VIEW)
    def careless(self, call: Call[dict[str, Any]]) -> Any:
        return {"child": call.data["child"]}

    @command(GreetSchema, May.CHILD_CORRECT)
    def again(self, call: Call[Greet]) -> Any:
        return Decision(id=call.command_id, version=1, events=(), repeated=True)


@pytest.fixture
def porch(rooms: Rooms) -> Porch:
    rooms.hire("wei", "supervisor", division="east")
    rooms.hire("lin", "duty_officer", division="east")
    return Porch(rooms)


def say(porch: Porch, door: str, data: Any, by: str = "wei", role: str = "supervisor", **message: Any) -> Any:
    token = porch.rooms.token(by, role)
    return getattr(porch, door)({"token": token, "data": data, **message})


def refused(answer: dict[str, Any]) -> str:
    assert set(answer) == {"refused"}
    return str(answer["refused"]["code"])


def test_a_command_is_answered_with_its_decision(porch: Porch) -> None:
    answer = say(porch, "greet", {"child": ref("chen"), "times": 3}, command_id=ref("command"))
    assert answer == {"answer": {"id": ref("command"), "version": 3, "repeated": False, "events": []}}


def test_a_refusal_is_an_answer_with_its_facts(porch: Porch) -> None:
    answer = say(porch, "greet", {"child": ref("chen"), "times": 10})
    assert answer == {"refused": {"code": "porch.too_often", "facts": {"most": 9}}}


@pytest.mark.parametrize("token", [None, "", "nonsense", 5])
def test_a_caller_without_a_token_stays_outside(porch: Porch, token: Any) -> None:
    assert refused(porch.look({"token": token, "data": {"child": ref("chen")}})) == "unauthenticated"


def test_a_role_without_the_permission_is_denied_before_its_words_are_read(porch: Porch) -> None:
    answer = say(porch, "greet", {"child": 5, "nonsense": True}, by="lin", role="duty_officer")
    assert answer == {"refused": {"code": "denied", "facts": {"permission": str(May.CHILD_CORRECT)}}}


def test_a_child_of_another_township_is_denied(porch: Porch) -> None:
    answer = say(porch, "greet", {"child": ref("gu")})
    assert refused(answer) == "denied"
    assert answer["refused"]["facts"]["reach"] is True


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "child"),
        ({"child": "chen"}, "child"),
        ({"child": ref("chen"), "times": "3"}, "times"),
        ({"child": ref("chen"), "colour": "red"}, "colour"),
        ({"child": ref("chen"), "happened_on": "yesterday"}, "happened_on"),
        ({"child": ref("chen"), "legal_basis": "because"}, "legal_basis"),
    ],
)
def test_words_that_do_not_fit_are_named_by_field(porch: Porch, data: dict[str, Any], field: str) -> None:
    answer = say(porch, "greet", data)
    assert refused(answer) == "invalid"
    assert set(answer["refused"]["facts"]["errors"]) == {field}


def test_a_command_id_that_is_none_is_refused(porch: Porch) -> None:
    answer = say(porch, "greet", {"child": ref("chen")}, command_id="seven")
    assert answer["refused"]["facts"]["errors"] == {"command_id": ["not_an_id"]}


def test_a_message_whose_deadline_is_over_is_refused_unopened(porch: Porch) -> None:
    late = porch.rooms.clock.now().timestamp() - 0.001
    assert refused(porch.greet({"token": "nonsense", "data": 5, "deadline": late})) == "too_late"


def test_a_message_within_its_deadline_is_heard(porch: Porch) -> None:
    soon = porch.rooms.clock.now().timestamp() + 1
    assert "answer" in say(porch, "look", {"child": ref("chen")}, deadline=soon)


def test_a_handler_that_forgets_to_ask_for_permission_is_a_fault_and_answers_nothing(porch: Porch) -> None:
    with pytest.raises(AssertionError, match="without asking for permission"):
        say(porch, "careless", {"child": ref("gu")})


def test_a_repeated_command_is_answered_without_asking_again(porch: Porch) -> None:
    assert say(porch, "again", {"child": ref("chen")})["answer"]["repeated"] is True


def test_a_query_takes_no_command_id_from_its_caller(porch: Porch) -> None:
    answer = say(porch, "look", {"child": ref("chen")}, command_id=ref("command"))
    assert answer["answer"]["command"] != ref("command")


def test_a_door_speaks_chinese_unless_another_language_is_asked_for(porch: Porch) -> None:
    assert say(porch, "look", {"child": ref("chen")})["answer"]["language"] == "zh-Hans"
    assert say(porch, "look", {"child": ref("chen")}, language="en")["answer"]["language"] == "en"
