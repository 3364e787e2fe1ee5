"""`python -m docs.images`: run the embedded demonstration, play the story's first half in a browser, take its pictures.

Nothing in them is a real person: the county is invented, and so are its telephones.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.infrastructure.browser import chromium
from tests.infrastructure.ports import free_port
from tests.infrastructure.services import read_services

HERE = Path(__file__).resolve().parent
SERVED_WITHIN = 180.0
DESK, PHONE = {"width": 1180, "height": 760}, {"width": 390, "height": 760}


@contextmanager
def demonstration(password: str) -> Iterator[str]:
    """The embedded system with a new demonstration county; its address."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOUWANG_")}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "shared.cli.main", "up", "--demo", "--data", folder, "--port", str(port)]
        environment = kept | {"SHOUWANG_DEMO_PASSWORD": password}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        try:
            _wait_for(f"http://127.0.0.1:{port}/readyz", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    ends = time.monotonic() + SERVED_WITHIN
    while time.monotonic() < ends and process.poll() is None:
        try:
            with direct.open(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the demonstration does not answer")


def signed_in(browser: Browser, address: str, account: str, password: str, size: dict[str, int]) -> Page:
    """A page on which somebody has signed in."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        base_url=address,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=account]", account)
    page.fill("[name=password]", password)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def story(browser: Browser, address: str, password: str, into: Path = HERE) -> None:
    """A pupil is absent; the duty officer sees it, opens it; an auditor has the log checked."""

    def take(page: Page, name: str) -> None:
        page.screenshot(path=str(into / f"{name}.png"))
        sys.stdout.write(f"{name}.png\n")

    board = signed_in(browser, address, "duty_officer", password, DESK)
    board.goto("/alerts")
    teacher = signed_in(browser, address, "teacher", password, PHONE)
    teacher.goto("/roll-call")
    if re.search(r"/roll-call/?$", teacher.url):
        teacher.click("main a[href*='/roll-call/']")
    teacher.locator("label[for^='absent-']").first.click()
    take(teacher, "roll-call")
    teacher.click(".send-bar button")
    teacher.wait_for_load_state()
    board.goto("/alerts")
    take(board, "board")
    board.locator(".board li a").last.click()
    board.wait_for_load_state()
    take(board, "alert")
    auditor = signed_in(browser, address, "auditor", password, DESK)
    auditor.goto("/log/registry/verification")
    take(auditor, "log")


def main() -> None:
    """Take every picture."""
    password = secrets.token_hex(12)
    with demonstration(password) as address, chromium(read_services().chromium) as browser:
        story(browser, address, password)


if __name__ == "__main__":
    main()
