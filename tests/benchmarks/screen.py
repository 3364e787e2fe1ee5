"""How soon an absence is seen on another person's screen: Chromium shows the board, which the server tells of news.

Measured from the moment that the roll call is sent to alerts' door until the browser has painted the child's name on
the duty officer's board, which is never reloaded (server-sent events); on both hosts. The page itself notes when, by
the clock of the same machine: whoever asks the page from outside asks at intervals, of up to 500 ms.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from shared.cli.house import HousedConsole
from shared.config.settings import Settings
from tests.benchmarks.board import heard_of_classes
from tests.benchmarks.county import HOSTS, county
from tests.benchmarks.figures import Figure, Target, percentile
from tests.benchmarks.ground import Ground
from tests.e2e.crew import Crew, name_of
from tests.infrastructure.browser import Pages, chromium
from tests.infrastructure.ports import LOOPBACK, free_port
from tests.infrastructure.services import read_services

SAMPLES = 100
TARGET = 0.3
"""Seconds: 99 of 100 absences, on either host."""
SEEN = """() => {
    window.neverReloaded = true;
    window.seen = {};
    const look = () => document.querySelectorAll(".board li h2").forEach(heading => {
        const name = heading.textContent;
        if (name in seen || !heading.getClientRects().length) return;
        seen[name] = null;
        requestAnimationFrame(() => setTimeout(() => { seen[name] = Date.now() / 1000; }));
    });
    new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
}"""
"""Notes for each heading on the board when the frame that shows it first was done, in seconds since 1970."""
PASSWORD = "quiet-river-stone-41"


def measure(on: Ground) -> Iterator[Figure]:
    """On both hosts."""
    for host in HOSTS:
        with county(host) as crew, chromium(read_services().chromium) as browser, _console(on, crew, host) as address:
            pages = Pages(browser)
            until = _until_visible(crew, _board(pages, address))
            pages.close()
        for hundredth, targets in ((50, ()), (99, (Target("itself", TARGET),))):
            what = f"absence → visible in another browser, p{hundredth} of {SAMPLES}, {host}"
            yield Figure(what=what, ours=percentile(until, hundredth), targets=targets)


@contextmanager
def _console(on: Ground, crew: Crew, host: str) -> Iterator[str]:
    """The console over the county's client, with an account for the duty officer."""
    environment = {
        "SHOUWANG_ENVIRONMENT": "test",
        "SHOUWANG_DATA": str(on.folder / f"console-{host}"),
        "SHOUWANG_KEYS": str(crew.keys),
    }
    (on.folder / f"console-{host}").mkdir()
    settings = dataclasses.replace(Settings.from_environment(environment, None), host=LOOPBACK, port=free_port())
    # It asks of a host only for its client and its clock, and the crew has those of either host.
    console = HousedConsole(settings, crew)
    console.accounts.make("duty_officer", PASSWORD, crew.staff["duty_officer"])
    console.start()
    try:
        yield console.address
    finally:
        console.stop()


def _board(pages: Pages, address: str) -> Page:
    """The board in the duty officer's browser."""
    page = pages.open(base_url=address)
    page.goto("/sign-in")
    page.fill("[name=account]", "duty_officer")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto("/alerts")
    page.evaluate(SEEN)
    return page


def _until_visible(crew: Crew, board: Page) -> list[float]:
    classes = [crew.klass(crew.places["school"], f"（{number}）班", 3) for number in range(20, 20 + SAMPLES)]
    children = [crew.child(300 + number, klass=klass) for number, klass in enumerate(classes)]
    heard_of_classes(crew, classes)
    took = []
    for number, (child, klass) in enumerate(zip(children, classes, strict=True)):
        row = board.locator(".board li", has_text=name_of(300 + number))
        begun = time.time()
        crew.roll_call(child, klass=klass)
        row.first.wait_for(state="visible", timeout=30_000)
        took.append(_seen(board, name_of(300 + number)) - begun)
        alert = crew.on_board(child, limit=100)
        assert alert is not None
        crew.ask("duty_officer", "alerts", "resolve_alert", {"alert": alert["alert"], "outcome": "found_safe"})
        row.first.wait_for(state="detached", timeout=30_000)
    assert board.evaluate("window.neverReloaded === true"), "the board was reloaded"
    return took


def _seen(board: Page, name: str) -> float:
    look = "name => { const one = Object.keys(seen).find(it => it.includes(name)); return one ? seen[one] : null; }"
    found = board.wait_for_function(look, arg=name, timeout=30_000).json_value()
    assert isinstance(found, float | int)
    return float(found)
