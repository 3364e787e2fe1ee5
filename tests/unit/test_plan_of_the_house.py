"""The plan of the house: what stands outside it, grows past its measure or says what it must not, fails the build.

import-linter keeps which room may import which; this adds where files may lie and what may stand in them. A new room
is a line here, with the change that needs it.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("registry", "casework", "alerts", "funding")
MOST_LINES = 300
ONE_FILE = {PurePosixPath("shared/ledger/export/verify.py")}  # an auditor carries it away and reads it alone

HOUSE = {
    ".ci",
    ".dockerignore",
    ".gitignore",
    ".importlinter",
    "CHANGELOG.md",
    "Makefile",
    "README.md",
    "deploy",
    "docker-compose.yml",
    "docs",
    "pyproject.toml",
    "requirements-dev.lock",
    "requirements.lock",
    "services",
    "shared",
    "tests",
}
ROOMS_OF_A_SERVICE = {
    "__init__",
    "service",
    "wiring",
    "schemas",
    "handlers",
    "reactions",
    "views",
    "queries",
    "domain",
    "migrations",
}
ROOMS_OF_ONE_SERVICE = {
    "registry": {"rosters"},  # reads spreadsheets as schools send them
}
FOLDERS_OF_THE_CONSOLE = {
    "accounts",
    "api",
    "codes",
    "migrations",
    "pages",
    "refusals",
    "static",
    "templates",
    "translations",
}
ROOMS_OF_SHARED = {
    "__init__",
    "access",
    "cli",
    "config",
    "contracts",
    "demo",
    "eventstore",
    "hosting",
    "kernel",
    "ledger",
    "localisation",
    "messaging",
    "observability",
    "storage",
    "testing",
    "vault",
}
ROOMS_OF_TESTS = {
    "__init__.py",
    "benchmarks",
    "conftest.py",
    "contract",
    "e2e",
    "faults",
    "infrastructure",
    "integration",
    "prepare.py",
    "unit",
}
ROOMS_OF_DOCS = {"adr", "glossary.md", "how-to", "images", "reference", "tour.md"}
MEASURED = {".css", ".html", ".js", ".mako", ".py", ".sh", ".toml", ".yml"}

OF_ONE_MACHINE = re.compile(r"(?<![\w.}*])/(?:work|root|home|Users|opt/wheels|opt/pypi[\w-]*)/|[A-Z]:\\Users")
PACKAGE_INDEX = re.compile(r"pypi\.org|pythonhosted|npmjs|crates\.io|mirrors?\.\w+\.\w+|conda\.anaconda", re.IGNORECASE)
OF_ITS_MAKING = re.compile(
    r"(?<!user[ -])(?<!user_)\bagents?\b|\bsub-?agents?\b|helper sessions?"
    r"|\b(?:claude|anthropic|openai|chatgpt|copilot|llms?)\b",
    re.IGNORECASE,
)


@cache
def files() -> tuple[PurePosixPath, ...]:
    """Every file that is in version control or would be with the next `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (PurePosixPath(name.decode()) for name in listed.stdout.split(b"\0") if name)
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


def under(*folders: str) -> Iterator[PurePosixPath]:
    """The files in a folder, at any depth."""
    return (path for path in files() if path.parts[: len(folders)] == folders)


def texts() -> Iterator[tuple[PurePosixPath, str]]:
    """Every file that is text, but for this one, which names what it forbids."""
    for path in files():
        if (ROOT / path) == Path(__file__).resolve():
            continue
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            yield path, content.decode(errors="replace")


def outside(paths: Iterable[PurePosixPath], depth: int, allowed: set[str]) -> list[str]:
    """The files whose part at `depth` is no room of the plan; `name` allows `name.py` and the folder `name`."""
    return [
        str(path)
        for path in paths
        if path.parts[depth] not in allowed
        and not (len(path.parts) == depth + 1 and path.suffix == ".py" and path.stem in allowed)
    ]


def hits(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands: file, line and the words."""
    return [
        f"{path}:{number}: {found.group()}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        for found in pattern.finditer(line)
    ]


def imports(path: PurePosixPath) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def foreign(path: PurePosixPath, own: tuple[str, ...]) -> list[str]:
    """What a file imports beside the standard library and the packages in `own`."""
    return [
        f"{path} imports {name}"
        for name in imports(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not any(name == room or name.startswith(f"{room}.") for room in own)
    ]


def test_nothing_lies_outside_the_house() -> None:
    assert outside(files(), 0, HOUSE) == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_rooms_of_the_plan_and_no_other(service: str) -> None:
    allowed = ROOMS_OF_A_SERVICE | ROOMS_OF_ONE_SERVICE.get(service, set())
    assert outside(under("services", service), 2, allowed) == []


def test_there_are_four_services_and_the_console() -> None:
    assert outside(under("services"), 1, {"__init__", "console", *SERVICES}) == []


def test_the_console_has_the_folders_of_the_plan_and_no_other() -> None:
    folders = [path for path in under("services", "console") if len(path.parts) > 3]
    assert outside(folders, 2, FOLDERS_OF_THE_CONSOLE) == []


def test_shared_has_the_rooms_of_the_plan_and_no_other() -> None:
    assert outside(under("shared"), 1, ROOMS_OF_SHARED) == []


def test_tests_and_documents_lie_where_the_plan_puts_them() -> None:
    assert outside(under("tests"), 1, ROOMS_OF_TESTS) == []
    assert outside(under("docs"), 1, ROOMS_OF_DOCS) == []


def test_no_file_outgrows_its_measure() -> None:
    long = {
        str(path): lines
        for path in files()
        if path.suffix in MEASURED
        and path not in ONE_FILE
        and not path.name.startswith("test_")
        and (lines := (ROOT / path).read_bytes().count(b"\n")) > MOST_LINES
    }
    assert long == {}, "a file past the measure becomes a folder of the same import name"


@pytest.mark.parametrize("service", SERVICES)
def test_a_domain_imports_the_kernel_and_the_standard_library_only(service: str) -> None:
    room = f"services.{service}.domain"
    paths = [path for path in files() if path.suffix == ".py" and ".".join(path.with_suffix("").parts).startswith(room)]
    assert [line for path in paths for line in foreign(path, (room, "shared.kernel"))] == []


def test_the_kernel_imports_the_standard_library_only() -> None:
    paths = [path for path in under("shared", "kernel") if path.suffix == ".py"]
    assert [line for path in paths for line in foreign(path, ("shared.kernel",))] == []


def test_no_file_names_a_place_on_one_machine() -> None:
    assert hits(OF_ONE_MACHINE) == []


def test_no_file_names_a_package_index() -> None:
    assert hits(PACKAGE_INDEX) == []


def test_no_file_speaks_of_how_it_was_made() -> None:
    assert hits(OF_ITS_MAKING) == []


@pytest.mark.parametrize(
    ("pattern", "refused", "allowed"),
    [
        (OF_ONE_MACHINE, "see /home/li/notes", "the tree's size/root/ and https://example.org/home/"),
        (PACKAGE_INDEX, "https://pypi.org/simple", "a package index"),
        (OF_ITS_MAKING, "written by an agent", "the browser's User-Agent, user agent"),
    ],
)
def test_the_forbidden_words_are_found_and_their_neighbours_are_not(
    pattern: re.Pattern[str], refused: str, allowed: str
) -> None:
    assert pattern.search(refused)
    assert not pattern.search(allowed)
