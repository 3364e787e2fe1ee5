"""Files of cases, brought in and taken away at casework's doors in chunks; pages and API use it alike.

Never more than one chunk is in this process's memory. What is taken away is never shown by the browser itself: it is
stored under its name, as the type that casework found from its content.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Response, stream_with_context
from werkzeug.datastructures import FileStorage

from services.console.doors import call, command
from shared.kernel.refusals import Refusal

CHUNK = 1024 * 1024
"""Bytes of a chunk, as casework's door takes it; only the last may have fewer."""
LARGEST = 10 * CHUNK
PATIENCE = 60.0
"""Seconds for the order that looks at the whole file."""
_TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}


def attach(case: str, given: FileStorage, note_class: str) -> dict[str, Any]:
    """Bring a file to casework and attach it; what the door answered, with the reference of the `file`.

    Raises what the file is refused for.
    """
    size = given.stream.seek(0, os.SEEK_END)
    given.stream.seek(0)
    if size > LARGEST:
        raise Refusal("casework.file_too_large", most=LARGEST)
    if not size:
        raise Refusal("casework.file_empty")
    parts = -(-size // CHUNK)
    brought: dict[str, str] = {}
    for part in range(1, parts + 1):
        content = base64.b64encode(given.stream.read(CHUNK)).decode()
        data: dict[str, Any] = {"case": case, "content": content, "part": part, "parts": parts, **brought}
        brought = {"file": command("casework", "upload_file", data, step=f"part-{part}")["file"]}
    # Old browsers send the whole path.
    name = re.split(r"[\\/]", given.filename or "")[-1]
    words = {"case": case, "name": name, "note_class": note_class, **brought}
    return command("casework", "attach_file", words, timeout=PATIENCE) | brought


def download(case: str, file: str) -> Response:
    """The file as an answer that begins before its end is fetched. Raises what reading it is refused for."""
    first = call("casework", "read_file", {"case": case, "file": file, "part": 1})

    def content() -> Iterator[bytes]:
        yield base64.b64decode(first["content"])
        for part in range(2, first["parts"] + 1):
            answer = call("casework", "read_file", {"case": case, "file": file, "part": part})
            yield base64.b64decode(answer["content"])

    kind = _TYPES.get(first["media_type"], "application/octet-stream")
    response = Response(stream_with_context(content()), mimetype=kind)
    # A stream that breaks off is seen to be too short.
    response.content_length = first["size"]
    # Names are Chinese as a rule (RFC 6266, RFC 8187).
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(first['name'] or file, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
