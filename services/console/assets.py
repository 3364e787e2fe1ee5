"""Style sheets and scripts: read once, compressed once, and named by their content so that browsers keep them."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for

from services.console.visits import public

FOLDER = Path(__file__).parent / "static"
static = Blueprint("static", __name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    body: bytes
    small: bytes
    kind: str
    mark: str


@cache
def asset(name: str) -> Asset | None:
    """The file of that name, or None: only names of files that lie directly in the folder exist."""
    path = FOLDER / name
    if path.parent != FOLDER or not path.is_file():
        return None
    body = path.read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(body, gzip.compress(body, 9, mtime=0), kind, hashlib.sha256(body).hexdigest()[:12])


def asset_url(name: str) -> str:
    """The address of a file, with the mark of its content. Raises KeyError for a file that is not there."""
    found = asset(name)
    if found is None:
        raise KeyError(name)
    return url_for("static.file", name=name, v=found.mark)


@static.get("/static/<name>")
@public
def file(name: str) -> Response:
    """A file of the folder, kept for a year by browsers when asked for by its mark."""
    found = asset(name)
    if found is None:
        abort(404)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "").lower()
    response = Response(found.small if zipped else found.body, mimetype=found.kind)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    marked = request.args.get("v") == found.mark
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if marked else "no-cache"
    response.set_etag(found.mark)
    return response.make_conditional(request)  # type: ignore[return-value]
