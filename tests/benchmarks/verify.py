"""Verify an export, as an auditor does: with every entry read, and hashing only. The floor is one SHA-256 an entry.

The targets are of one process against one process; with two, the floor is twice that of one.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.util import find_spec

from tests.benchmarks.figures import Figure, Target
from tests.benchmarks.ground import Ground

MEASURED_BY = "tests.benchmarks.verifying"
ROWS = {"hashes_alone": ("verify an export, hashing only", 0.4), "parsed": ("verify an export, every entry read", 0.1)}


def measure(_on: Ground) -> Iterator[Figure]:
    """What the ledger's own measurement says; a row without a figure where there is no export yet."""
    if find_spec(MEASURED_BY) is None:
        for what, least in ROWS.values():
            yield Figure(what=what, ours=None, missing="not built", targets=(Target("floor", least),))
        return
    found = importlib.import_module(MEASURED_BY).speeds()
    for name, (what, least) in ROWS.items():
        yield Figure(
            what=what,
            ours=getattr(found, name),
            per_second="entries",
            floor=found.floor,
            floor_is="one SHA-256 an entry",
            targets=(Target("floor", least),),
            note="one process, best of five",
        )
    yield Figure(
        what="the same, two processes",
        note="best of five",
        ours=found.both,
        per_second="entries",
        floor=2 * found.floor,
        floor_is="twice that of one process",
    )
