"""Both servers: pages are answered, live pages stay open beside them, and a stop ends them at once."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.infrastructure.ports import free_port
from tests.infrastructure.processes import Process
from tests.unit.console.conftest import PASSWORD

GRACE = 8.0
"""Seconds that a stop may take; an open live page would hold it for fifteen and more."""


@pytest.fixture(params=["gunicorn", "waitress"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Process]]:
    """A console under each server in turn."""
    port = free_port()
    command = [sys.executable, "-m", "tests.integration.console.served", request.param, str(tmp_path), str(port)]
    with Process(command, output_file=tmp_path / "output") as process:
        process.wait_for_http(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}", process


def signed_in(address: str) -> requests.Session:
    session = requests.Session()
    page = session.get(f"{address}/sign-in", timeout=10).text
    form = re.search(r'action="/sign-in".*?</form>', page, re.DOTALL)
    assert form
    hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[0]))
    answer = session.post(f"{address}/sign-in", hidden | {"account": "wang", "password": PASSWORD}, timeout=10)
    assert (answer.url, answer.status_code) == (f"{address}/today", 200)
    return session


def test_an_upload_of_two_hundred_megabytes_gets_an_answer_and_not_a_cut_connection(
    address: tuple[str, Process],
) -> None:
    url, _ = address
    session = signed_in(url)
    answer = session.post(f"{url}/me/password", files={"file": (b"\0" * 1024 * 1024) * 200}, timeout=60)
    assert answer.status_code == 413
    assert "64 MB" in answer.text


def test_pages_are_answered_while_live_pages_are_open_and_a_stop_ends_them(address: tuple[str, Process]) -> None:
    url, process = address
    session = signed_in(url)
    streams = [session.get(f"{url}/live", stream=True, timeout=30) for _ in range(20)]
    assert all(next(stream.iter_lines()) == b"retry: 3000" for stream in streams)
    assert session.get(f"{url}/today", timeout=10).status_code == 200
    assert process.terminate(within=GRACE) == 0
