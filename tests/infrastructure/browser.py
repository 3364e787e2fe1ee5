"""Chromium for tests: started once a worker, a fresh context for each page, any error on the console fails the test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, sync_playwright

FLAGS = [
    "--no-sandbox",  # root, as in a container, has no namespace to give away
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",  # pages are on this machine
]
PHONE, DESK = 360, 1280
"""The two widths, in CSS pixels, at which every page is looked at."""
HEIGHTS = {PHONE: 780, DESK: 900}


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """A running browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, headless=True)
        try:
            yield browser
        finally:
            browser.close()


class Pages:
    """Opens pages for one test and remembers what went wrong on them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._troubles: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def open(
        self,
        width: int = DESK,
        *,
        height: int | None = None,
        language: str = "zh-CN",
        javascript: bool = True,
        base_url: str | None = None,
        dark: bool = False,
        beside: Page | None = None,
    ) -> Page:
        """A blank page.

        Args:
            width: of the window in CSS pixels; `PHONE` also behaves like a telephone (touch).
            height: of the window in CSS pixels.
            language: what the browser asks for (`Accept-Language`).
            javascript: False for a browser that runs no scripts.
            base_url: what relative addresses refer to.
            dark: the person prefers dark colours.
            beside: another page whose cookies this one shares, like a second tab; the rest is then ignored.
        """
        if beside is not None:
            return self._watched(beside.context.new_page())
        context = self._browser.new_context(
            viewport={"width": width, "height": height or HEIGHTS.get(width, 900)},
            locale=language,
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            base_url=base_url,
            color_scheme="dark" if dark else "light",
            is_mobile=width == PHONE,
            has_touch=width == PHONE,
        )
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        return self._watched(context.new_page())

    def expect(self, pattern: str) -> None:
        """Errors that match do not fail the test: for pages that are meant to answer 404 or 422."""
        self._expected.append(re.compile(pattern))

    def troubles(self) -> Sequence[str]:
        """The errors so far that nobody expected."""
        return [line for line in self._troubles if not any(pattern.search(line) for pattern in self._expected)]

    def close(self) -> None:
        """Close every page with its cookies."""
        for context in self._contexts:
            context.close()

    def _watched(self, page: Page) -> Page:
        page.on("console", self._note_message)
        page.on("pageerror", self._note_error)
        return page

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._troubles.append(f"{message.text} ({message.location.get('url', '')})")

    def _note_error(self, error: Error) -> None:
        self._troubles.append(f"uncaught: {error}")
