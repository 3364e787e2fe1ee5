"""Checkpoints as files in a directory of the county's choice: proof that has left the house.

Each size has a file of its own, which gains lines as witnesses cosign it and never gets another text: should the log
sign a second root for a size, that stands in a file beside it, because the first is the evidence. `latest` is the
newest of them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


def write_checkpoint(directory: Path, size: int, note: str) -> None:
    """Write the signed note of a size. What goes wrong with the directory is logged: it must not stop the log."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / f"{size:016}.checkpoint"
        if file.exists() and _text(file.read_text(encoding="utf-8")) != _text(note):
            log.error("checkpoint_contradicts_its_file", size=size)
            file = directory / f"{size:016}-{hashlib.sha256(_text(note).encode()).hexdigest()[:16]}.checkpoint"
        _replace(file, note)
        _replace(directory / "latest", note)
    except (OSError, UnicodeDecodeError) as error:
        log.error("checkpoint_not_written", size=size, error=type(error).__name__)  # noqa: TRY400 - no traceback needed


def kept_checkpoints(directory: Path) -> Iterator[str]:
    """The notes that were written to a directory, by size. One that cannot be read is given as empty.

    A directory that is not there is logged and keeps none.
    """
    try:
        files = sorted(directory.glob("*.checkpoint"))
    except OSError as error:
        log.error("checkpoints_not_read", error=type(error).__name__)  # noqa: TRY400 - no traceback needed
        return
    for file in files:
        try:
            yield file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            yield ""


def _text(note: str) -> str:
    """What is signed of a note, without its signature lines."""
    return note.rpartition("\n\n")[0]


def _replace(file: Path, note: str) -> None:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with draft.open("w", encoding="utf-8", newline="\n") as opened:
        opened.write(note)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
