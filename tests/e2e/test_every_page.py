"""Every page of every role over the demonstration: in three languages, on a phone and at a desk, with and without
scripts, by keyboard alone.

A page is drawn for the role that is offered most on it: in every language at both widths, in one of them without
scripts, and looked at once by axe.
"""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from services.console.catalogues import FOLDER, read_words
from shared.access.roles import Role
from shared.localisation.languages import to_traditional
from tests.e2e.walking import Country, Seen, Walker, act_as, open_as
from tests.infrastructure.browser import DESK, HEIGHTS, PHONE, Pages
from tests.infrastructure.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("every page")]
LANGUAGES = ("zh-CN", "zh-TW", "en")
FIRST_LOAD, SLOWEST = 60_000, 2.0
"""Bytes, and seconds: a bound that a busy machine keeps; `make bench` measures against the target."""
MEANT_SO = {"CSV", "Excel", "English", "API", "PDF", "JPEG", "PNG", "MB", "JSON"}
"""Latin words of Chinese pages. Logins, addresses and hashes are recognised by their form."""
REACHED = """[...document.querySelectorAll("a[href],button,input,select,textarea,summary")]
    .filter(one => one.checkVisibility() && !one.disabled && one.type !== "hidden")"""
"""What the tabulator key should reach, in order."""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}


def test_every_link_of_every_role_leads_to_a_page_that_it_may_see(country: Country) -> None:
    # A class beyond one's reach answers with what is missing: which ones those are only the door knows.
    beyond = {"/places/classes/{id}"}
    refused = [
        (str(one.role), one.path, one.status)
        for one in country.seen
        if one.status != 200 and (one.status != 403 or one.kind not in beyond)
    ]
    assert refused == [], refused
    assert {one.role for one in country.seen} == set(Role)
    assert len({one.kind for one in country.seen}) > 35


def test_requests_that_wait_are_looked_at_by_who_has_to_act(country: Country) -> None:
    assert {one.status for one in country.besides} == {200}
    offered = "".join(one.html for one in country.besides)
    for action in ("approval", "refusal", "withdrawal", "lifting", "lifting/approval", "lifting/withdrawal", "end"):
        assert re.search(rf'action="/(erasures|openings)/[0-9a-f-]{{36}}/{action}"', offered), action


def test_a_first_visit_costs_less_than_sixty_kilobytes_and_no_page_is_slow(country: Country) -> None:
    with closing(Walker(country.address, "", "")) as walker:
        assets = {path: walker.weight(path) for path in {path for one in country.seen for path in one.assets}}
    heavy = {one.path: weight for one in country.seen if (weight := first_load(one, assets)) > FIRST_LOAD}
    assert heavy == {}
    assert [(one.path, one.seconds) for one in country.seen if one.seconds > SLOWEST] == []


def first_load(page: Seen, assets: dict[str, int]) -> int:
    return page.weight + sum(assets[path] for path in set(page.assets))


def test_no_page_of_any_role_shows_a_code_or_words_of_another_language(country: Country) -> None:
    simplified = read_words(FOLDER / "zh_Hans")
    chinese = {said for said in simplified.values() if re.search(r"[一-鿿]", said)}
    wrong: set[tuple[str, str, str]] = set()
    for language in LANGUAGES:
        for role, secret in country.secrets.items():
            with closing(Walker(country.address, role, secret, language)) as walker:
                for path in (one.path for one in country.distinct() if one.role == role):
                    page = walker.look(path)
                    for words in page.words if page else ():
                        if re.fullmatch(r"[a-z]+([._][a-z]+)+", words) and words not in country.secrets:
                            wrong.add((language, path, words))
                        if language == "en" and words in chinese:
                            wrong.add((language, path, words))
                        if language == "zh-CN" and (words in simplified or latin(words)):
                            wrong.add((language, path, words))
                        if language == "zh-TW" and words in chinese and to_traditional(words) != words:
                            wrong.add((language, path, words))
    assert wrong == set()


def latin(words: str) -> bool:
    """Whether a Chinese page speaks English: two words in a row."""
    return bool(re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", " ".join(set(words.split(" ")) - MEANT_SO)))


STYLED = """() => [...document.querySelectorAll("link[rel=stylesheet]")]
    .every(one => one.sheet && (one.media === "print" || one.sheet.cssRules.length > 0))"""
"""Whether a page has all its style sheets: without scripts the document is there before they are."""


def overflow(page: Page) -> list[str]:
    """What makes a page wider than the window, or nothing."""
    found: list[str] = page.evaluate("""() => {
        const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return [];
        return [...document.querySelectorAll("main *")].filter(one => one.getBoundingClientRect().right > wide + 1)
            .slice(0, 3).map(one => one.tagName + "." + one.className);
    }""")
    return found or (["body"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else [])


@pytest.mark.parametrize(
    ("language", "javascript", "with_axe"),
    [("en", True, False), ("zh-TW", False, False), ("zh-CN", True, True)],
    ids=["en", "zh-Hant-without-scripts", "zh-Hans-with-axe"],
)
def test_no_page_scrolls_sideways_on_a_phone_or_at_a_desk_and_axe_finds_nothing(
    country: Country, pages: Pages, language: str, javascript: bool, with_axe: bool
) -> None:
    page = open_as(country, pages, "auditor", PHONE, language, javascript=javascript)
    wrong: list[tuple[str, str, object]] = []
    for one in sorted(country.distinct(), key=lambda each: each.role):
        act_as(country, page, one.role)
        page.goto(one.path, wait_until="domcontentloaded")
        eventually(lambda: page.evaluate(STYLED), what=f"the style sheets of {one.path}")
        # One load for both widths: a page knows its width by its style sheet alone.
        for width in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            if wide := overflow(page):
                wrong.append((one.role, one.path, (width, wide)))
        if with_axe:
            for found in Axe().run(page, options=RULES).response["violations"]:
                wrong.append((one.role, one.path, (found["id"], found["nodes"][0]["html"][:200])))
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", ["duty_officer", "county_admin"])
def test_by_keyboard_alone_everything_is_reached_in_order_and_the_focus_is_seen(
    country: Country, pages: Pages, role: str
) -> None:
    page = open_as(country, pages, role, DESK, "en")
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto("/")
    count = page.evaluate(f"() => ({REACHED}).length")
    for at in range(count):
        page.keyboard.press("Tab")
        # Asked anew each time: a live page replaces its rows and keeps the focus.
        here = page.evaluate("""at => {
            const one = document.activeElement;
            const rings = [one, one.parentElement, one.closest("form") || one].map(each => getComputedStyle(each));
            const ringed = rings.some(each => each.outlineStyle !== "none" || each.boxShadow !== "none");
            return [(REACHED).indexOf(one), ringed, one.outerHTML]
        }""".replace("REACHED", REACHED), at)  # fmt: skip
        assert here[:2] == [at, True], here[2][:200]


def test_menu_and_dialogs_open_and_close_by_keyboard_and_give_the_focus_back(country: Country, pages: Pages) -> None:
    page = open_as(country, pages, "county_admin", DESK, "en")
    page.goto("/")
    page.focus("details.menu > summary")
    page.keyboard.press("Enter")
    assert page.locator("details.menu .sheet").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("details.menu .sheet").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "query"
