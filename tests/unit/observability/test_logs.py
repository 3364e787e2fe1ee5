"""Log lines: static events, and nothing about people whoever forgets."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from shared.observability import logs


@pytest.fixture
def lines() -> Iterator[Callable[..., list[dict[str, Any]]]]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    out = io.StringIO()

    def configured(**options: Any) -> list[dict[str, Any]]:
        if not out.getvalue() and options.pop("begin", False):
            logs.configure(stream=out, **options)
            return []
        return [json.loads(one) for one in out.getvalue().splitlines()]

    yield configured
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_one_json_object_with_its_facts(lines: Callable[..., list[dict[str, Any]]]) -> None:
    lines(begin=True)

    structlog.get_logger("x").info("alert_escalated", alert_id="a", step=2)

    [line] = lines()
    assert (line["event"], line["alert_id"], line["step"], line["level"]) == ("alert_escalated", "a", 2, "info")


def test_personal_keys_are_dropped_and_named(lines: Callable[..., list[dict[str, Any]]]) -> None:
    lines(begin=True)

    structlog.get_logger("x").info("child_seen", child="c", name="王秀兰", facts={"phone": "13900000000", "n": 1})

    [line] = lines()
    assert line["child"] == "c"
    assert line["facts"] == {"n": 1}
    assert line["personal_keys_dropped"] == ["name", "phone"]
    assert "王秀兰" not in json.dumps(line, ensure_ascii=False)


def test_a_trace_says_where_and_not_what_in_production(lines: Callable[..., list[dict[str, Any]]]) -> None:
    lines(begin=True)

    try:
        raise ValueError("13900000000")
    except ValueError:
        structlog.get_logger("x").exception("something_failed")

    [line] = lines()
    assert line["trace"][0] == "ValueError"
    assert "test_logs.py" in line["trace"][1]
    assert "13900000000" not in json.dumps(line)


def test_a_trace_has_its_words_where_nobody_is_real(lines: Callable[..., list[dict[str, Any]]]) -> None:
    lines(begin=True, words=True)

    try:
        raise ValueError("a number")
    except ValueError:
        structlog.get_logger("x").exception("something_failed")

    assert lines()[0]["trace"][0] == "ValueError: a number"


def test_the_causes_of_an_error_are_followed(lines: Callable[..., list[dict[str, Any]]]) -> None:
    lines(begin=True)

    try:
        try:
            raise KeyError("x")
        except KeyError as error:
            raise RuntimeError("y") from error
    except RuntimeError:
        structlog.get_logger("x").exception("something_failed")

    assert [one for one in lines()[0]["trace"] if ".py" not in one] == ["RuntimeError", "because of:", "KeyError"]


def test_a_librarys_line_keeps_its_template_and_loses_its_values(lines: Callable[..., list[dict[str, Any]]]) -> None:
    lines(begin=True)

    logging.getLogger("nameko.containers").warning("error handling worker %s", "王秀兰")

    [line] = lines()
    assert (line["event"], line["logger"], line["template"]) == (
        "library_message",
        "nameko.containers",
        "error handling worker %s",
    )
    assert "王秀兰" not in json.dumps(line, ensure_ascii=False)


def test_lines_below_the_level_are_not_written(lines: Callable[..., list[dict[str, Any]]]) -> None:
    lines(begin=True, level="warning")

    structlog.get_logger("x").info("nothing_much")
    structlog.get_logger("x").warning("something")

    assert [one["event"] for one in lines()] == ["something"]


def test_the_names_of_the_present_call_stand_in_each_line(lines: Callable[..., list[dict[str, Any]]]) -> None:
    lines(begin=True)

    with structlog.contextvars.bound_contextvars(correlation="c1"):
        structlog.get_logger("x").info("inside")

    assert lines()[0]["correlation"] == "c1"


def test_what_ends_a_thread_is_a_line_like_any_other(
    lines: Callable[..., list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    lines(begin=True)
    logs.catch_the_uncaught()

    def die() -> None:
        raise ValueError("13900000000")

    thread = threading.Thread(target=die, name="worker")
    thread.start()
    thread.join()

    [line] = lines()
    assert (line["event"], line["thread"], line["error"]) == ("thread_died", "worker", "ValueError")
    assert "13900000000" not in json.dumps(line)
