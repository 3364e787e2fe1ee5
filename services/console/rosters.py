"""Taking in a roster at the registry's doors: the file in parts, chunk after chunk, and what became of each row.

Pages and API use it alike. Each chunk is ordered under an id made of the roster and the chunk's number: two browsers
that follow the same import take turns, and none lets a row in twice.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from typing import Any

from flask import g

from services.console.codes import said_code
from services.console.doors import call, command
from services.console.refusals import sentence
from services.console.words import _
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Refusal

PART = 9_000_000
"""Bytes of a file in one message."""
LARGEST = 50 * 1024 * 1024
PATIENCE = 120.0
"""Seconds for a question or order that reads the whole file."""
_A_TURN = 1.2
ROWS = 20
"""Rows to look at on one page."""
GROUPS = ("refused", "duplicate", "notice")
"""What of a roster is looked at, the gravest first."""


def upload(content: bytes) -> str:
    """Keep a file at the registry, in parts; the id of the upload. Raises what the file is refused for by its size."""
    if len(content) > LARGEST:
        raise Refusal("registry.roster_too_large", bytes=len(content), most=LARGEST)
    if not content:
        raise Refusal("registry.roster_empty")
    pieces = [content[start : start + PART] for start in range(0, len(content), PART)]
    upload_id: str | None = None
    for number, piece in enumerate(pieces, 1):
        data: dict[str, Any] = {
            "content": base64.b64encode(piece).decode(),
            "part": number,
            "parts": len(pieces),
        }
        if upload_id is not None:
            data["upload"] = upload_id
        upload_id = command("registry", "upload_roster", data, step=f"part-{number}", timeout=PATIENCE)["upload"]
    return str(upload_id)


def preview(
    upload_id: str, school: str | None = None, *, show: str | None = None, after: str | None = None, limit: int = ROWS
) -> dict[str, Any]:
    """The dry run on an uploaded file, with a page of the rows to look at: all, or those of one group."""
    wanted = {"upload": upload_id, "school": school, "show": show, "after": after, "limit": limit}
    return call("registry", "preview_roster", wanted, timeout=PATIENCE)


def progress(roster: str) -> dict[str, Any]:
    """How an import is getting on."""
    return call("registry", "import_progress", {"roster": roster})


def go_on(roster: str, seconds: float = _A_TURN) -> dict[str, Any]:
    """Let chunks in for about so many seconds, at least one; the progress after the last."""
    answer = progress(roster)
    until = time.monotonic() + seconds
    while answer["state"] == "running":
        g.command_id = derived_id(roster, f"chunk-{answer['done'] + 1}")
        answer = command("registry", "import_chunk", {"roster": roster}, timeout=PATIENCE)
        if time.monotonic() >= until:
            break
    return answer


def result_rows(roster: str) -> Iterator[dict[str, Any]]:
    """What became of each row so far, in the order of the file."""
    after: str | None = None
    while True:
        page = call("registry", "import_result", {"roster": roster, "after": after})
        yield from page["items"]
        after = page["next"]
        if after is None:
            return


def problem_words(problem: dict[str, Any]) -> str:
    """What is wrong with a row, as a sentence in the reader's language."""
    return sentence(Refusal(problem["code"], **problem.get("facts", {})))


def result_headings() -> list[str]:
    """The headings of the result file."""
    return [_("Sheet"), _("Row"), _("Name"), _("What became of it"), _("Column"), _("Why")]


def result_lines(rows: Iterator[dict[str, Any]]) -> Iterator[list[str | int]]:
    """The lines of the result file: one for each row, or for each of its problems."""
    for row in rows:
        head: list[str | int] = [row["sheet"], row["row"], row["name"] or "", said_code("outcome", row["outcome"])]
        if not row["problems"]:
            yield [*head, "", ""]
        for one in row["problems"]:
            yield [*head, one.get("column") or "", problem_words(one)]
