"""A page that uses a class of a style sheet of its own loads that sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CONSOLE = Path(__file__).resolve().parents[3] / "services" / "console"
ALWAYS = ("tokens.css", "parts.css", "frame.css", "print.css")
_CLASS = re.compile(r"\.([a-z][a-z0-9-]*)")
_USED = re.compile(r'class="([^"]*)"')
_FROM = re.compile(r'{%-? *(?:extends|include|import|from) *"([^"]+)"')


def classes_of(sheet: str) -> set[str]:
    """The classes for which a style sheet has a rule."""
    rules = re.sub(r"{[^{}]*}", "{}", (CONSOLE / "static" / sheet).read_text())
    return set(_CLASS.findall(rules))


COMMON = set().union(*map(classes_of, ALWAYS))
SHEETS = {sheet: classes_of(sheet) - COMMON for sheet in ("work.css", "wall.css")}


def whole(name: str) -> str:
    """A template with all that it takes in, but for the frame around every page."""
    text = (CONSOLE / "templates" / name).read_text()
    return text + "".join(whole(one) for one in _FROM.findall(text) if one not in ("base.html", "parts/ui.html"))


def pages() -> list[str]:
    templates = CONSOLE / "templates"
    found = [str(file.relative_to(templates)) for file in templates.rglob("*.html")]
    return sorted(one for one in found if '{% extends "base.html" %}' in (templates / one).read_text())


@pytest.mark.parametrize("page", pages())
def test_a_page_loads_the_sheets_of_the_classes_that_it_uses(page: str) -> None:
    text = whole(page)
    used = {word for one in _USED.findall(text) for word in re.sub(r"{{.*?}}|{%.*?%}", " ", one).split()}
    missing = {sheet: sorted(used & own) for sheet, own in SHEETS.items() if used & own and sheet not in text}
    assert missing == {}
