"""How fast an export is verified, against the floor of one SHA-256 call an entry: for `make bench`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.ledger.export import verify_export
from tests.benchmarks.figures import in_turn, rate
from tests.unit.ledger.exports import exported, log_of

ENTRIES = 50_000
HASHES_ALONE, PARSED = 0.4, 0.1
"""The least share of the floor's speed: hashing only, and with every entry read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """Entries a second: of the floor, of a verification by hashes alone, and of one that reads every entry."""

    floor: float
    hashes_alone: float
    parsed: float


def speeds(entries: int = ENTRIES, *, times: int = 5) -> Speeds:
    """Measure on an export of so many entries with a checkpoint each thousand, in turn; the best of some times."""
    log = log_of(entries, tuple(range(0, entries, 1000)))
    with TemporaryDirectory() as folder:
        export = exported(log, Path(folder) / "export").folder

        def floor() -> None:
            for one in log.entries:
                sha256(one).digest()

        def verified(*, parsed: bool) -> None:
            assert verify_export(export, parsed=parsed).findings == []

        # In turn, as everywhere here: a machine that is busy for a while is busy for all.
        ways: dict[str, Callable[[], object]] = {
            "floor": floor,
            "hashes_alone": partial(verified, parsed=False),
            "parsed": partial(verified, parsed=True),
        }
        rounds = in_turn({name: partial(rate, entries, way) for name, way in ways.items()}, runs=times)
        return Speeds(**{name: max(found) for name, found in rounds.samples.items()})


if __name__ == "__main__":
    found = speeds()
    for what, speed, least in (
        ("hashes alone", found.hashes_alone, HASHES_ALONE),
        ("every entry", found.parsed, PARSED),
    ):
        print(f"{what}: {speed:,.0f}/s of {found.floor:,.0f}/s: {speed / found.floor:.2f}, at least {least}")
