"""`python -m tests.contract.golden`: names the golden files that are missing; with `--write` it makes them."""

from __future__ import annotations

import sys

from tests.contract.golden.samples import golden_of, path_of, written
from tests.contract.owners import all_events


def main(write: bool) -> int:
    """Make what is missing, or say that it is. What is there is never written again."""
    missing = [one for one in all_events() if not path_of(one.type, one.schema_version).exists()]
    for one in missing:
        path = path_of(one.type, one.schema_version)
        if write:
            path.parent.mkdir(exist_ok=True)
            path.write_text(written(golden_of(one)), encoding="utf-8")
        print(f"{'made' if write else 'missing'}: {one.type} version {one.schema_version}")
    return 1 if missing and not write else 0


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
