"""Chromium as Debian packages it, fonts that show Chinese, and the library that Playwright's driver is linked to."""

from __future__ import annotations

import shutil
import subprocess

from playwright._impl._driver import compute_driver_executable

from tests.infrastructure.provision import CannotProvide
from tests.infrastructure.provision.debian import Say, can_install, install

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
BROWSER, FONTS, LIBRARY = "chromium", "fonts-noto-cjk", "libatomic1"


def find_or_install(say: Say) -> str:
    """The browser's program; what is missing is installed as root.

    Raises:
        CannotProvide: something is missing and cannot be installed from here.
    """
    missing = _missing()
    if missing:
        if not can_install():
            packages = " ".join(missing)
            raise CannotProvide(f"install {packages} (on Debian, as root: apt-get install {packages})")
        install(missing, say)
        missing = _missing()
    program = _program()
    if missing or program is None:
        raise CannotProvide(f"{', '.join(missing)} was installed and still does not serve")
    return program


def _missing() -> list[str]:
    there = {BROWSER: _program() is not None, FONTS: _shows_chinese(), LIBRARY: _driver_runs()}
    return [package for package, serves in there.items() if not serves]


def _program() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _shows_chinese() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _driver_runs() -> bool:
    driver, _ = compute_driver_executable()
    return subprocess.run([driver, "--version"], capture_output=True, check=False).returncode == 0
