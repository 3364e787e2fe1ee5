"""The lock files: hashes for every package, an address for none, and versions that `pyproject.toml` asks for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
PYTHONS = ("3.11", "3.12", "3.13")
LOCKS = pytest.mark.parametrize("name", [RUNTIME, DEVELOPMENT])


def entries(name: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Each pinned package of a lock with its hashes."""
    joined = (ROOT / name).read_text().replace("\\\n", " ")
    for line in joined.splitlines():
        pin, *hashes = line.split("--hash=")
        yield Requirement(pin.strip()), [found.strip() for found in hashes]


def pinned(name: str, python: str) -> dict[str, str]:
    """What a lock installs on one Python on Linux: package and version."""
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin, _ in entries(name)
        if pin.marker is None or pin.marker.evaluate(environment)
    }


def wanted(*, development: bool) -> list[Requirement]:
    """What `pyproject.toml` asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = project["dependencies"] + (project["optional-dependencies"]["dev"] if development else [])
    return [Requirement(name) for name in names]


@LOCKS
def test_every_package_is_pinned_to_one_version_and_carries_hashes(name: str) -> None:
    for pin, hashes in entries(name):
        assert re.fullmatch(r"==[^=*,]+", str(pin.specifier)), pin
        assert hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", found) for found in hashes), pin


@LOCKS
def test_a_lock_holds_no_address_and_no_option(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert all(pin.url is None for pin, _ in entries(name))
    assert [line for line in text.splitlines() if line.startswith("-")] == []


@LOCKS
@pytest.mark.parametrize("python", PYTHONS)
def test_a_lock_gives_every_python_what_the_project_asks_for(name: str, python: str) -> None:
    versions = pinned(name, python)
    for requirement in wanted(development=name == DEVELOPMENT):
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not locked"
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement} is locked to {version}"


@pytest.mark.parametrize("python", PYTHONS)
def test_tests_run_on_the_versions_that_are_deployed(python: str) -> None:
    development = pinned(DEVELOPMENT, python)
    assert {name: development.get(name) for name in pinned(RUNTIME, python)} == pinned(RUNTIME, python)
