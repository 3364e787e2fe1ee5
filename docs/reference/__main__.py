"""`python -m docs.reference`: write the pages of the reference anew."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.reference import breaking, language
from docs.reference.asyncapi import asyncapi
from docs.reference.doors import doors, events
from docs.reference.pages import commands, permissions, settings

HERE = Path(__file__).resolve().parent
PAGES = {
    "settings.md": settings,
    "permissions.md": permissions,
    "events.md": events,
    "doors.md": doors,
    "commands.md": commands,
    "asyncapi.json": asyncapi,
}
"""Each page and what makes its text."""
MEASURED = {"benchmarks.md"}
"""Pages that `make bench` writes, because they follow from a machine and not from the code alone."""


def main() -> int:
    """Write every page, and name those that changed.

    Where the published language would break a reader, that is said instead, nothing is written, and the exit is 1.
    """
    schemas, readers = language.promised()
    broken = breaking.breaks(schemas, language.schemas()) + breaking.reader_breaks(readers, language.readers())
    if broken:
        sys.stderr.write("the published language would break its readers:\n")
        sys.stderr.writelines(f"  {one}\n" for one in broken)
        return 1
    for name, make in PAGES.items():
        path, text = HERE / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{name}\n")
    sys.stdout.writelines(f"{name}\n" for name in language.write())
    return 0


if __name__ == "__main__":
    sys.exit(main())
