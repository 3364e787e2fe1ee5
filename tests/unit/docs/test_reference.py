"""The documents keep up with the house: the reference is current, links lead somewhere, decisions are numbered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.reference.__main__ import HERE, MEASURED, PAGES
from shared.access.permissions import Permission
from shared.cli.commands import COMMANDS
from shared.config.settings import declared
from shared.contracts import LANGUAGE

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)[^)]*\)")
FILE = re.compile(r"`((?:services|shared|tests|docs|deploy)/[\w./-]+\.\w+)`")
NAME = re.compile(r"`([\w/]+\.py):(\w+)(?:\.(\w+))?`")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_says_what_the_code_says(name: str) -> None:
    assert (HERE / name).read_text(encoding="utf-8") == PAGES[name](), "python -m docs.reference"


def test_the_reference_has_no_page_that_nothing_makes() -> None:
    assert {path.name for pattern in ("*.md", "*.json") for path in HERE.glob(pattern)} == {*PAGES, *MEASURED}


def test_every_setting_permission_event_and_command_stands_in_the_reference() -> None:
    text = "\n".join((HERE / name).read_text(encoding="utf-8") for name in PAGES)
    wanted = [variable for one in declared() for variable in one.variables] + [str(one) for one in Permission]
    wanted += [kind for one in LANGUAGE.values() for kind in one.types] + [f"shouwang {name}" for name in COMMANDS]
    assert [one for one in wanted if one not in text] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_links_to_is_there(path: Path) -> None:
    missing = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if not (path.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_files_that_a_document_names_are_there(path: Path) -> None:
    assert [name for name in FILE.findall(path.read_text(encoding="utf-8")) if not (ROOT / name).exists()] == []


def test_the_tour_names_functions_that_there_are() -> None:
    found = NAME.findall((ROOT / "docs" / "tour.md").read_text(encoding="utf-8"))
    assert len(found) > 10
    missing = []
    for file, first, second in found:
        path = ROOT / file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for name in filter(None, (first, second)):
            if not re.search(rf"^\s*(?:def|class) {name}\b|^{name}\b.*=", text, re.MULTILINE):
                missing.append(f"{file}:{name}")
    assert missing == []


def test_decisions_are_numbered_without_gaps_and_say_what_was_decided() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(page.name[:4])}. "), page.name
        headings = re.findall(r"^## (\w+)", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], page.name
        assert re.search(r"^Date: \d{4}-\d\d-\d\d\. Status: \w+", text, re.MULTILINE), page.name
