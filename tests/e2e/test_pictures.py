"""The pictures of the README can be taken anew: its script still finds its way through the pages."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from docs.images.__main__ import HERE, demonstration, story

README = HERE.parents[1] / "README.md"
PNG = b"\x89PNG"


@pytest.mark.browser
def test_every_picture_that_the_readme_shows_is_taken(browser: Browser, tmp_path: Path) -> None:
    password = secrets.token_hex(12)
    with demonstration(password) as address:
        story(browser, address, password, tmp_path)

    taken = {file.name: file.read_bytes()[:4] for file in tmp_path.iterdir()}
    shown = {file.name for file in HERE.glob("*.png")}
    assert taken == dict.fromkeys(shown, PNG)
    assert all(f"docs/images/{name}" in README.read_text() for name in taken)
