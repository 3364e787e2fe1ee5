"""Debian's packages, installed as root when something is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache

from tests.infrastructure.provision import CannotProvide

Say = Callable[[str], None]


def can_install() -> bool:
    """Whether this is Debian (or a child of it) and we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str], say: Say) -> None:
    """Install packages with what they need and nothing recommended beside.

    Raises:
        CannotProvide: apt-get failed; with the last line that it said.
    """
    say(f"installing {' '.join(packages)} …")
    _update()
    _apt("install", "--yes", "--no-install-recommends", *packages)


@cache
def _update() -> None:
    _apt("update")


def _apt(*words: str) -> None:
    done = subprocess.run(
        ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", *words],
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise CannotProvide(f"apt-get {words[0]} failed: {' '.join(last) or done.returncode}")
