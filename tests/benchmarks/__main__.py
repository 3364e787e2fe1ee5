"""`python -m tests.benchmarks [NAME …]`: measure what is named, or everything, and print one table.

Each figure stands beside its floor and its peer, measured on the same cores in turn with it, because a rate alone says
more about the machine than about the system. It is also written to `docs/reference/benchmarks.md`.
`long` runs the history of a million events under kills, or of as many as BENCH_LONG says; it is no part of everything.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import traceback

from tests.benchmarks.figures import Figure, missed, shown
from tests.benchmarks.ground import ground, keep_to_two_cores
from tests.benchmarks.page import write
from tests.infrastructure.services import ROOT

STORE = ("append", "writers", "replay", "aggregate", "sqlite", "relay", "verify", "rebuild", "door", "history")
"""What is measured on two cores."""
SYSTEM = ("roster", "board", "screen", "pages", "start")
"""What is measured on all of them."""
LONG = "1000000"
"""How many events the long history has, where BENCH_LONG says nothing."""


def main(names: list[str]) -> int:
    """Measure and print; gives the exit code: a missed target is no error, it is said."""
    if names == ["long"]:
        return _long()
    unknown = sorted(set(names) - {*STORE, *SYSTEM})
    if unknown:
        sys.stderr.write(f"no such benchmark: {', '.join(unknown)}; there are {', '.join((*STORE, *SYSTEM))}\n")
        return 2
    measured: dict[str, list[Figure]] = {}
    # The system first: cores that were given up do not come back.
    for name in [one for one in (*SYSTEM, *STORE) if one in names or not names]:
        if name in STORE:
            keep_to_two_cores()
        measured[name] = _measured(name)
    figures = [one for some in measured.values() for one in some]
    lines = missed(figures) or ["every target that was measured is met"]
    print("\n".join(["", shown(figures), "", *lines]))
    print(f"written to {write(measured, (*SYSTEM, *STORE)).relative_to(ROOT)}")
    return 0


def _measured(name: str) -> list[Figure]:
    module = importlib.import_module(f"tests.benchmarks.{name}")
    figures: list[Figure] = []
    try:
        with ground() as on:
            for one in module.measure(on):
                figures.append(one)
                print(shown([one]).splitlines()[1], flush=True)
    except Exception as error:  # noqa: BLE001 - the others are measured all the same, and the table says it
        traceback.print_exc()
        figures.append(Figure(what=name, ours=None, missing=f"failed: {type(error).__name__}"))
    return figures


def _long() -> int:
    # Uncaptured: it says every few seconds how far it is.
    command = [sys.executable, "-m", "pytest", "-q", "-s", "tests/faults/test_history.py"]
    return subprocess.run(command, cwd=ROOT, env={"BENCH_LONG": LONG, **os.environ}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
