"""Processes that tests start: waited for with a bound, ended by their own id, their words shown when they fail."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests.infrastructure.ports import LOOPBACK, answers, free_port
from tests.infrastructure.processes import Process
from tests.infrastructure.waiting import eventually


def _python(code: str, tmp_path: Path) -> Process:
    return Process([sys.executable, "-u", "-c", code], output_file=tmp_path / "output")


def test_a_line_that_a_process_writes_is_waited_for(tmp_path: Path) -> None:
    with _python("import time; print('ready on 8000'); time.sleep(60)", tmp_path) as process:
        assert process.wait_for_line(r"^ready on (\d+)$").group(1) == "8000"


def test_an_address_is_waited_for_until_it_answers_200(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", LOOPBACK, "--directory", str(tmp_path)]
    with Process(command, output_file=tmp_path / "output") as process:
        process.wait_for_http(f"http://{LOOPBACK}:{port}/")
    assert not answers(LOOPBACK, port)


def test_a_process_that_ends_early_fails_at_once_with_its_last_words(tmp_path: Path) -> None:
    with _python("raise SystemExit('no database')", tmp_path) as process:
        with pytest.raises(AssertionError, match=r"(?s)ended with 1 before a line.*no database"):
            process.wait_for_line("ready", within=20)


def test_what_was_written_just_before_the_end_still_counts(tmp_path: Path) -> None:
    with _python("print('done')", tmp_path) as process:
        process.wait()
        process.wait_for_line("done")


def test_waiting_has_an_end(tmp_path: Path) -> None:
    with _python("import time; time.sleep(60)", tmp_path) as process:
        with pytest.raises(AssertionError, match=r"waited 0\.2 s for a line"):
            process.wait_for_line("ready", within=0.2)


def test_a_process_ends_when_asked_and_a_deaf_one_is_killed(tmp_path: Path) -> None:
    with _python("import time; print('up'); time.sleep(60)", tmp_path) as process:
        process.wait_for_line("up")
        assert process.terminate() == -signal.SIGTERM
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"
    with _python(deaf, tmp_path) as process:
        process.wait_for_line("deaf")
        with pytest.raises(AssertionError, match="ignored SIGTERM"):
            process.terminate(within=0.3)
        assert process.exit_code == -signal.SIGKILL


def test_a_killed_process_takes_its_children_along(tmp_path: Path) -> None:
    child = "import subprocess, sys, time; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    with _python(child + "; print(c.pid); time.sleep(60)", tmp_path) as process:
        pid = int(process.wait_for_line(r"^(\d+)$").group(1))
        process.kill()
    # The machine's first process reaps the orphan; until then it is there, but dead.
    eventually(lambda: not Path(f"/proc/{pid}/exe").exists(), what="the child's end")
