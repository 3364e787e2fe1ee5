"""Processes that tests start: waited for with a bound, stopped by their own id, their output shown when they fail."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.infrastructure.accounts import As
from tests.infrastructure.waiting import eventually

T = TypeVar("T")
SHOWN = 4_000
"""How many characters of a process's last output a failure shows."""


class Process:
    """One started program. Standard output and error go to one file, `output_file`.

    Args:
        command: program and arguments.
        output_file: where its output is kept; appended to, so that a restart does not hide why the first one died.
        env: the whole environment; None takes over the present one.
        cwd: working directory.
        options: another account to run under.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        output_file: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        options: As | None = None,
    ) -> None:
        self.command = list(command)
        self.output_file = output_file
        self._before = output_file.stat().st_size if output_file.exists() else 0
        with output_file.open("ab") as output:
            # A session of its own: a signal can reach the program with its children, and none of ours reaches it.
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
                **(options or As()),
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; negative for a signal; None while it runs."""
        return self._process.poll()

    def output(self) -> str:
        """What it has written since it was started."""
        with self.output_file.open("rb") as output:
            output.seek(self._before)
            return output.read().decode(errors="replace")

    def wait_for_line(self, pattern: str, *, within: float = 30.0) -> re.Match[str]:
        """Wait until a line of its output matches; gives the match.

        Raises:
            AssertionError: it ended, or the time was over; with the last of its output.
        """
        match = self._await(lambda: re.search(pattern, self.output(), re.MULTILINE), within, f"a line like {pattern!r}")
        assert match is not None
        return match

    def wait_for_http(self, url: str, *, within: float = 30.0) -> None:
        """Wait until the address answers 200.

        Raises:
            AssertionError: the process ended, or the time was over; with the last of its output.
        """
        self._await(lambda: http_status(url) == 200, within, f"200 from {url}")

    def wait(self, *, within: float = 30.0) -> int:
        """Wait until it ends by itself; gives the exit code.

        Raises:
            AssertionError: it still runs; with the last of its output.
        """
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(self._story(f"still runs after {within:g} s")) from None

    def terminate(self, *, within: float = 20.0, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end and wait; gives the exit code.

        Raises:
            AssertionError: it had to be killed because it did not listen.
        """
        if self._process.poll() is None:
            self._process.send_signal(by)
            try:
                self._process.wait(within)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(self._story(f"ignored {by.name} for {within:g} s")) from None
        return self._process.wait()

    def kill(self) -> None:
        """SIGKILL, to it and to the children that it left in its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def freeze(self) -> None:
        """SIGSTOP, to it and its children: it is there, and answers nothing."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on where it was."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def _await(self, question: Callable[[], T], within: float, what: str) -> T:
        answers: list[T] = []

        def answered_or_ended() -> bool:
            # Whether it ended is asked before the question: what it wrote just before it ended still counts.
            ended = self._process.poll() is not None
            if answer := question():
                answers.append(answer)
            return bool(answers) or ended

        try:
            eventually(answered_or_ended, within=within, every=0.05, what=what)
        except AssertionError as error:
            raise AssertionError(self._story(str(error))) from None
        assert answers, self._story(f"ended with {self.exit_code} before {what}")
        return answers[0]

    def _story(self, trouble: str) -> str:
        return f"{' '.join(self.command)}: {trouble}\n{self.output()[-SHOWN:]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def http_status(url: str, *, within: float = 5.0) -> int | None:
    """The status that a GET is answered with; None when nobody answers."""
    # Past any proxy that the machine has for the world outside.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=within) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
