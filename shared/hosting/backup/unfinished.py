"""The mark of a restore that is under way in a data directory: until it is taken away, nothing starts there."""

from __future__ import annotations

from pathlib import Path

_MARK = "restore.unfinished"


class RestoreUnfinished(Exception):
    """A restore was begun in the data directory and has not come to its end."""

    def __init__(self, data: Path) -> None:
        super().__init__(f"a restore was begun in {data} and has not ended: do it again with the same backup")


def mark(data: Path) -> None:
    """Say that a restore is under way."""
    (data / _MARK).touch(mode=0o600)


def unmark(data: Path) -> None:
    """Say that it has come to its end."""
    (data / _MARK).unlink(missing_ok=True)


def check_finished(data: Path) -> None:
    """Raises RestoreUnfinished."""
    if (data / _MARK).exists():
        raise RestoreUnfinished(data)
