"""How fast an export is verified, against the floor of one SHA-256 call an entry: for `make bench`.

Both with one processor, so in one process; and once more with both, where the floor is twice that of one. The ids are
those of real events (UUID version 7), whose times are held against the entries.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.kernel.ids import new_id
from shared.ledger.export import verify_export
from tests.benchmarks.figures import in_turn, rate
from tests.unit.ledger.exports import START, exported, log_of

ENTRIES = 50_000
HASHES_ALONE, PARSED = 0.4, 0.1
"""The least share of the floor's speed: hashing only, and with every entry read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """Entries a second: of the floor, of a verification by hashes alone, and of one that reads every entry.

    `both`: the last with two processes.
    """

    floor: float
    hashes_alone: float
    parsed: float
    both: float


def speeds(entries: int = ENTRIES, *, times: int = 5) -> Speeds:
    """Measure on an export of so many entries with a checkpoint each thousand, in turn; the best of some times."""
    ids = {f"e{at}": {"id": new_id(START + timedelta(seconds=at))} for at in range(entries)}
    log = log_of(entries, tuple(range(0, entries, 1000)), **ids)
    with TemporaryDirectory() as folder:
        export = exported(log, Path(folder) / "export").folder

        def floor() -> None:
            for one in log.entries:
                sha256(one).digest()

        def verified(*, parsed: bool) -> None:
            assert verify_export(export, parsed=parsed).findings == []

        # In turn, as everywhere here: a machine that is busy for a while is busy for all.
        alone: dict[str, Callable[[], object]] = {
            "floor": floor,
            "hashes_alone": partial(verified, parsed=False),
            "parsed": partial(verified, parsed=True),
        }
        with _one_processor():
            rounds = in_turn({name: partial(rate, entries, way) for name, way in alone.items()}, runs=times)
        more = in_turn({"both": partial(rate, entries, alone["parsed"])}, runs=times)
        return Speeds(**{name: max(found) for name, found in (rounds.samples | more.samples).items()})


@contextmanager
def _one_processor() -> Iterator[None]:
    """With one processor the verification does everything in one process."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[-1:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


if __name__ == "__main__":
    found = speeds()
    for what, speed, least in (
        ("hashes alone", found.hashes_alone, HASHES_ALONE),
        ("every entry", found.parsed, PARSED),
    ):
        print(f"{what}: {speed:,.0f}/s of {found.floor:,.0f}/s: {speed / found.floor:.2f}, at least {least}")
