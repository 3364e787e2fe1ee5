"""Each log under its public address, as C2SP `tlog-tiles` has it: checkpoint, tiles, bundles of entries.

Checkpoint and tiles are for everybody, because a proof counts only where everybody can compare it. They are asked on
the console's own account. Bundles hold the entries themselves: an auditor's, with a session or a bearer token.
"""

from __future__ import annotations

import base64
import gzip
from typing import Any

from flask import Blueprint, Response, abort, request

from services.console import codes as w
from services.console.context import here
from services.console.doors import call
from services.console.visits import needs, programs_too, public
from shared.ledger.tiles import ENTRIES, MOST_LEVEL, Tile, tile_at

pages = Blueprint("tiles", __name__)
_FOR_GOOD = "public, max-age=31536000, immutable"
_FOR_A_WHILE = "public, max-age=3600"
"""Seconds. What is partial never changes either, but nobody asks for it any more once it is full."""


@pages.get("/log/<service>/checkpoint")
@public
def checkpoint(service: str) -> Response:
    """The latest signed note, for everybody, as text."""
    known(service)
    note = ask_checkpoint(service)["note"]
    if note is None:
        abort(404)
    response = Response(note, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/log/<service>/tile/<int:level>/<path:index>")
@public
def tile(service: str, level: int, index: str) -> Response:
    """Hashes of the tree, for everybody."""
    known(service)
    wanted = tile_at(level, index) if level <= MOST_LEVEL and f"/tile/{level}/" in request.path else None
    if wanted is None:
        abort(404)
    asked = {"level": wanted.level, "index": wanted.index, "width": wanted.width}
    hashes = _ask(service, "log_tile", asked)["tile"]
    return _binary(base64.b64decode(hashes), _FOR_GOOD if wanted.full else _FOR_A_WHILE)


@pages.get("/log/<service>/tile/entries/<path:index>")
@needs("log:entry:view")
@programs_too
def bundle(service: str, index: str) -> Response:
    """The entries below a tile of leaves, as they were hashed. No cache keeps them but the reader's own."""
    known(service)
    wanted: Tile | None = tile_at(ENTRIES, index)
    if wanted is None:
        abort(404)
    found = call(service, "log_bundle", {"index": wanted.index, "width": wanted.width})["bundle"]
    kept = "private, max-age=31536000, immutable" if wanted.full else "private, no-cache"
    return _binary(base64.b64decode(found), kept, shrinks=True)


def known(service: str) -> None:
    """Answer 404 for a log that there is not."""
    if service not in w.SERVICES:
        abort(404)


def ask_checkpoint(service: str) -> dict[str, Any]:
    """The checkpoint, asked on the console's own account: nobody need be signed in for it."""
    return _ask(service, "checkpoint", {})


def _ask(service: str, door: str, data: dict[str, Any]) -> dict[str, Any]:
    token = here().signer.issue("system:console", "public", "checkpoint", "system")
    answer: dict[str, Any] = here().client.call(service, door, data, token=token, timeout=5.0)
    return answer


def _binary(body: bytes, kept: str, *, shrinks: bool = False) -> Response:
    response = Response(body, mimetype="application/octet-stream")
    response.headers["Cache-Control"] = kept
    if shrinks:
        response.vary.add("Accept-Encoding")
        if "gzip" in request.headers.get("Accept-Encoding", "").lower():
            response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
    return response
