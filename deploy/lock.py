"""Resolve the dependencies of `pyproject.toml` into the two lock files: `make lock`, or `make lock UPGRADE=1`.

A lock names versions and hashes for Python 3.11 to 3.13 on every platform, and no address: where packages come from is
the business of the machine that installs them. Versions that still fit stay as they are; `--upgrade` takes the newest.
The resolver (uv) is installed into a throw-away environment, so that it is no dependency of ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
OLDEST_PYTHON = "3.11"
ADDRESSES = ("://", " @ ", "--index", "--extra-index", "--find-links")


def main(words: list[str]) -> int:
    """Write both locks; gives the exit code."""
    upgrade = ["--upgrade"] if "--upgrade" in words else []
    with tempfile.TemporaryDirectory(prefix="shouwang-lock-") as place:
        uv = _install_uv(Path(place))
        _compile(uv, RUNTIME, upgrade)
        # Constrained by the first, so that tests run on the versions that are deployed.
        _compile(uv, DEVELOPMENT, [*upgrade, "--extra=dev", f"--constraint={RUNTIME}"])
    for name in (RUNTIME, DEVELOPMENT):
        found = [mark for mark in ADDRESSES if mark in (ROOT / name).read_text()]
        if found:
            sys.stderr.write(f"lock: {name} holds an address ({found[0].strip()}); do not commit it\n")
            return 1
        pins = sum("==" in line for line in (ROOT / name).read_text().splitlines())
        sys.stderr.write(f"lock: {name}: {pins} packages\n")
    return 0


def _install_uv(place: Path) -> Path:
    venv.create(place, with_pip=True)
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run(
        [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"], check=True
    )
    return programs / "uv"


def _compile(uv: Path, output: str, options: list[str]) -> None:
    # uv does not read pip's settings; a machine that has told pip of its own index means it for both.
    told = {"UV_DEFAULT_INDEX": index} if (index := os.environ.get("PIP_INDEX_URL")) else {}
    subprocess.run(
        [
            str(uv),
            "pip",
            "compile",
            "--quiet",
            "--universal",
            f"--python-version={OLDEST_PYTHON}",
            "--generate-hashes",
            "--no-emit-index-url",
            "--no-emit-find-links",
            "--no-header",
            "--no-annotate",
            f"--output-file={output}",
            *options,
            "pyproject.toml",
        ],
        cwd=ROOT,
        env=told | dict(os.environ),
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
