"""Chromium: it shows Chinese, keeps to the width asked for, and a page with an error on its console fails the test."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.infrastructure.browser import PHONE, Pages

pytestmark = pytest.mark.browser


@pytest.fixture
def site(tmp_path: Path) -> str:
    page = "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><h1>守望相助</h1>"
    (tmp_path / "page.html").write_text(page)
    (tmp_path / "broken.html").write_text(page + "<script>missing()</script><img src=missing.png>")
    return tmp_path.as_uri()


def test_a_page_shows_chinese_with_a_font_that_has_it(page: Page, site: str) -> None:
    page.goto(f"{site}/page.html")
    assert page.get_by_role("heading", name="守望相助").is_visible()
    devtools = page.context.new_cdp_session(page)
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    heading = devtools.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    fonts = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": heading})["fonts"]
    assert [font for font in fonts if "CJK" in font["familyName"]], fonts


def test_a_page_has_the_width_the_language_and_the_touch_of_a_phone(pages: Pages, site: str) -> None:
    page = pages.open(PHONE, language="zh-TW")
    page.goto(f"{site}/page.html")
    seen = page.evaluate("[innerWidth, navigator.language, navigator.maxTouchPoints > 0]")
    assert seen == [PHONE, "zh-TW", True]


def test_a_page_without_scripts_runs_none(pages: Pages, site: str) -> None:
    page = pages.open(javascript=False)
    page.goto(f"{site}/broken.html")
    pages.expect("missing.png")
    assert pages.troubles() == []


def test_errors_of_a_page_are_remembered_unless_they_were_expected(pages: Pages, site: str) -> None:
    page = pages.open()
    page.goto(f"{site}/broken.html", wait_until="networkidle")
    troubles = "\n".join(pages.troubles())
    assert "missing is not defined" in troubles
    assert "missing.png" in troubles
    pages.expect("missing")
    assert pages.troubles() == []
