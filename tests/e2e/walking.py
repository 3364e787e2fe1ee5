"""Walks the console as each role: every page that links lead to, with what it weighs, how long it took, what it says.

It asks over HTTP as a browser does, without drawing anything: `test_every_page.py` draws what was found here.
"""

from __future__ import annotations

import dataclasses
import gzip
import http.client
import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

from services.console.visits import COOKIE
from shared.access.roles import Role
from shared.cli.house import HousedConsole
from shared.demo.load import load_demo
from shared.testing.hosts import embedded_system
from tests.e2e.restricting import People, leave_waiting
from tests.infrastructure.browser import Pages
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.ports import LOOPBACK, free_port

PASSWORD = "quiet-river-stone-41"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ELSEWHERE = ("/api", "/static", "/live", "/log/")
"""What is no page: for programs, for scripts, and the public parts of logs."""
_SAID_IN = ("aria-label", "title", "placeholder", "alt", "data-busy", "data-said", "data-copied", "data-label")
_SILENT = ("script", "style", "svg", "code")


@dataclass
class Seen:
    """A page as it came: `kind` is its path with references left open, `words` all that it says."""

    role: str
    path: str
    status: int
    weight: int
    seconds: float
    links: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    shape: frozenset[str] = frozenset()
    html: str = ""

    @property
    def kind(self) -> str:
        return kind_of(self.path)


def kind_of(path: str) -> str:
    """A path with its references left open."""
    return _ID.sub("{id}", path)


@dataclass
class Country:
    """The running demonstration, a session for each role, and what each role finds there.

    `besides` are pages of a kind that was seen, on which something else is to be done (`restricting`).
    """

    address: str
    secrets: dict[str, str]
    seen: list[Seen]
    besides: list[Seen] = field(default_factory=list)

    def distinct(self) -> list[Seen]:
        """One page of each kind, seen by the role that is offered most on it; and those besides."""
        found: dict[str, Seen] = {}
        for one in self.seen:
            if one.status == 200 and len(one.shape) > len(found[one.kind].shape if one.kind in found else ()):
                found[one.kind] = one
        return [*found.values(), *self.besides]

    def path(self, role: str, kind: str) -> str:
        """A page of this kind that the role found."""
        return next(one.path for one in self.seen if (one.role, one.kind, one.status) == (role, kind, 200))


@contextmanager
def demonstration(folder: Path) -> Iterator[Country]:
    """The demonstration served from `folder`, walked once by every role; it is gone at the end of the block."""
    with ExitStack() as stack:
        system = stack.enter_context(embedded_system(folder, MovedClock(folder / "clock").path))
        assert system.host is not None
        settings = dataclasses.replace(system.host.settings, host=LOOPBACK, port=free_port())
        console = HousedConsole(settings, system.host)
        load_demo(system.client, keys=system.keys, clock=system.clock, accounts=console.accounts, password=PASSWORD)
        console.start()
        stack.callback(console.stop)
        secrets = {str(role): console.accounts.sign_in(role, PASSWORD, f"role {role}")[0] for role in Role}
        seen: list[Seen] = []
        for role, secret in secrets.items():
            with closing(Walker(console.address, role, secret)) as walker:
                seen += walker.walk()
        besides = []
        for role, path in leave_waiting(People(system, lambda one: str(console.accounts.find(one).staff))):
            with closing(Walker(console.address, role, secrets[role])) as walker:
                page = walker.look(path)
                assert page is not None
                besides.append(page)
        yield Country(console.address, secrets, seen, besides)


def open_as(country: Country, pages: Pages, role: str, width: int, language: str, *, javascript: bool = True) -> Page:
    """A browser of a role's own."""
    page = pages.open(width, base_url=country.address, language=language, javascript=javascript)
    act_as(country, page, role)
    return page


def act_as(country: Country, page: Page, role: str) -> None:
    """Put the session of another role into a page's browser, which keeps what it has loaded."""
    page.context.add_cookies([{"name": COOKIE, "value": country.secrets[role], "url": country.address}])


class Walker:
    """Asks for pages of one role, over one connection."""

    def __init__(self, address: str, role: str, secret: str, language: str = "zh-CN") -> None:
        parts = urlsplit(address)
        self.role, self._language = role, language
        self._cookie = f"{COOKIE}={secret}"
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)

    def look(self, path: str) -> Seen | None:
        """A page; None where the answer is none (a file, a way on)."""
        begun = time.perf_counter()
        response, body = self._get(path)
        took = time.perf_counter() - begun
        if not (response.getheader("Content-Type") or "").startswith("text/html"):
            return None
        if response.status in (302, 303):
            return self.look(str(response.getheader("Location")))
        html = (gzip.decompress(body) if response.getheader("Content-Encoding") == "gzip" else body).decode()
        read = _Reader()
        read.feed(html)
        return Seen(
            self.role, path, response.status, len(body), took, read.links, read.assets, read.words,
            frozenset(read.shape), html,
        )  # fmt: skip

    def weight(self, path: str) -> int:
        """Bytes of a file as they come over the wire."""
        return len(self._get(path)[1])

    def walk(self, most: int = 80) -> Iterator[Seen]:
        """Every kind of page that is reached by links, one of each, from where the role begins."""
        known, waiting = {"/"}, deque(["/", "/me"])
        while waiting and most:
            page = self.look(waiting.popleft())
            most -= 1
            if page is None:
                continue
            yield page
            for link in page.links:
                if kind_of(link) not in known:
                    known.add(kind_of(link))
                    waiting.append(link)

    def close(self) -> None:
        self._connection.close()

    def _get(self, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        headers = {"Cookie": self._cookie, "Accept-Language": self._language, "Accept-Encoding": "gzip"}
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        return response, response.read()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.assets: list[str] = []
        self.words: list[str] = []
        self.shape: set[str] = set()
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._silent += tag in _SILENT
        self.shape |= {f"{tag}.{one}" for one in given.get("class", "").split()} | {f"{tag}#{given.get('name', '')}"}
        href = given.get("href", "").partition("#")[0].partition("?")[0]
        if tag == "a" and href.startswith("/") and not href.startswith(_ELSEWHERE):
            self.links.append(href)
        if (tag == "link" and given.get("rel") in ("stylesheet", "icon")) or (tag == "script" and "src" in given):
            self.assets.append(given.get("href") or given["src"])
        self.words += [given[name].strip() for name in _SAID_IN if given.get(name, "").strip()]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._silent:
            self.words.append(data.strip())
